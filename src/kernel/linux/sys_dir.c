/* Reading directories. Records are packed in kernel memory, because a file system calls back with
 * its locks held and nobody may touch user memory then; they go out in one piece afterwards. */
#include "linux/dirent_pack.h"
#include "linux/sys_priv.h"

#define DIR_BUFFER_MAX 32768u /* more than libc ever asks for; a short answer is always allowed */

struct dir_fill { u8 *buf; size_t used, size; u64 next; bool full; };

static u8 dirent_type(enum vtype t)
{
    static const u8 types[] = {
        [V_REG] = LX_DT_REG, [V_DIR] = LX_DT_DIR,   [V_LNK] = LX_DT_LNK,   [V_CHR] = LX_DT_CHR,
        [V_BLK] = LX_DT_BLK, [V_FIFO] = LX_DT_FIFO, [V_SOCK] = LX_DT_SOCK,
    };
    return types[t];
}

/* n bytes were packed: 0 if there was no room for the entry. */
static inline bool entry_taken(struct dir_fill *fill, size_t n, u64 next)
{
    fill->full = n == 0;
    if (n == 0)
        return false;
    fill->used += n;
    fill->next = next;
    return true;
}

static bool take_entry64(void *ctx, const char *name, size_t len, u64 ino, enum vtype type, u64 next)
{
    struct dir_fill *fill = ctx;
    struct dirent_item d = { name, len, ino, next, dirent_type(type) };
    return entry_taken(fill, dirent64_pack(fill->buf + fill->used, fill->size - fill->used, &d), next);
}

static bool take_entry_old(void *ctx, const char *name, size_t len, u64 ino, enum vtype type, u64 next)
{
    struct dir_fill *fill = ctx;
    struct dirent_item d = { name, len, ino, next, dirent_type(type) };
    return entry_taken(fill, dirent_pack(fill->buf + fill->used, fill->size - fill->used, &d), next);
}

static long fill_and_copy(struct file *f, u64 buf, struct dir_fill *fill, dirent_fn take)
{
    i64 old = file_seek(f, 0, LX_SEEK_CUR);
    int r = file_readdir(f, take, fill, &fill->next);
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

static long read_dir(u64 fd, u64 buf, u32 count, dirent_fn take)
{
    struct file *f;
    int r = lx_file_borrow((int)fd, RIGHT_READ, &f);
    if (r < 0)
        return unreadable_error(fd);
    long done = -ENOTDIR;
    struct dir_fill fill = { .size = MIN(count, DIR_BUFFER_MAX) };
    if (!f->vnode || f->vnode->type != V_DIR)
        goto out;
    done = -EFAULT;
    if (!user_range_ok(uptr(buf), count))
        goto out;
    done = -ENOMEM;
    fill.buf = kmalloc(fill.size);
    if (fill.buf)
        done = fill_and_copy(f, buf, &fill, take);
    kfree(fill.buf);
out:
    lx_file_return(f, r);
    return done;
}

long sys_getdents64(u64 fd, u64 buf, u64 count, u64, u64, u64) { return read_dir(fd, buf, (u32)count, take_entry64); }
long sys_getdents(u64 fd, u64 buf, u64 count, u64, u64, u64) { return read_dir(fd, buf, (u32)count, take_entry_old); }
