/* Open files: life, checks, position. What reading and writing mean is in the ops.
 *
 * The position of a seekable file is guarded by file->lock, which is held during read and write so
 * that two threads sharing a descriptor do not read the same bytes. Files without a position
 * (size == NULL) never take it: a reader asleep in a pipe must not stop a writer. */
#include "vfs/file.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/file_lock.h"
#include "vfs/file_priv.h"
#include "vfs/mount.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"
#include "vfs/port_priv.h"

static void file_destroy(struct kobject *obj)
{
    struct file *f = file_from(obj);
    if (unlikely(__atomic_load_n(&f->watched_by, __ATOMIC_ACQUIRE) != NULL))
        port_forget_file(f);
    if (unlikely(__atomic_load_n(&f->owner, __ATOMIC_ACQUIRE) != NULL))
        f->owner->free(f->owner);
    if (f->ops && f->vnode && !file_has(f, FILE_PATH))
        notify_node(f->vnode, f->flags & FILE_WRITE ? NOTIFY_CLOSE_WRITE : NOTIFY_CLOSE_NOWRITE);
    file_lock_release(f, f);
    if (f->ops && f->ops->release)
        f->ops->release(f);
    if (unlikely(f->lock_home != NULL))
        vnode_put(f->lock_home);
    vnode_leave(f->view);
    vnode_leave(f->vnode);
    kfree(f);
}

/* A process that closes any descriptor of a file loses its locks on it: fcntl(2). */
static void file_handle_closed(struct kobject *obj, void *table)
{
    struct file *f = file_from(obj);
    file_lock_release(f, table);
    if (unlikely(f->ops && f->ops->closed))
        f->ops->closed(f);
}

static const struct kobject_ops file_kobject_ops = { .name = "file", .destroy = file_destroy,
                                                     .handle_closed = file_handle_closed };

/* Never told of anything. */
static struct event always_ready = EVENT_INIT(always_ready, "always ready", POLL_READABLE | POLL_WRITABLE);
/* O_PATH files are no files at all to poll(2). */
static struct event never_open = EVENT_INIT(never_open, "never open", POLL_NVAL);

int file_alloc(struct vnode *v, u32 flags, struct file **out)
{
    struct file *f = kmalloc(sizeof *f);
    if (!f)
        return -ENOMEM;
    struct vnode *real = v ? vnode_real(v) : NULL;
    *f = (struct file){ .vnode = real, .view = v != real ? v : NULL, .flags = flags, .event_mask = ~0u };
    f->event = flags & FILE_PATH ? &never_open : &always_ready;
    kobject_init(&f->obj, KOBJ_FILE, &file_kobject_ops);
    mutex_init(&f->lock, "file");
    if (v)
        vnode_get(v);
    if (v != real)
        vnode_get(real);
    *out = f;
    return 0;
}

int file_create(const struct file_ops *ops, void *ctx, u32 flags, struct file **out)
{
    int r = file_alloc(NULL, flags, out);
    if (!r) {
        (*out)->ops = ops;
        (*out)->ctx = ctx;
    }
    return r;
}

static inline void file_accessed(const struct file *f, enum access_rule rule)
{
    if (f->vnode && !file_has(f, FILE_NOATIME))
        vnode_accessed(file_place(f), rule);
}

/* The mode in which it was opened, and that it is more than a place. */
static inline int file_may(const struct file *f, u32 need)
{
    u32 flags = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
    return (flags & (need | FILE_PATH)) == need ? 0 : -EBADF;
}

typedef ssize_t_k (*transfer_fn)(struct file *f, uptr_t buf, size_t n, u64 *pos);

static NOINLINE int cannot_transfer(const struct file *f)
{
    return f->vnode && f->vnode->type == V_DIR ? -EISDIR : -EINVAL;
}

static ALWAYS_INLINE ssize_t_k file_transfer(struct file *f, transfer_fn fn, uptr_t buf, size_t n, u64 *pos)
{
    if (unlikely(!fn))
        return cannot_transfer(f);
    n = MIN(n, FILE_IO_MAX);
    if (pos)
        return f->ops->size ? fn(f, buf, n, pos) : -ESPIPE;
    if (f->ops->size && !f->ops->only_start) {
        mutex_lock(&f->lock);
        ssize_t_k r = fn(f, buf, n, &f->pos);
        mutex_unlock(&f->lock);
        return r;
    }
    u64 unused = 0;
    return fn(f, buf, n, &unused);
}

