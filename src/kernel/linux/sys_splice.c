/* splice, tee, vmsplice: bytes between a pipe and something else, without a buffer of the program's.
 *
 * The pipe's side is claimed (vfs/pipe.h), so that what could not be handed on is still in it. What files read and
 * write is user memory: a window of anonymous memory in the caller's address space is their side, for the time of one
 * call. Bytes are copied, never pages given away; a call moves at most CHUNK_BYTES and says so, as Linux too may do
 * less than asked. */
#include "linux/iovec.h"
#include "linux/sys_priv.h"
#include "vfs/pipe.h"

#define CHUNK_BYTES PIPE_CAPACITY
#define LX_SPLICE_F_NONBLOCK 2u /* fcntl.h; MOVE 1, MORE 4, GIFT 8 are hints */
#define LX_SPLICE_F_ALL 15u

/* A page to carry bytes in, and the window. */
struct carrier { void *page; vaddr_t at; size_t size; };

static int carrier_open(struct carrier *c, size_t n)
{
    *c = (struct carrier){ .page = kmalloc(PAGE_SIZE), .size = ROUND_UP(n, PAGE_SIZE) };
    if (!c->page)
        return -ENOMEM;
    int r = n ? aspace_map(process_current()->aspace, NULL, 0, c->size, VM_READ | VM_WRITE, VM_READ | VM_WRITE,
                           VM_NO_MERGE | VM_DONTFORK, &c->at) : 0;
    if (r < 0)
        kfree(c->page);
    return r;
}

static void carrier_close(struct carrier *c)
{
    if (c->size)
        (void)!aspace_unmap(process_current()->aspace, c->at,
                            c->size); /* no memory for a split: it goes with the process */
    kfree(c->page);
}

static long raise_epipe(long r)
{
    if (r == -EPIPE)
        lx_raise_here(SIGPIPE);
    return r;
}

/* The first n claimed bytes into user memory: how many. */
static size_t peek_to_user(struct file *pipe, void *page, u64 to, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        part = MIN(n - done, PAGE_SIZE);
        pipe_peek(pipe, done, page, part);
        if (copy_to_user(uptr(to + done), page, part) < 0)
            return done;
    }
    return n;
}

static size_t put_from_user(struct file *pipe, void *page, u64 from, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        part = MIN(n - done, PAGE_SIZE);
        if (copy_from_user(page, uptr(from + done), part) < 0)
            return done;
        pipe_put(pipe, done, page, part);
    }
    return n;
}

static long from_pipe(struct file *pipe, struct file *out, u64 *pos, size_t n, bool wait)
{
    struct carrier c;
    long got = pipe_claim_read(pipe, MIN(n, CHUNK_BYTES), wait);
    if (got <= 0)
        return got;
    long done = carrier_open(&c, (size_t)got);
    if (done == 0) {
        size_t there = peek_to_user(pipe, c.page, c.at, (size_t)got);
        done = there ? lx_file_write(out, c.at, there, pos) : -ENOMEM;
        carrier_close(&c);
    }
    pipe_unclaim_read(pipe, done > 0 ? (size_t)done : 0);
    return done;
}

static long to_pipe(struct file *in, u64 *pos, struct file *pipe, size_t n, bool wait)
{
    struct carrier c;
    long room = pipe_claim_write(pipe, MIN(n, CHUNK_BYTES), wait);
    if (room <= 0)
        return raise_epipe(room);
    long done = carrier_open(&c, (size_t)room);
    if (done == 0) {
        done = file_read(in, uptr(c.at), (size_t)room, pos);
        if (done > 0)
            done = (long)put_from_user(pipe, c.page, c.at, (size_t)done);
        carrier_close(&c);
    }
    pipe_unclaim_write(pipe, done > 0 ? (size_t)done : 0);
    return done;
}

/* Both claims, never waiting for one with the other in hand: two callers in a circle would stop both pipes. */
static long claim_both(struct file *in, struct file *out, size_t n, bool wait)
{
    for (;;) {
        long got = pipe_claim_read(in, MIN(n, CHUNK_BYTES), wait);
        if (got <= 0)
            return got;
        long room = pipe_claim_write(out, (size_t)got, false);
        if (room > 0)
            return room;
        pipe_unclaim_read(in, 0);
        if (room == -EAGAIN)
            room = pipe_claim_write(out, 1, wait);
        if (room <= 0)
            return raise_epipe(room);
        pipe_unclaim_write(out, 0);
    }
}

static long pipe_to_pipe(struct file *in, struct file *out, size_t n, bool wait, bool keep)
{
    wait = wait && !file_has(in, FILE_NONBLOCK) && !file_has(out, FILE_NONBLOCK);
    void *page = kmalloc(PAGE_SIZE);
    if (!page)
        return -ENOMEM;
    long got = claim_both(in, out, n, wait);
    if (got > 0) {
        for (size_t done = 0, part; done < (size_t)got; done += part) {
            part = MIN((size_t)got - done, PAGE_SIZE);
            pipe_peek(in, done, page, part);
            pipe_put(out, done, page, part);
        }
        pipe_unclaim_write(out, (size_t)got);
        pipe_unclaim_read(in, keep ? 0 : (size_t)got);
    }
    kfree(page);
    return got;
}

struct splice_side { struct file *f; u64 user_pos; u64 pos; bool pipe; };

/* A place is for what can be sought; a pipe has none. */
static int side_check(struct splice_side *s)
{
    s->pipe = file_is_pipe(s->f);
    return s->pipe && s->user_pos ? -ESPIPE : 0;
}

