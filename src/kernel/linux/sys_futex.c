/* Futexes: sleeping on a word of user memory until somebody says that it changed.
 *
 * A waiter queues itself first and then looks at the word, so that it may fault while it looks and
 * still no wake-up between the look and the sleep is lost. A waiter that finds the word changed
 * hands a wake-up that reached it meanwhile on to the next one.
 *
 * Words are named by (address space, address). Two processes that share a page through different
 * address spaces therefore do not meet here yet, with or without FUTEX_PRIVATE_FLAG.
 *
 * Locking: bucket->lock guards the queue and its waiters' fields; two buckets by address order. */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_PRIVATE_FLAG 128u
#define FUTEX_CLOCK_REALTIME 256u
#define FUTEX_BITSET_ANY 0xffffffffu

#define BUCKETS 256

struct bucket { struct spinlock lock; struct list waiters; };
static struct bucket buckets[BUCKETS];

struct futex_key { struct aspace *as; vaddr_t addr; };

struct futex_waiter {
    struct list link;
    struct bucket *bucket; /* changes by requeue, under both locks */
    struct futex_key key;
    u32 bitset;
    bool woken;
    struct waitq wq;
};

void lx_futex_init(void)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        spin_init(&buckets[i].lock, "futex");
        list_init(&buckets[i].waiters);
    }
}

static struct futex_key key_of(vaddr_t addr)
{
    return (struct futex_key){ process_current()->aspace, addr };
}

static struct bucket *bucket_of(struct futex_key k)
{
    u64 h = ((u64)k.as >> 6 ^ k.addr >> 2) * 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
    return &buckets[h >> 56];
}

static bool same_key(struct futex_key a, struct futex_key b) { return a.as == b.as && a.addr == b.addr; }

/* The waiter may be gone as soon as the bucket's lock is let go. */
static void wake_locked(struct futex_waiter *w)
{
    list_remove(&w->link);
    __atomic_store_n(&w->woken, true, __ATOMIC_RELEASE);
    waitq_wake_all(&w->wq);
}

static int wake(struct futex_key key, unsigned n, u32 bitset)
{
    struct bucket *b = bucket_of(key);
    struct futex_waiter *w, *next;
    unsigned done = 0;
    spin_lock(&b->lock);
    list_for_each_safe(w, next, &b->waiters, link) {
        if (done >= n)
            break;
        if (!same_key(w->key, key) || !(w->bitset & bitset))
            continue;
        wake_locked(w);
        done++;
    }
    spin_unlock(&b->lock);
    return (int)done;
}

int lx_futex_wake(vaddr_t uaddr, unsigned n)
{
    return wake(key_of(uaddr), n, FUTEX_BITSET_ANY);
}

static void enqueue(struct futex_waiter *w)
{
    w->bucket = bucket_of(w->key);
    spin_lock(&w->bucket->lock);
    list_push_back(&w->bucket->waiters, &w->link);
    spin_unlock(&w->bucket->lock);
}

/* Leaves the queue. True: somebody had woken it. Always takes the lock, so that a waker that has
 * just woken w is done with it. */
static bool dequeue(struct futex_waiter *w)
{
    for (;;) {
        struct bucket *b = __atomic_load_n(&w->bucket, __ATOMIC_ACQUIRE);
        spin_lock(&b->lock);
        if (b == w->bucket) {
            bool woken = w->woken;
            if (!woken)
                list_remove(&w->link);
            spin_unlock(&b->lock);
            return woken;
        }
        spin_unlock(&b->lock);
    }
}

/* 0, -EAGAIN, -EFAULT, -ETIMEDOUT, -EINTR. */
static int wait(vaddr_t addr, u32 expect, u32 bitset, u64 deadline_ns)
{
    struct futex_waiter w = { .key = key_of(addr), .bitset = bitset };
    u32 value;
    waitq_init(&w.wq, "futex waiter");
    enqueue(&w);
    int r = copy_from_user(&value, uptr(addr), sizeof value);
    if (r < 0 || value != expect) {
        if (dequeue(&w))
            (void)wake(w.key, 1, bitset);
        return r < 0 ? r : -EAGAIN;
    }
    r = wait_event(&w.wq, __atomic_load_n(&w.woken, __ATOMIC_ACQUIRE), WAIT_INTERRUPTIBLE, deadline_ns);
    return dequeue(&w) ? 0 : r;
}