ssize_t_k file_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    int r = file_may(f, FILE_READ);
    /* Who reads on is not worth a look at the clock each time. */
    enum access_rule rule = (pos ? *pos : f->pos) ? ACCESS_CHANGED : ACCESS_DAILY;
    ssize_t_k done = r ? r : file_transfer(f, f->ops->read, buf, n, pos);
    if (done > 0) {
        if (!f->ops->only_start) /* as on Linux, nobody asks when /dev/zero was read */
            file_accessed(f, rule);
        notify_node(f->vnode, NOTIFY_ACCESS);
    }
    return done;
}

/* What was read or written, for who watches the file. */
static inline ssize_t_k noted(const struct file *f, ssize_t_k done, unsigned event)
{
    if (done > 0)
        notify_node(f->vnode, event);
    return done;
}

ssize_t_k file_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    int r = file_may(f, FILE_WRITE);
    return noted(f, r ? r : file_transfer(f, f->ops->write, buf, n, pos), NOTIFY_MODIFY);
}

ssize_t_k file_read_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    int r = file_may(f, FILE_READ);
    return noted(f, r ? r : f->ops->read_spans(f, v, n, total), NOTIFY_ACCESS);
}

ssize_t_k file_write_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    int r = file_may(f, FILE_WRITE);
    return noted(f, r ? r : f->ops->write_spans(f, v, n, total), NOTIFY_MODIFY);
}

bool file_is_regular(const struct file *f) { return f->ops == &regular_file_ops; }

ssize_t_k file_write_pieces(struct file *f, const struct file_span *v, size_t n, u64 *pos, u64 end)
{
    ASSERT(file_is_regular(f));
    int r = file_may(f, FILE_WRITE);
    if (r)
        return r;
    if (pos)
        return noted(f, regular_write_below(f, v, n, pos, end), NOTIFY_MODIFY);
    mutex_lock(&f->lock);
    ssize_t_k done = regular_write_below(f, v, n, &f->pos, end);
    mutex_unlock(&f->lock);
    return noted(f, done, NOTIFY_MODIFY);
}

ssize_t_k file_send(struct file *f, struct vmo *from, u64 offset, size_t n, u64 *pos, u64 end)
{
    if (!file_is_regular(f))
        return 0;
    int r = file_may(f, FILE_WRITE);
    if (r)
        return r;
    if (pos)
        return noted(f, regular_send_below(f, from, offset, n, pos, end), NOTIFY_MODIFY);
    mutex_lock(&f->lock);
    ssize_t_k done = regular_send_below(f, from, offset, n, &f->pos, end);
    mutex_unlock(&f->lock);
    return noted(f, done, NOTIFY_MODIFY);
}

ssize_t_k file_write_below(struct file *f, uptr_t buf, size_t n, u64 *pos, u64 end)
{
    if (!file_is_regular(f))
        return file_write(f, buf, n, pos);
    n = MIN(n, FILE_IO_MAX);
    return file_write_pieces(f, &(struct file_span){ (uintptr_t)buf, n }, n, pos, end);
}

enum { SEEK_FROM_START, SEEK_FROM_HERE, SEEK_FROM_END, SEEK_TO_DATA, SEEK_TO_HOLE };

/* Files without pages of their own are data up to their end. */
static i64 seek_sparse(struct file *f, u64 off, u64 size, bool hole)
{
    struct vmo *vmo;
    if (off >= size)
        return -ENXIO;
    if (!f->vnode || f->vnode->type != V_REG || !f->vnode->ops->get_vmo || f->vnode->ops->get_vmo(f->vnode, &vmo))
        return (i64)(hole ? size : off);
    u64 at = hole ? vmo_next_hole(vmo, off) : vmo_next_data(vmo, off);
    vmo_put(vmo);
    return !hole && at >= size ? -ENXIO : (i64)at;
}

/* Where `off` leads. Only who counts from the end, or looks for data, needs to know where that is. */
static i64 seek_target(struct file *f, i64 off, int whence)
{
    i64 to = off;
    switch (whence) {
    case SEEK_FROM_START:
        break;
    case SEEK_FROM_HERE:
        if (__builtin_add_overflow((i64)f->pos, off, &to))
            return -EINVAL; /* Linux wraps around and finds it negative */
        break;
    case SEEK_FROM_END:
        if (__builtin_add_overflow((i64)f->ops->size(f), off, &to))
            return -EINVAL;
        break;
    case SEEK_TO_DATA:
    case SEEK_TO_HOLE:
        return off < 0 ? -ENXIO : seek_sparse(f, (u64)off, f->ops->size(f), whence == SEEK_TO_HOLE);
    default:
        return -EINVAL;
    }
    return to < 0 ? -EINVAL : to;
}

