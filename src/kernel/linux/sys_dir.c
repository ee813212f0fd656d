/* Reading directories. Records are packed in kernel memory, because a file system calls back with
 * its locks held and nobody may touch user memory then; they go out in one piece afterwards. */
#include "linux/dirent_pack.h"
#include "linux/sys_priv.h"

#define DIR_BUFFER_MAX 32768u /* more than libc ever asks for; a short answer is always allowed */

typedef size_t (*pack_fn)(void *buf, size_t space, const struct dirent_item *d);
struct dir_fill { u8 *buf; size_t used, size; pack_fn pack; bool full; };

static u8 dirent_type(enum vtype t)
{
    static const u8 types[] = {
        [V_REG] = LX_DT_REG, [V_DIR] = LX_DT_DIR,   [V_LNK] = LX_DT_LNK,   [V_CHR] = LX_DT_CHR,
        [V_BLK] = LX_DT_BLK, [V_FIFO] = LX_DT_FIFO, [V_SOCK] = LX_DT_SOCK,
    };
    return types[t];
}

static bool take_entry(void *ctx, const char *name, size_t len, u64 ino, enum vtype type, u64 next)
{
    struct dir_fill *fill = ctx;
    struct dirent_item d = { name, len, ino, next, dirent_type(type) };
    size_t n = fill->pack(fill->buf + fill->used, fill->size - fill->used, &d);
    fill->used += n;
    fill->full = n == 0;
    return n != 0;
}

static long fill_and_copy(struct file *f, u64 buf, struct dir_fill *fill)
{
    i64 old = file_seek(f, 0, LX_SEEK_CUR);
    int r = file_readdir(f, take_entry, fill);
    if (r < 0)
        return r;
    if (fill->used == 0)
        return fill->full ? -EINVAL : 0; /* not even one record fits */
    if (copy_to_user(uptr(buf), fill->buf, fill->used) == 0)
        return (long)fill->used;
    if (old >= 0) /* what was not delivered is read again */
        old = file_seek(f, old, LX_SEEK_SET);
    return -EFAULT;
}

/* What is no directory is that first; only then it matters what it may be used for. */
static int unreadable_error(u64 fd)
{
    struct file *f;
    int r = lx_file_get_open((int)fd, &f);
    if (r < 0)
        return r;
    r = f->vnode && f->vnode->type == V_DIR ? -EBADF : -ENOTDIR;
    file_put(f);
    return r;
}

static long read_dir(u64 fd, u64 buf, u32 count, pack_fn pack)
{
    struct file *f;
    int r = lx_file_get_right((int)fd, RIGHT_READ, &f);
    if (r < 0)
        return unreadable_error(fd);
    long done = -ENOTDIR;
    struct dir_fill fill = { .size = MIN(count, DIR_BUFFER_MAX), .pack = pack };
    if (!f->vnode || f->vnode->type != V_DIR)
        goto out;
    done = -EFAULT;
    if (!user_range_ok(uptr(buf), count))
        goto out;
    done = -ENOMEM;
    fill.buf = kmalloc(fill.size);
    if (fill.buf)
        done = fill_and_copy(f, buf, &fill);
    kfree(fill.buf);
out:
    file_put(f);
    return done;
}

long sys_getdents64(u64 fd, u64 buf, u64 count, u64, u64, u64) { return read_dir(fd, buf, (u32)count, dirent64_pack); }
long sys_getdents(u64 fd, u64 buf, u64 count, u64, u64, u64) { return read_dir(fd, buf, (u32)count, dirent_pack); }
