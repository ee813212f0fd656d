/* Moving bytes: read, write, their positioned and vectored forms, seeking, sendfile.
 *
 * All forms meet in transfer(): one span of user memory, one direction. It is where an interrupted
 * wait becomes restartable; a vector that is more than its pieces (pipes, sockets, writes to regular
 * files) has a way of its own. What a program writes by any call goes through written(): a pipe
 * without readers raises SIGPIPE, a file beyond RLIMIT_FSIZE SIGXFSZ (getrlimit(2)). A vector stops
 * at the first short span, and an error after some bytes is reported by the next call. */
#include "linux/iovec.h"
#include "linux/missing.h"
#include "linux/signal_priv.h"
#include "linux/sys_priv.h"

enum direction { DIR_IN = RIGHT_READ, DIR_OUT = RIGHT_WRITE };

/* Without memory for the signal the error tells the program all the same. */
void lx_raise_here(int sig)
{
    struct lx_siginfo info = lx_siginfo_user(sig, LX_SI_USER);
    (void)!lx_signal_thread(uthread_current(), &info);
}

static inline long written(long r, u64 end)
{
    if (r == -EPIPE)
        lx_raise_here(SIGPIPE);
    else if (r == -EFBIG && end != UINT64_MAX)
        lx_raise_here(SIGXFSZ);
    return r;
}

/* Only what has a name can be a regular file. */
static inline long write_limited(struct file *f, u64 buf, u64 n, u64 *pos)
{
    u64 end = f->vnode ? lx_limit(LX_RLIMIT_FSIZE) : UINT64_MAX;
    return written(likely(end == UINT64_MAX) ? file_write(f, uptr(buf), n, pos) : file_write_below(f, uptr(buf), n, pos, end), end);
}

long lx_file_write(struct file *f, u64 buf, u64 n, u64 *pos) { return write_limited(f, buf, n, pos); }

long lx_file_send(struct file *f, struct vmo *from, u64 offset, u64 n, u64 *pos)
{
    u64 end = lx_limit(LX_RLIMIT_FSIZE);
    return written(file_send(f, from, offset, n, pos, end), end);
}

int lx_file_size_check(struct file *f, u64 size)
{
    struct vattr a;
    if (size <= lx_limit(LX_RLIMIT_FSIZE) || (file_getattr(f, &a) == 0 && size <= a.size))
        return 0;
    lx_raise_here(SIGXFSZ);
    return -EFBIG;
}

static ALWAYS_INLINE long transfer(struct file *f, enum direction dir, u64 buf, u64 n, u64 *pos)
{
    if (!user_range_ok(uptr(buf), n))
        return -EFAULT;
    return lx_restartable(dir == DIR_IN ? file_read(f, uptr(buf), n, pos) : write_limited(f, buf, n, pos));
}

/* Some of n bytes from pos on would lie beyond the last offset there is. */
static inline bool range_wraps(u64 pos, u64 n) { return n <= INT64_MAX && (i64)(pos + n) < 0; }

/* A position makes sense for f; what is no such thing at all (a directory) fails in file_read. */
static int check_position(const struct file *f, i64 pos)
{
    if (pos < 0)
        return -EINVAL;
    bool is_dir = f->vnode && f->vnode->type == V_DIR;
    return f->ops->size || is_dir ? 0 : -ESPIPE;
}

static inline void io_count(enum direction dir, long done)
{
    struct lx_io *io = &lx_thread_current()->io[dir == DIR_OUT];
    io->calls++;
    if (done > 0)
        io->bytes += (u64)done;
}

static ALWAYS_INLINE long rw(u64 fd, enum direction dir, u64 buf, u64 n)
{
    struct file *f;
    int r = lx_file_borrow((int)fd, dir, &f);
    if (r < 0)
        return r;
    long done = transfer(f, dir, buf, n, NULL);
    io_count(dir, done);
    lx_file_return(f, r);
    return done;
}

/* Not open for that direction; but what has no places says so first. */
static long lacking_at(u64 fd)
{
    struct file *f;
    int r = lx_file_get_open((int)fd, &f);
    if (r < 0)
        return r;
    long done = check_position(f, 0);
    file_put(f);
    return done < 0 ? done : -EBADF;
}