static int wait_relative(vaddr_t addr, u32 expect, u64 timeout)
{
    struct lx_thread *lt = lx_thread_current();
    u64 ns, deadline = 0;
    if (timeout) {
        int r = lx_timespec_get(uptr(timeout), &ns);
        if (r < 0)
            return r;
        deadline = lx_sleep_begin(ns);
    }
    int r = wait(addr, expect, FUTEX_BITSET_ANY, deadline);
    if (r != -EINTR)
        return r;
    lt->sleep_deadline_ns = deadline;
    return timeout ? -ERESTARTNOHAND : -ERESTARTSYS;
}

static int wait_absolute(vaddr_t addr, u32 expect, u64 timeout, u32 bitset, bool realtime)
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
    int r = wait(addr, expect, bitset, deadline);
    return r == -EINTR ? -ERESTARTSYS : r;
}

static void lock_two(struct bucket *a, struct bucket *b)
{
    spin_lock(&MIN(a, b)->lock);
    if (a != b)
        spin_lock(&MAX(a, b)->lock);
}

static void unlock_two(struct bucket *a, struct bucket *b)
{
    if (a != b)
        spin_unlock(&MAX(a, b)->lock);
    spin_unlock(&MIN(a, b)->lock);
}

/* Wakes nwake waiters of `addr` and moves up to nmove others to `to`: all that happened to. */
static int requeue(vaddr_t addr, vaddr_t to, unsigned nwake, unsigned nmove)
{
    struct futex_key from_key = key_of(addr), to_key = key_of(to);
    struct bucket *from = bucket_of(from_key), *target = bucket_of(to_key);
    struct futex_waiter *w, *next;
    struct list moved = LIST_INIT(moved);
    unsigned woken = 0, nmoved = 0;
    lock_two(from, target);
    list_for_each_safe(w, next, &from->waiters, link) {
        if (!same_key(w->key, from_key))
            continue;
        if (woken < nwake) {
            wake_locked(w);
            woken++;
        } else if (nmoved < nmove) {
            list_remove(&w->link);
            list_push_back(&moved, &w->link);
            nmoved++;
        }
    }
    struct list *l;
    while ((l = list_pop_front(&moved))) {
        w = list_entry(l, struct futex_waiter, link);
        w->key = to_key;
        __atomic_store_n(&w->bucket, target, __ATOMIC_RELEASE);
        list_push_back(&target->waiters, l);
    }
    unlock_two(from, target);
    return (int)(woken + nmoved);
}

static int cmp_requeue(vaddr_t addr, vaddr_t to, unsigned nwake, unsigned nmove, u32 expect)
{
    u32 value;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    return value == expect ? requeue(addr, to, nwake, nmove) : -EAGAIN;
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
    bool realtime = op & FUTEX_CLOCK_REALTIME;
    unsigned nwake = (i32)val < 1 ? 1 : val; /* Linux wakes one for any number below */
    if (realtime && command != FUTEX_WAIT_BITSET)
        return -ENOSYS;
    int r = check_address(addr);
    if (r < 0)
        return r;
    switch (command) {
    case FUTEX_WAIT: return wait_relative(addr, val, timeout);
    case FUTEX_WAIT_BITSET: return wait_absolute(addr, val, timeout, val3, realtime);
    case FUTEX_WAKE: return wake(key_of(addr), nwake, FUTEX_BITSET_ANY);
    case FUTEX_WAKE_BITSET: return val3 ? wake(key_of(addr), nwake, val3) : -EINVAL;
    case FUTEX_REQUEUE: case FUTEX_CMP_REQUEUE: break;
    default: return -ENOSYS;
    }
    if ((i32)val < 0 || (i32)timeout < 0)
        return -EINVAL;
    r = check_address(addr2);
    if (r < 0)
        return r;
    return command == FUTEX_REQUEUE ? requeue(addr, addr2, val, (u32)timeout)
                                    : cmp_requeue(addr, addr2, val, (u32)timeout, val3);
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