static int side_pos(struct splice_side *s, size_t n)
{
    if (!s->user_pos)
        return 0;
    if (copy_from_user(&s->pos, uptr(s->user_pos), sizeof s->pos) < 0)
        return -EFAULT;
    return !s->f->ops->size || (i64)s->pos < 0 || (i64)(s->pos + n) < 0 ? -EINVAL : 0;
}

static long splice_between(struct splice_side *in, struct splice_side *out, size_t n, bool wait)
{
    if (in->pipe && out->pipe)
        return pipe_is_same(in->f, out->f) ? -EINVAL : pipe_to_pipe(in->f, out->f, n, wait, false);
    struct splice_side *file = in->pipe ? out : in;
    if (!in->pipe && !out->pipe)
        return -EINVAL;
    if (file == in && in->f->ops->no_splice)
        return -EINVAL;
    if ((file->f->vnode && file->f->vnode->type == V_DIR) || (file == out && file_has(out->f, FILE_APPEND)))
        return -EINVAL;
    int r = n > INT64_MAX ? -EINVAL : side_pos(file, n);
    if (r < 0)
        return r;
    u64 *pos = file->user_pos ? &file->pos : NULL;
    long done = in->pipe ? from_pipe(in->f, out->f, pos, n, wait) : to_pipe(in->f, pos, out->f, n, wait);
    if (done >= 0 && pos && copy_to_user(uptr(file->user_pos), pos, sizeof *pos) < 0)
        return -EFAULT;
    return done;
}

/* Both files with the rights to read the one and write the other. */
static int get_both(u64 in_fd, u64 out_fd, struct file **in, struct file **out)
{
    int r = lx_file_get_right((int)in_fd, RIGHT_READ, in);
    if (r < 0)
        return r;
    r = lx_file_get_right((int)out_fd, RIGHT_WRITE, out);
    if (r < 0)
        file_put(*in);
    return r;
}

long sys_splice(u64 in_fd, u64 in_pos, u64 out_fd, u64 out_pos, u64 n, u64 flags)
{
    struct splice_side in = { .user_pos = in_pos }, out = { .user_pos = out_pos };
    if (!n)
        return 0;
    if ((u32)flags & ~LX_SPLICE_F_ALL)
        return -EINVAL;
    long r = get_both(in_fd, out_fd, &in.f, &out.f);
    if (r < 0)
        return r;
    r = side_check(&in);
    if (r == 0)
        r = side_check(&out);
    if (r == 0)
        r = splice_between(&in, &out, n, !((u32)flags & LX_SPLICE_F_NONBLOCK));
    file_put(out.f);
    file_put(in.f);
    return lx_restartable(r);
}

long sys_tee(u64 in_fd, u64 out_fd, u64 n, u64 flags, u64, u64)
{
    struct file *in, *out;
    if ((u32)flags & ~LX_SPLICE_F_ALL)
        return -EINVAL;
    if (!n)
        return 0;
    long r = get_both(in_fd, out_fd, &in, &out);
    if (r < 0)
        return r;
    if (!file_is_pipe(in) || !file_is_pipe(out) || pipe_is_same(in, out))
        r = -EINVAL;
    else
        r = pipe_to_pipe(in, out, n, !((u32)flags & LX_SPLICE_F_NONBLOCK), true);
    file_put(out);
    file_put(in);
    return lx_restartable(r);
}

static long vector_from_pipe(struct file *pipe, u64 base, u64 len, bool wait)
{
    struct carrier c;
    int r = carrier_open(&c, 0);
    if (r < 0)
        return r;
    long got = pipe_claim_read(pipe, len, wait);
    if (got > 0) {
        size_t done = peek_to_user(pipe, c.page, base, (size_t)got);
        pipe_unclaim_read(pipe, done);
        got = done ? (long)done : -EFAULT;
    }
    carrier_close(&c);
    return got;
}

/* Only the first byte is waited for. */
static long splice_vector(struct file *pipe, const struct lx_iovec *iov, u64 n, bool wait)
{
    bool out = file_has(pipe, FILE_WRITE);
    long done = 0;
    for (u64 i = 0; i < n; i++) {
        if (!iov[i].len)
            continue;
        bool may_wait = wait && !done;
        long r = out ? pipe_write_some(pipe, uptr(iov[i].base), iov[i].len, may_wait) :
                       vector_from_pipe(pipe, iov[i].base, iov[i].len, may_wait);
        if (r <= 0)
            return done ? done : raise_epipe(r);
        done += r;
        if ((u64)r < iov[i].len)
            break;
    }
    return done;
}

long sys_vmsplice(u64 fd, u64 user, u64 n, u64 flags, u64, u64)
{
    struct file *f;
    struct lx_iovec *iov;
    u64 total;
    if ((u32)flags & ~LX_SPLICE_F_ALL)
        return -EINVAL;
    unsigned rights;
    long r = lx_file_get_rights((int)fd, &f, &rights);
    if (r < 0)
        return r;
    bool may = rights & (file_has(f, FILE_WRITE) ? RIGHT_WRITE : RIGHT_READ);
    r = file_is_pipe(f) && may && !file_has(f, FILE_PATH) ? lx_vector_get(user, n, &iov, &total) : -EBADF;
    if (r == 0) {
        r = splice_vector(f, iov, n, !((u32)flags & LX_SPLICE_F_NONBLOCK));
        kfree(iov);
    }
    file_put(f);
    return lx_restartable(r);
}