i64 file_seek(struct file *f, i64 off, int whence)
{
    if (file_has(f, FILE_PATH))
        return -EBADF;
    if (!f->ops->size)
        return -ESPIPE;
    mutex_lock(&f->lock);
    i64 to = f->ops->only_start ? 0 : seek_target(f, off, whence);
    if (to >= 0)
        f->pos = (u64)to;
    mutex_unlock(&f->lock);
    return to;
}

int file_readdir(struct file *f, dirent_fn fn, void *ctx, u64 *next)
{
    struct vnode *v = f->vnode;
    if (!file_has(f, FILE_READ) || file_has(f, FILE_PATH))
        return -EBADF;
    if (!v || v->type != V_DIR || !v->ops->readdir)
        return -ENOTDIR;
    mutex_lock(&f->lock);
    *next = f->pos;
    int r = v->ops->readdir(v, f->pos, fn, ctx);
    f->pos = *next;
    mutex_unlock(&f->lock);
    if (!r) {
        file_accessed(f, ACCESS_DAILY);
        notify_node(v, NOTIFY_ACCESS);
    }
    return r;
}

int file_allocate(struct file *f, u64 pos, u64 n, unsigned how)
{
    struct vnode *v = f->vnode;
    if (file_has(f, FILE_PATH) || !file_has(f, FILE_WRITE))
        return -EBADF;
    if (v ? v->type == V_FIFO : file_is_pipe(f))
        return -ESPIPE;
    if (!v || v->type != V_REG)
        return v && v->type == V_DIR ? -EISDIR : -ENODEV;
    if (pos + n > FILE_SIZE_MAX)
        return -EFBIG;
    if (!v->ops->allocate)
        return -EOPNOTSUPP;
    int r = v->ops->allocate(v, pos, n, how);
    if (!r)
        notify_node(v, NOTIFY_MODIFY);
    return r;
}

int file_truncate(struct file *f, u64 size)
{
    if (file_has(f, FILE_PATH))
        return -EBADF;
    if (!file_has(f, FILE_WRITE))
        return -EINVAL;
    if (size > (u64)INT64_MAX)
        return -EINVAL;
    if (f->ops->truncate)
        return f->ops->truncate(f, size);
    if (!f->vnode || f->vnode->type != V_REG || !f->vnode->ops->setattr)
        return -EINVAL;
    if (size > FILE_SIZE_MAX)
        return -EFBIG;
    struct vattr a = { .size = size };
    int r = f->vnode->ops->setattr(f->vnode, &a, VSET_SIZE);
    if (!r)
        notify_node(f->vnode, NOTIFY_MODIFY);
    return r;
}

unsigned file_poll_asking(struct file *f)
{
    return f->event ? event_state(f->event) & f->event_mask : f->ops->poll(f);
}

struct event *file_watch(struct file *f, struct kobject **keep)
{
    *keep = NULL;
    return f->event ? f->event : f->ops->watch(f, keep);
}

bool file_can_wait(const struct file *f)
{
    return f->event != &always_ready && f->event != &never_open;
}

int file_getattr(struct file *f, struct vattr *out)
{
    if (f->vnode)
        return vfs_getattr(file_place(f), out);
    if (f->ops->getattr)
        return f->ops->getattr(f, out);
    *out = (struct vattr){ .ino = f->obj.id, .mode = 0600, .nlink = 1 };
    return 0;
}

int file_get_vmo(struct file *f, struct vmo **out)
{
    if (file_has(f, FILE_PATH))
        return -EBADF;
    struct vnode *v = f->vnode;
    if (f->ops->get_vmo)
        return f->ops->get_vmo(f, out);
    int r = v && v->ops->get_vmo ? v->ops->get_vmo(v, out) : -ENODEV;
    if (!r)
        file_accessed(f, ACCESS_DAILY);
    return r;
}

ssize_t_k vnode_read_kernel(struct vnode *v, u64 off, void *buf, size_t n)
{
    struct vmo *vmo;
    if (v->type == V_DIR)
        return -EISDIR;
    int r = v->ops->get_vmo ? v->ops->get_vmo(v, &vmo) : -EACCES;
    if (r)
        return r;
    u64 size = vmo_size(vmo);
    ssize_t_k done = off < size ? vmo_read(vmo, off, buf, MIN(n, size - off)) : 0;
    vmo_put(vmo);
    return done;
}
