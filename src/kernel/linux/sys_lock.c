/* Locks on files: flock, and fcntl's ranges, which belong to the process (its table of descriptors) or to
 * the open file (F_OFD_*). */
#include "linux/sys_lock.h"
#include "linux/abi/fcntl.h"
#include "vfs/file_lock.h"

struct lx_flock { i16 type, whence; i32 pad_; i64 start, len; i32 pid, pad2_; };
_Static_assert(sizeof(struct lx_flock) == 32, "struct flock is 32 bytes");

#define LX_LOCK_SH 1u /* sys/file.h */
#define LX_LOCK_EX 2u
#define LX_LOCK_NB 4u
#define LX_LOCK_UN 8u

long sys_flock(u64 fd, u64 op, u64, u64, u64, u64)
{
    struct file *f;
    struct lock_range want = { .last = LOCK_TO_END, .by_file = true, .pid = process_current()->pid };
    switch ((u32)op & ~LX_LOCK_NB) {
    case LX_LOCK_SH: want.type = LOCK_READ; break;
    case LX_LOCK_EX: want.type = LOCK_WRITE; break;
    case LX_LOCK_UN: want.type = LOCK_NONE; break;
    default: return -EINVAL;
    }
    int r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    want.owner = f;
    if (f->flags & FILE_PATH)
        r = -EBADF;
    else
        r = file_lock(f, LOCKS_WHOLE, &want, !((u32)op & LX_LOCK_NB));
    file_put(f);
    return lx_restartable(r);
}

static int range_start(struct file *f, const struct lx_flock *fl, i64 *out)
{
    struct vattr a;
    i64 base = 0;
    if (fl->whence == LX_SEEK_CUR) {
        base = file_seek(f, 0, LX_SEEK_CUR);
    } else if (fl->whence == LX_SEEK_END) {
        int r = file_getattr(f, &a);
        if (r < 0)
            return r;
        base = (i64)a.size;
    } else if (fl->whence != LX_SEEK_SET) {
        return -EINVAL;
    }
    return __builtin_add_overflow(MAX(base, 0), fl->start, out) ? -EOVERFLOW : 0;
}

/* fcntl(2): a negative length is what lies before the start, 0 all that comes. */
static int range_of(struct file *f, const struct lx_flock *fl, struct lock_range *out)
{
    i64 start, last = LOCK_TO_END;
    int r = range_start(f, fl, &start);
    if (r < 0)
        return r;
    if (start < 0)
        return -EINVAL;
    if (fl->len > 0 && __builtin_add_overflow(start, fl->len - 1, &last))
        return -EOVERFLOW;
    if (fl->len < 0) {
        last = start - 1;
        if (__builtin_add_overflow(start, fl->len, &start) || start < 0)
            return -EINVAL;
    }
    out->start = (u64)start;
    out->last = (u64)last;
    return 0;
}

static long test_range(struct file *f, struct lx_flock *fl, const struct lock_range *want, u64 user)
{
    struct lock_range other;
    if (want->type == LOCK_NONE)
        return -EINVAL;
    file_lock_test(f, want, &other);
    fl->type = (i16)other.type;
    if (other.type != LOCK_NONE) {
        fl->whence = LX_SEEK_SET;
        fl->start = (i64)other.start;
        fl->len = other.last == LOCK_TO_END ? 0 : (i64)(other.last - other.start + 1);
        fl->pid = other.by_file ? -1 : other.pid;
    }
    return copy_to_user(uptr(user), fl, sizeof *fl);
}

/* Another thread may have closed the descriptor meanwhile, and with it gave up locks that we get now: then
 * nobody would ever release this one. */
static void undo_if_closed(int fd, struct file *f)
{
    struct handle_table *t = process_current()->handles;
    struct kobject *obj = NULL;
    if (handle_get(t, fd, KOBJ_FILE, 0, &obj, NULL) < 0 || obj != &f->obj)
        file_lock_release(f, t);
    kobject_put(obj);
}

long lx_fcntl_lock(int fd, struct file *f, u32 cmd, u64 user)
{
    struct lx_flock fl;
    struct lock_range want = { .by_file = cmd >= LX_F_OFD_GETLK, .pid = process_current()->pid };
    bool tests = cmd == LX_F_GETLK || cmd == LX_F_OFD_GETLK, waits = cmd == LX_F_SETLKW || cmd == LX_F_OFD_SETLKW;
    if (f->flags & FILE_PATH)
        return -EBADF;
    if (copy_from_user(&fl, uptr(user), sizeof fl) < 0)
        return -EFAULT;
    if (fl.type < LOCK_READ || fl.type > LOCK_NONE || (want.by_file && fl.pid != 0))
        return -EINVAL;
    int r = range_of(f, &fl, &want);
    if (r < 0)
        return r;
    want.type = (enum lock_type)fl.type;
    want.owner = want.by_file ? (void *)f : (void *)process_current()->handles;
    if (tests)
        return test_range(f, &fl, &want, user);
    if ((want.type == LOCK_READ && !file_has(f, FILE_READ)) || (want.type == LOCK_WRITE && !file_has(f, FILE_WRITE)))
        return -EBADF;
    r = file_lock(f, LOCKS_RANGE, &want, waits);
    if (r == 0 && !want.by_file && want.type != LOCK_NONE)
        undo_if_closed(fd, f);
    return lx_restartable(r);
}
