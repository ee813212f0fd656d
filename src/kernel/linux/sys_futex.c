/* The futex calls: arguments, time-outs, restarts. What they do is in futex.c and futex_op.c. */
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_PRIVATE_FLAG 128u
#define FUTEX_CLOCK_REALTIME 256u

static int wait_relative(vaddr_t addr, bool private, u32 expect, u64 timeout)
{
    struct lx_thread *lt = lx_thread_current();
    u64 ns, deadline = 0;
    if (timeout) {
        int r = lx_timespec_get(uptr(timeout), &ns);
        if (r < 0)
            return r;
        deadline = lx_sleep_begin(ns);
    }
    int r = futex_wait(addr, private, expect, FUTEX_BITSET_ANY, deadline);
    if (r != -EINTR)
        return r;
    lt->sleep_deadline_ns = deadline;
    return timeout ? -ERESTARTNOHAND : -ERESTARTSYS;
}

static int wait_absolute(vaddr_t addr, bool private, u32 expect, u64 timeout, u32 bitset, bool realtime)
{
    u64 deadline = 0;
    if (!bitset)
        return -EINVAL;
    if (timeout) {
        int r = lx_timespec_get(uptr(timeout), &deadline);
        if (r < 0)
            return r;
        deadline = MAX(realtime ? lx_realtime_to_monotonic(deadline) : deadline, 1);
    }
    int r = futex_wait(addr, private, expect, bitset, deadline);
    return r != -EINTR ? r : timeout ? -ERESTARTNOHAND : -ERESTARTSYS;
}

static int requeue(vaddr_t to_addr, bool private, const struct futex_move *m)
{
    struct futex_key from, to;
    u32 value;
    int r = futex_key_get(m->addr, private, &from);
    if (r < 0)
        return r;
    r = futex_key_get(to_addr, private, &to);
    if (r < 0)
        goto put_from;
    do
        r = futex_requeue(from, to, m);
    while (r == -EFAULT && copy_from_user(&value, uptr(m->addr), sizeof value) == 0);
    futex_key_put(to);
put_from:
    futex_key_put(from);
    return r;
}

static int check_address(u64 addr)
{
    if (addr & 3)
        return -EINVAL;
    return user_range_ok(uptr(addr), sizeof(u32)) ? 0 : -EFAULT;
}

long sys_futex(u64 addr, u64 aop, u64 aval, u64 timeout, u64 addr2, u64 aval3)
{
    u32 op = (u32)aop, val = (u32)aval, val3 = (u32)aval3;
    int command = (int)(op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME));
    bool realtime = op & FUTEX_CLOCK_REALTIME, private = op & FUTEX_PRIVATE_FLAG;
    unsigned nwake = (i32)val < 1 ? 1 : val; /* Linux wakes one for any number below */
    if (realtime && command != FUTEX_WAIT_BITSET)
        return -ENOSYS;
    int r = check_address(addr);
    if (r < 0)
        return r;
    switch (command) {
    case FUTEX_WAIT: return wait_relative(addr, private, val, timeout);
    case FUTEX_WAIT_BITSET: return wait_absolute(addr, private, val, timeout, val3, realtime);
    case FUTEX_WAKE: return futex_wake_at(addr, private, nwake, FUTEX_BITSET_ANY);
    case FUTEX_WAKE_BITSET: return val3 ? futex_wake_at(addr, private, nwake, val3) : -EINVAL;
    case FUTEX_REQUEUE: case FUTEX_CMP_REQUEUE: case FUTEX_WAKE_OP: break;
    default: return -ENOSYS;
    }
    r = check_address(addr2);
    if (r < 0)
        return r;
    if (command == FUTEX_WAKE_OP)
        return futex_wake_op(addr, addr2, private, nwake, MAX((i32)timeout, 1), val3);
    if ((i32)val < 0 || (i32)timeout < 0)
        return -EINVAL;
    return requeue(addr2, private, &(struct futex_move){ addr, command == FUTEX_REQUEUE ? NULL : &val3, val, (u32)timeout });
}

#define ROBUST_HEAD_BYTES 24u

long sys_set_robust_list(u64 head, u64 len, u64 a2, u64 a3, u64 a4, u64 a5)
{
    if (len != ROBUST_HEAD_BYTES)
        return -EINVAL;
    lx_thread_current()->robust_list = head;
    lx_thread_current()->robust_list_len = len;
    return 0;
}

/* Only one's own: another thread's needs ptrace rights, and there is no ptrace. */
long sys_get_robust_list(u64 pid, u64 uhead, u64 ulen, u64 a3, u64 a4, u64 a5)
{
    u64 head = lx_thread_current()->robust_list, len = ROBUST_HEAD_BYTES;
    if ((int)pid && (int)pid != uthread_current()->tid)
        return -EPERM;
    if (copy_to_user(uptr(uhead), &head, sizeof head) || copy_to_user(uptr(ulen), &len, sizeof len))
        return -EFAULT;
    return 0;
}
