/* process_vm_readv and process_vm_writev: another program's memory, page by page through a buffer of
 * the kernel's. The caller must be the same user, or root (as ptrace would ask). Only the end of the
 * process cuts a transfer short: callers do not expect less because of a signal. */
#include "linux/iovec.h"
#include "linux/ptrace.h"
#include "linux/sys_priv.h"

struct side { const struct lx_iovec *iov; size_t n, at; u64 done; };

/* The bytes in a row at the side's place; 0 at its end. */
static u64 side_room(struct side *s)
{
    while (s->at < s->n && s->done == s->iov[s->at].len) {
        s->at++;
        s->done = 0;
    }
    return s->at < s->n ? s->iov[s->at].len - s->done : 0;
}

static u64 side_place(const struct side *s) { return s->iov[s->at].base + s->done; }

/* Bytes moved of n, or -EFAULT. */
static ssize_t_k move_piece(struct aspace *as, u64 remote, u64 local, u8 *buf, size_t n, bool write)
{
    if (write) {
        size_t got = copy_from_user_partial(buf, uptr(local), n);
        return got ? aspace_write(as, remote, buf, got) : -EFAULT;
    }
    ssize_t_k got = aspace_read(as, remote, buf, n);
    if (got <= 0)
        return got;
    size_t put = copy_to_user_partial(uptr(local), buf, (size_t)got);
    return put ? (ssize_t_k)put : -EFAULT;
}

static long move_all(struct aspace *as, struct side *local, struct side *remote, bool write)
{
    u8 *buf = kmalloc(PAGE_SIZE);
    long total = 0, r = 0;
    if (!buf)
        return -ENOMEM;
    for (;;) {
        u64 l = side_room(local), m = side_room(remote);
        size_t n = MIN(MIN(l, m), PAGE_SIZE);
        if (!n || thread_current()->work & WORK_EXIT)
            break;
        r = move_piece(as, side_place(remote), side_place(local), buf, n, write);
        if (r <= 0)
            break;
        total += r;
        local->done += (u64)r;
        remote->done += (u64)r;
        if ((size_t)r < n)
            break;
    }
    kfree(buf);
    return total ? total : r;
}

static int target_aspace(int pid, struct aspace **out)
{
    struct process *p = process_find(pid);
    if (!p)
        return -ESRCH;
    int r = lx_aspace_of(p, out);
    kobject_put(&p->obj);
    return r < 0 ? r : *out ? 0 : -ESRCH;
}

static int vector_get(u64 user, u64 n, struct lx_iovec **out)
{
    u64 total;
    if (n > LX_IOV_MAX)
        return -EINVAL;
    struct lx_iovec *iov = kmalloc(n * sizeof *iov);
    if (!iov)
        return -ENOMEM;
    int r = copy_from_user(iov, uptr(user), n * sizeof *iov);
    if (!r)
        r = lx_iovec_check(iov, n, &total);
    if (r)
        kfree(iov);
    else
        *out = iov;
    return r;
}

static long process_vm(u64 pid, u64 ulocal, u64 nlocal, u64 uremote, u64 nremote, u64 flags, bool write)
{
    struct lx_iovec *local, *remote;
    struct aspace *as;
    if (flags)
        return -EINVAL;
    long r = vector_get(ulocal, nlocal, &local);
    if (r < 0)
        return r;
    r = vector_get(uremote, nremote, &remote);
    if (r < 0)
        goto free_local;
    r = target_aspace((int)pid, &as);
    if (r < 0)
        goto free_remote;
    r = move_all(as, &(struct side){ .iov = local, .n = nlocal }, &(struct side){ .iov = remote, .n = nremote }, write);
    aspace_put(as);
free_remote:
    kfree(remote);
free_local:
    kfree(local);
    return r;
}

long sys_process_vm_readv(u64 pid, u64 local, u64 nlocal, u64 remote, u64 nremote, u64 flags)
{
    return process_vm(pid, local, nlocal, remote, nremote, flags, false);
}

long sys_process_vm_writev(u64 pid, u64 local, u64 nlocal, u64 remote, u64 nremote, u64 flags)
{
    return process_vm(pid, local, nlocal, remote, nremote, flags, true);
}
