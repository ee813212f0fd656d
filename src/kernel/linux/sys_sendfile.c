/* sendfile: from what can be mapped to anything that can be written; copy_file_range: between regular files.
 *
 * Into a regular file bytes go from one object to the other. Any other write takes user memory, so a window of the
 * source is mapped into the caller's own address space for the time of one write. Nothing is copied twice; another
 * thread that unmaps the window meanwhile gets -EFAULT for its trouble, as with any buffer. */
#include "linux/iovec.h"
#include "linux/sys_priv.h"

#define WINDOW_BYTES (1ul << 20)

static long send_window(struct file *out, struct vmo *vmo, u64 pos, u64 n, u64 *out_pos)
{
    struct aspace *as = process_current()->aspace;
    u64 base = ROUND_DOWN(pos, PAGE_SIZE), skip = pos - base;
    size_t size = ROUND_UP(skip + n, PAGE_SIZE);
    vaddr_t at = 0;
    int r = aspace_map(as, vmo, base, size, VM_READ, VM_READ, VM_SHARED | VM_NO_MERGE | VM_DONTFORK, &at);
    if (r < 0)
        return r;
    long done = lx_file_write(out, at + skip, n, out_pos);
    r = aspace_unmap(as, at, size);
    return r < 0 && done <= 0 ? r : done;
}

static long send_from(struct file *out, struct file *in, struct vmo *vmo, u64 *pos, u64 count, u64 *out_pos)
{
    u64 done = 0, size = vmo_size(vmo);
    if (in->ops->only_start) /* /dev/zero has no end, but what is read of it is memory for that long */
        count = MIN(count, WINDOW_BYTES);
    while (done < count && *pos < size) {
        u64 n = MIN(MIN(count - done, size - *pos), WINDOW_BYTES);
        long sent = lx_file_send(out, vmo, *pos, n, out_pos);
        if (!sent)
            sent = send_window(out, vmo, *pos, n, out_pos);
        if (sent < 0)
            return done ? (long)done : sent;
        done += (u64)sent;
        *pos += (u64)sent;
        if (!sent) /* a short one is followed by what stopped it */
            break;
    }
    return (long)done;
}

/* pos_user 0: the file's own position is used and advanced. */
static long send_file(struct file *out, struct file *in, u64 pos_user, u64 count)
{
    i64 pos;
    struct vmo *vmo;
    if (__atomic_load_n(&out->flags, __ATOMIC_RELAXED) & FILE_APPEND)
        return -EINVAL;
    if (!in->ops->size)
        return pos_user ? -ESPIPE : -EINVAL;
    if (!pos_user)
        pos = file_seek(in, 0, LX_SEEK_CUR);
    else if (copy_from_user(&pos, uptr(pos_user), sizeof(pos)) < 0)
        return -EFAULT;
    if (pos < 0)
        return pos_user ? -EINVAL : pos;
    if (count <= INT64_MAX && (i64)((u64)pos + count) < 0)
        return -EINVAL;
    if (file_get_vmo(in, &vmo) < 0)
        return -EINVAL;
    u64 at = (u64)pos;
    long done = send_from(out, in, vmo, &at, MIN(count, LX_RW_MAX), NULL);
    vmo_put(vmo);
    if (done < 0)
        return done;
    if (!pos_user)
        pos = file_seek(in, (i64)at, LX_SEEK_SET);
    else if (copy_to_user(uptr(pos_user), &at, sizeof(at)) < 0)
        return -EFAULT;
    return done;
}

long sys_sendfile(u64 out_fd, u64 in_fd, u64 pos, u64 count, u64, u64)
{
    struct file *in, *out;
    int in_borrowed = lx_file_borrow((int)in_fd, RIGHT_READ, &in);
    if (in_borrowed < 0)
        return in_borrowed;
    int out_borrowed = lx_file_borrow((int)out_fd, RIGHT_WRITE, &out);
    if (out_borrowed >= 0) {
        long done = send_file(out, in, pos, count);
        lx_file_return(out, out_borrowed);
        lx_file_return(in, in_borrowed);
        return lx_restartable(done);
    }
    lx_file_return(in, in_borrowed);
    return out_borrowed;
}

/* --- copy_file_range --- */

/* Where one side is: its own position (user 0) or one in the program's memory. */
static int place_get(struct file *f, u64 user, u64 *out)
{
    i64 pos = user ? 0 : file_seek(f, 0, LX_SEEK_CUR);
    if (user && copy_from_user(&pos, uptr(user), sizeof pos) < 0)
        return -EFAULT;
    *out = (u64)pos;
    return pos < 0 && !user ? (int)pos : 0;
}

static int place_put(struct file *f, u64 user, u64 pos)
{
    if (user)
        return copy_to_user(uptr(user), &pos, sizeof pos);
    i64 r = file_seek(f, (i64)pos, LX_SEEK_SET);
    return r < 0 ? (int)r : 0;
}

static int check_kinds(const struct file *in, unsigned in_rights, const struct file *out, unsigned out_rights)
{
    if (file_has(in, FILE_PATH) || file_has(out, FILE_PATH))
        return -EBADF;
    if (!in->vnode || !out->vnode)
        return -EINVAL;
    if (in->vnode->type == V_DIR || out->vnode->type == V_DIR)
        return -EISDIR;
    if (in->vnode->type != V_REG || out->vnode->type != V_REG)
        return -EINVAL;
    return !(in_rights & RIGHT_READ) || !(out_rights & RIGHT_WRITE) || file_has(out, FILE_APPEND) ? -EBADF : 0;
}

static long copy_range(struct file *in, u64 in_user, struct file *out, u64 out_user, u64 n)
{
    u64 from, to;
    struct vmo *vmo;
    int r = place_get(in, in_user, &from);
    if (r == 0)
        r = place_get(out, out_user, &to);
    if (r < 0)
        return r;
    if (from + n < from || to + n < to)
        return -EOVERFLOW;
    if ((i64)from < 0 || (i64)to < 0)
        return -EINVAL;
    if (in->vnode == out->vnode && from < to + n && to < from + n)
        return -EINVAL;
    if (file_get_vmo(in, &vmo) < 0)
        return 0; /* a file whose size is not known has nothing to copy, as on Linux */
    long done = send_from(out, in, vmo, &from, MIN(n, LX_RW_MAX), &to);
    vmo_put(vmo);
    if (done > 0 && (place_put(in, in_user, from) < 0 || place_put(out, out_user, to) < 0))
        return -EFAULT;
    return done;
}

long sys_copy_file_range(u64 in_fd, u64 in_pos, u64 out_fd, u64 out_pos, u64 n, u64 flags)
{
    struct file *in, *out;
    unsigned in_rights, out_rights;
    int r = lx_file_get_rights((int)in_fd, &in, &in_rights);
    if (r < 0)
        return r;
    r = lx_file_get_rights((int)out_fd, &out, &out_rights);
    if (r < 0) {
        file_put(in);
        return r;
    }
    long done = (u32)flags ? -EINVAL : check_kinds(in, in_rights, out, out_rights);
    if (done == 0)
        done = copy_range(in, in_pos, out, out_pos, n);
    file_put(out);
    file_put(in);
    return lx_restartable(done);
}
