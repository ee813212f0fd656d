/* The futex calls: arguments, time-outs, restarts. What they do is in futex.c and futex_op.c. */
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/missing.h"
#include "linux/syscall.h"
#include "linux/ptrace.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_LOCK_PI 6
#define FUTEX_UNLOCK_PI 7
#define FUTEX_TRYLOCK_PI 8
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI 12
#define FUTEX_LOCK_PI2 13
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

/* 0: there is none. */
static int deadline_get(u64 timeout, bool realtime, u64 *deadline)
{
    *deadline = 0;
    if (!timeout)
        return 0;
    int r = lx_timespec_get(uptr(timeout), deadline);
    *deadline = MAX(realtime && r == 0 ? lx_realtime_to_monotonic(*deadline) : *deadline, 1);
    return r;
}

static int wait_absolute(vaddr_t addr, bool private, u32 expect, u64 timeout, u32 bitset, bool realtime)
{
    u64 deadline;
    if (!bitset)
        return -EINVAL;
    int r = deadline_get(timeout, realtime, &deadline);
    if (r < 0)
        return r;
    r = futex_wait(addr, private, expect, bitset, deadline);
    return r != -EINTR ? r : timeout ? -ERESTARTNOHAND : -ERESTARTSYS;
}

static int pi_lock(vaddr_t addr, bool private, u64 timeout, bool realtime)
{
    u64 deadline;
    int r = deadline_get(timeout, realtime, &deadline);
    return r < 0 ? r : futex_pi_lock(addr, private, false, deadline);
}

static int cond_wait(vaddr_t addr, vaddr_t lock, bool private, u32 expect, u64 timeout, bool realtime)
{
    u64 deadline;
    int r = deadline_get(timeout, realtime, &deadline);
    return r < 0 ? r : futex_cond_wait(addr, lock, private, expect, deadline);
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
    if (realtime && command != FUTEX_WAIT_BITSET && command != FUTEX_LOCK_PI2 && command != FUTEX_WAIT_REQUEUE_PI)
        return -ENOSYS;
    int r = check_address(addr);
    if (r < 0)
        return r;
    switch (command) {
    case FUTEX_WAIT: return wait_relative(addr, private, val, timeout);
    case FUTEX_WAIT_BITSET: return wait_absolute(addr, private, val, timeout, val3, realtime);
    case FUTEX_WAKE: return futex_wake_at(addr, private, nwake, FUTEX_BITSET_ANY);
    case FUTEX_WAKE_BITSET: return val3 ? futex_wake_at(addr, private, nwake, val3) : -EINVAL;
    case FUTEX_LOCK_PI: return pi_lock(addr, private, timeout, true);
    case FUTEX_LOCK_PI2: return pi_lock(addr, private, timeout, realtime);
    case FUTEX_TRYLOCK_PI: return futex_pi_lock(addr, private, true, 0);
    case FUTEX_UNLOCK_PI: return futex_pi_unlock(addr, private);
    case FUTEX_REQUEUE: case FUTEX_CMP_REQUEUE: case FUTEX_WAKE_OP: case FUTEX_WAIT_REQUEUE_PI: case FUTEX_CMP_REQUEUE_PI: break;
    default: return lx_missing((u32)command, -ENOSYS);
    }
    r = check_address(addr2);
    if (r < 0)
        return r;
    if (command == FUTEX_WAIT_REQUEUE_PI)
        return cond_wait(addr, addr2, private, val, timeout, realtime);
    if (command == FUTEX_CMP_REQUEUE_PI)
        return val == 1 && (i32)timeout >= 0 ? futex_cond_signal(addr, addr2, private, val3, 1 + (u64)(u32)timeout) : -EINVAL;
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
    __atomic_store_n(&lx_thread_current()->robust_list, head, __ATOMIC_RELAXED);
    return 0;
}

struct robust_search { int tid; u64 head; bool found; };

static bool robust_of(struct uthread *ut, void *ctx)
{
    struct robust_search *s = ctx;
    if (ut->tid != s->tid)
        return true;
    s->head = __atomic_load_n(&ut->lx->robust_list, __ATOMIC_RELAXED);
    s->found = true;
    return false;
}

/* Of another thread: by who may trace it. */
static int robust_find(struct robust_search *s)
{
    struct process *p = process_find_thread(s->tid);
    if (!p)
        return -ESRCH;
    process_for_each_thread(p, robust_of, s);
    int r = !s->found ? -ESRCH : lx_may_access(p) ? 0 : -EPERM;
    kobject_put(&p->obj);
    return r;
}

long sys_get_robust_list(u64 pid, u64 uhead, u64 ulen, u64 a3, u64 a4, u64 a5)
{
    struct robust_search s = { .tid = (int)pid, .head = lx_thread_current()->robust_list };
    u64 len = ROBUST_HEAD_BYTES;
    int r = (int)pid && (int)pid != uthread_current()->tid ? robust_find(&s) : 0;
    if (r < 0)
        return r;
    if (copy_to_user(uptr(ulen), &len, sizeof len) || copy_to_user(uptr(uhead), &s.head, sizeof s.head))
        return -EFAULT;
    return 0;
}