static long rw_at(u64 fd, enum direction dir, u64 buf, u64 n, u64 pos)
{
    if ((i64)pos < 0)
        return -EINVAL;
    struct file *f;
    int r = lx_file_borrow((int)fd, dir, &f);
    if (unlikely(r < 0))
        return lacking_at(fd);
    long done = check_position(f, (i64)pos);
    if (done == 0 && range_wraps(pos, n))
        done = -EINVAL;
    if (done == 0)
        done = transfer(f, dir, buf, n, &pos);
    io_count(dir, done);
    lx_file_return(f, r);
    return done;
}

long sys_read(u64 fd, u64 buf, u64 n, u64, u64, u64) { return rw(fd, DIR_IN, buf, n); }
long sys_write(u64 fd, u64 buf, u64 n, u64, u64, u64) { return rw(fd, DIR_OUT, buf, n); }
long sys_pread64(u64 fd, u64 buf, u64 n, u64 pos, u64, u64) { return rw_at(fd, DIR_IN, buf, n, pos); }
long sys_pwrite64(u64 fd, u64 buf, u64 n, u64 pos, u64, u64) { return rw_at(fd, DIR_OUT, buf, n, pos); }

int lx_iovec_import(struct lx_iovec *iov, u64 n, u64 *total)
{
    bool fits = true;
    for (u64 i = 0; i < n; i++)
        fits = user_range_ok(uptr(iov[i].base), iov[i].len) && fits;
    int r = lx_iovec_check(iov, n, total);
    return r < 0 || fits ? r : -EFAULT;
}

int lx_vector_get(u64 user, u64 n, struct lx_iovec **out, u64 *total)
{
    if (n > LX_IOV_MAX)
        return -EINVAL;
    struct lx_iovec *iov = kmalloc(n * sizeof(*iov));
    if (!iov)
        return -ENOMEM;
    int r = copy_from_user(iov, uptr(user), n * sizeof(*iov));
    if (r == 0)
        r = lx_iovec_import(iov, n, total);
    if (r < 0) {
        kfree(iov);
        return r;
    }
    *out = iov;
    return 0;
}

_Static_assert(sizeof(struct lx_iovec) == sizeof(struct file_span), "a span is an iovec");

static long transfer_spans(struct file *f, enum direction dir, const struct lx_iovec *iov, u64 n, u64 total)
{
    const struct file_span *v = (const struct file_span *)iov;
    long r = dir == DIR_IN ? file_read_spans(f, v, (unsigned)n, total) : file_write_spans(f, v, (unsigned)n, total);
    if (r == -EPIPE && dir == DIR_OUT)
        lx_raise_here(SIGPIPE);
    return lx_restartable(r);
}

/* What no other writer comes between. */
static long write_pieces(struct file *f, const struct lx_iovec *iov, u64 total, u64 *pos)
{
    u64 end = lx_limit(LX_RLIMIT_FSIZE);
    return written(file_write_pieces(f, (const struct file_span *)iov, total, pos, end), end);
}

/* One piece after the other; none waits once there is something to return. */
static long transfer_vector(struct file *f, enum direction dir, const struct lx_iovec *iov, u64 n, u64 *pos)
{
    if (n == 0)
        return transfer(f, dir, 0, 0, pos);
    long done = 0;
    for (u64 i = 0; i < n; i++) {
        if (iov[i].len == 0 && i + 1 < n)
            continue;
        if (done > 0 && (iov[i].len == 0 || (dir == DIR_IN && file_can_wait(f) && !(file_poll(f) & POLL_IN))))
            break;
        long r = transfer(f, dir, iov[i].base, iov[i].len, pos);
        if (r < 0)
            return done > 0 ? done : r;
        done += r;
        if ((u64)r < iov[i].len)
            break;
    }
    return done;
}

static bool can_move(const struct file *f, enum direction dir)
{
    const struct file_ops *ops = f->ops;
    return f->vnode || (dir == DIR_IN ? ops->read || ops->read_spans : ops->write || ops->write_spans);
}

