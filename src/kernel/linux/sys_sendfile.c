/* sendfile: from what can be mapped to anything that can be written.
 *
 * Writing takes user memory, so a window of the source is mapped into the caller's own address
 * space for the time of one write. Nothing is copied twice; another thread that unmaps the window
 * meanwhile gets -EFAULT for its trouble, as with any buffer. */
#include "linux/iovec.h"
#include "linux/sys_priv.h"

#define WINDOW_BYTES (1ul << 20)

static long send_window(struct file *out, struct vmo *vmo, u64 pos, u64 n)
{
    struct aspace *as = process_current()->aspace;
    u64 base = ROUND_DOWN(pos, PAGE_SIZE), skip = pos - base;
    size_t size = ROUND_UP(skip + n, PAGE_SIZE);
    vaddr_t at = 0;
    int r = aspace_map(as, vmo, base, size, VM_READ, VM_READ, VM_SHARED | VM_NO_MERGE, &at);
    if (r < 0)
        return r;
    long done = lx_file_write(out, at + skip, n, NULL);
    r = aspace_unmap(as, at, size);
    return r < 0 && done <= 0 ? r : done;
}

static long send_from(struct file *out, struct file *in, struct vmo *vmo, u64 *pos, u64 count)
{
    struct vattr a;
    int r = file_getattr(in, &a);
    if (r < 0)
        return r;
    u64 done = 0;
    while (done < count && *pos < a.size) {
        u64 n = MIN(MIN(count - done, a.size - *pos), WINDOW_BYTES);
        long sent = send_window(out, vmo, *pos, n);
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
    if (!pos_user)
        pos = file_seek(in, 0, LX_SEEK_CUR);
    else if (copy_from_user(&pos, uptr(pos_user), sizeof(pos)) < 0)
        return -EFAULT;
    if (pos < 0)
        return pos_user ? -EINVAL : pos;
    if (file_get_vmo(in, &vmo) < 0)
        return -EINVAL;
    u64 at = (u64)pos;
    long done = send_from(out, in, vmo, &at, MIN(count, LX_RW_MAX));
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
    int r = lx_file_get_right((int)in_fd, RIGHT_READ, &in);
    if (r < 0)
        return r;
    r = lx_file_get_right((int)out_fd, RIGHT_WRITE, &out);
    if (r < 0) {
        file_put(in);
        return r;
    }
    long done = send_file(out, in, pos, count);
    file_put(out);
    file_put(in);
    return lx_restartable(done);
}
