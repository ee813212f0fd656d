/* Regular files over their vnode's VMO, directories, and O_PATH files.
 *
 * The VMO is the contents and its size the file's size. A write holds vnode->lock from choosing the
 * place (O_APPEND) to the last byte, so appends never mix and truncation waits; a read takes no
 * lock of ours. The user's buffer may be a mapping of the same file: faults take the address space's and the VMO's
 * lock only, and vmo_*_user resolve none while they hold the VMO's. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "vfs/file_priv.h"
#include "vm/usercopy.h"

static NOINLINE int vmo_fetch(struct file *f, struct vmo **out)
{
    struct vmo *vmo;
    if (!f->vnode->ops->get_vmo)
        return -EINVAL;
    int r = f->vnode->ops->get_vmo(f->vnode, &vmo);
    if (r)
        return r;
    void *expected = NULL;
    if (!__atomic_compare_exchange_n(&f->ctx, &expected, vmo, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        vmo_put(vmo); /* another thread was first; it is the same one */
        vmo = expected;
    }
    *out = vmo;
    return 0;
}

/* The VMO, fetched once per open file and kept in ctx. */
static inline int regular_vmo(struct file *f, struct vmo **out)
{
    *out = __atomic_load_n(&f->ctx, __ATOMIC_ACQUIRE);
    return likely(*out != NULL) ? 0 : vmo_fetch(f, out);
}

static ssize_t_k regular_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct vmo *vmo;
    int r = regular_vmo(f, &vmo);
    if (r)
        return r;
    u64 size = vmo_size(vmo);
    if (*pos >= size || n == 0)
        return 0;
    ssize_t_k done = vmo_read_user(vmo, *pos, buf, MIN(n, size - *pos));
    if (done > 0)
        *pos += (u64)done;
    return done;
}

/* The pieces one behind the other, at most `left` bytes, up to the first that cannot be read to its end. */
static ssize_t_k pieces_write(struct vmo *vmo, u64 pos, const struct file_span *v, size_t left)
{
    ssize_t_k done = 0;
    for (;; v++) {
        size_t n = MIN(v->len, left);
        ssize_t_k r = vmo_write_user(vmo, pos, uptr(v->base), n);
        if (r < 0)
            return done ? done : r;
        done += r;
        left -= (size_t)r;
        pos += (size_t)r;
        if (!left || (size_t)r < n)
            return done;
    }
}

static ssize_t_k write_locked(struct vnode *v, struct vmo *vmo, u64 pos, const struct file_span *spans, size_t n)
{
    int r = v->ops->write_begin ? v->ops->write_begin(v, pos, n) : -EROFS;
    ssize_t_k done = r ? r : pieces_write(vmo, pos, spans, n);
    return done == -ENOMEM ? -ENOSPC : done;
}

ssize_t_k regular_write_below(struct file *f, const struct file_span *spans, size_t n, u64 *pos, u64 end)
{
    struct vmo *vmo;
    struct vnode *v = f->vnode;
    if (n == 0)
        return 0;
    int r = regular_vmo(f, &vmo);
    if (r)
        return r;
    ssize_t_k done = -EFBIG;
    mutex_lock(&v->lock);
    u64 at = file_has(f, FILE_APPEND) ? vmo_size(vmo) : *pos;
    end = MIN(end, FILE_SIZE_MAX);
    if (at < end)
        done = write_locked(v, vmo, at, spans, MIN(n, end - at));
    mutex_unlock(&v->lock);
    if (done > 0)
        *pos = at + (u64)done;
    return done;
}

ssize_t_k regular_send_below(struct file *f, struct vmo *from, u64 offset, size_t n, u64 *pos, u64 end)
{
    struct vmo *vmo;
    struct vnode *v = f->vnode;
    int r = regular_vmo(f, &vmo);
    if (r)
        return r;
    ssize_t_k done = -EFBIG;
    mutex_lock(&v->lock);
    end = MIN(end, FILE_SIZE_MAX);
    if (*pos < end) {
        n = MIN(n, end - *pos);
        r = v->ops->write_begin ? v->ops->write_begin(v, *pos, n) : -EROFS;
        done = r ? r : (ssize_t_k)vmo_send(vmo, *pos, from, offset, n);
    }
    mutex_unlock(&v->lock);
    if (done > 0)
        *pos += (u64)done;
    return done;
}

static ssize_t_k regular_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct file_span all = { (uintptr_t)buf, n };
    return regular_write_below(f, &all, n, pos, FILE_SIZE_MAX);
}

static u64 regular_size(struct file *f)
{
    struct vattr a;
    return vfs_getattr(f->vnode, &a) ? 0 : a.size;
}

static bool is_counted_writer(const struct file *f) { return (f->flags & (FILE_WRITE | FILE_UNCOUNTED)) == FILE_WRITE; }

int regular_open(struct file *f)
{
    int r = is_counted_writer(f) ? vnode_write_begin(file_place(f)) : 0;
    if (!r)
        f->ops = &regular_file_ops;
    return r;
}

static void regular_release(struct file *f)
{
    if (f->ctx)
        vmo_put(f->ctx);
    if (is_counted_writer(f))
        vnode_write_end(file_place(f));
}

const struct file_ops regular_file_ops = {
    .name = "regular", .read = regular_read, .write = regular_write, .size = regular_size,
    .release = regular_release,
};

/* The position of a directory is a cookie; only positions that readdir gave make sense. */
static u64 directory_size(struct file *f) { return 0; }

const struct file_ops directory_file_ops = { .name = "directory", .size = directory_size };

/* Names a place and can do nothing else. */
const struct file_ops path_file_ops = { .name = "path" };