static long rw_vector(u64 fd, enum direction dir, u64 user, u64 n, u64 *pos)
{
    struct file *f;
    struct lx_iovec *iov;
    u64 total;
    int r = lx_file_borrow((int)fd, dir, &f);
    if (r < 0)
        return r;
    long done = pos ? check_position(f, (i64)*pos) : 0;
    if (done == 0)
        done = lx_vector_get(user, n, &iov, &total);
    if (done == 0 && pos && range_wraps(*pos, total)) {
        done = -EINVAL;
        kfree(iov);
    }
    if (done == 0) {
        if (total == 0 && can_move(f, dir))
            done = 0; /* the file is not asked: nor is a directory, nor does an empty message go out */
        else if (f->ops->read_spans)
            done = transfer_spans(f, dir, iov, n, total);
        else if (dir == DIR_OUT && file_is_regular(f))
            done = write_pieces(f, iov, total, pos);
        else
            done = transfer_vector(f, dir, iov, n, pos);
        kfree(iov);
    }
    io_count(dir, done);
    lx_file_return(f, r);
    return done;
}

static long rw_vector_at(u64 fd, enum direction dir, u64 user, u64 n, u64 pos)
{
    return (i64)pos < 0 ? -EINVAL : rw_vector(fd, dir, user, n, &pos);
}

long sys_readv(u64 fd, u64 iov, u64 n, u64, u64, u64) { return rw_vector(fd, DIR_IN, iov, n, NULL); }
long sys_writev(u64 fd, u64 iov, u64 n, u64, u64, u64) { return rw_vector(fd, DIR_OUT, iov, n, NULL); }
long sys_preadv(u64 fd, u64 iov, u64 n, u64 pos, u64, u64) { return rw_vector_at(fd, DIR_IN, iov, n, pos); }
long sys_pwritev(u64 fd, u64 iov, u64 n, u64 pos, u64, u64) { return rw_vector_at(fd, DIR_OUT, iov, n, pos); }

/* RWF_HIPRI, RWF_DSYNC and RWF_SYNC ask for what always is; NOWAIT where nothing waits. */
#define RWF_HARMLESS 7u
#define RWF_NOWAIT 8u
#define RWF_KNOWN 0x3fu

static long rw_vector_flags(u64 fd, enum direction dir, u64 iov, u64 n, u64 pos, u32 flags)
{
    struct file *f;
    if (flags & ~RWF_KNOWN)
        return -EOPNOTSUPP;
    if (flags & ~(RWF_HARMLESS | RWF_NOWAIT))
        return lx_missing(flags, -EOPNOTSUPP);
    if (flags & RWF_NOWAIT) {
        int r = lx_file_get((int)fd, &f);
        if (r < 0)
            return r;
        bool waits = file_can_wait(f) && !file_has(f, FILE_NONBLOCK);
        file_put(f);
        if (waits)
            return -EOPNOTSUPP;
    }
    return (i64)pos == -1 ? rw_vector(fd, dir, iov, n, NULL) : rw_vector_at(fd, dir, iov, n, pos);
}

long sys_preadv2(u64 fd, u64 iov, u64 n, u64 pos, u64, u64 flags)
{
    return rw_vector_flags(fd, DIR_IN, iov, n, pos, (u32)flags);
}

long sys_pwritev2(u64 fd, u64 iov, u64 n, u64 pos, u64, u64 flags)
{
    return rw_vector_flags(fd, DIR_OUT, iov, n, pos, (u32)flags);
}

long sys_lseek(u64 fd, u64 off, u64 whence, u64, u64, u64)
{
    struct file *f;
    int r = lx_file_borrow((int)fd, 0, &f);
    if (r < 0)
        return r;
    i64 pos;
    if (f->flags & FILE_PATH)
        pos = -EBADF;
    else if ((u32)whence > LX_SEEK_HOLE)
        pos = -EINVAL;
    else
        pos = file_seek(f, (i64)off, (int)whence);
    lx_file_return(f, r);
    return pos;
}
