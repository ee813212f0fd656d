/* Futexes: sleeping on a word of user memory until somebody says that it changed.
 *
 * A waiter queues itself first and then looks at the word, so that it may fault while it looks and
 * still no wake-up between the look and the sleep is lost. A waiter that finds the word changed
 * hands a wake-up that reached it meanwhile on to the next one.
 *
 * A word in a shared mapping is named by (VMO, offset), so that processes meet there however they
 * map it; any other, and with FUTEX_PRIVATE_FLAG every one, by (address space, address). A key
 * holds a reference to its VMO, or the name could come to mean another object's word.
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

struct futex_key { const void *space; u64 addr; struct vmo *vmo; }; /* vmo: space, or NULL if private */

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

static int key_get(vaddr_t addr, bool private, struct futex_key *out)
{
    struct aspace *as = process_current()->aspace;
    *out = (struct futex_key){ as, addr, NULL };
    if (private)
        return 0;
    struct vmo *vmo;
    u64 offset;
    int r = aspace_find_shared(as, addr, &vmo, &offset);
    if (r > 0)
        *out = (struct futex_key){ vmo, offset, vmo };
    return MIN(r, 0);
}

static void key_put(struct futex_key k)
{
    if (k.vmo)
        vmo_put(k.vmo);
}

static struct bucket *bucket_of(struct futex_key k)
{
    u64 h = ((u64)k.space >> 6 ^ k.addr >> 2) * 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
    return &buckets[h >> 56];
}

static bool same_key(struct futex_key a, struct futex_key b) { return a.space == b.space && a.addr == b.addr; }

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

static int wake_at(vaddr_t addr, bool private, unsigned n, u32 bitset)
{
    struct futex_key key;
    int r = key_get(addr, private, &key);
    if (r < 0)
        return r;
    r = wake(key, n, bitset);
    key_put(key);
    return r;
}

int lx_futex_wake(vaddr_t uaddr, unsigned n)
{
    return wake_at(uaddr, false, n, FUTEX_BITSET_ANY);
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

static int wait_queued(struct futex_waiter *w, vaddr_t addr, u32 expect, u64 deadline_ns)
{
    u32 value;
    int r = copy_from_user(&value, uptr(addr), sizeof value);
    if (r < 0 || value != expect) {
        if (dequeue(w))
            (void)wake(w->key, 1, w->bitset);
        return r < 0 ? r : -EAGAIN;
    }
    r = wait_event(&w->wq, __atomic_load_n(&w->woken, __ATOMIC_ACQUIRE), WAIT_INTERRUPTIBLE, deadline_ns);
    return dequeue(w) ? 0 : r;
}

/* 0, -EAGAIN, -EFAULT, -ETIMEDOUT, -EINTR. */
static int wait(vaddr_t addr, bool private, u32 expect, u32 bitset, u64 deadline_ns)
{
    struct futex_waiter w = { .bitset = bitset };
    int r = key_get(addr, private, &w.key);
    if (r < 0)
        return r;
    waitq_init(&w.wq, "futex waiter");
    enqueue(&w);
    r = wait_queued(&w, addr, expect, deadline_ns);
    key_put(w.key);
    return r;
}

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
    int r = wait(addr, private, expect, FUTEX_BITSET_ANY, deadline);
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
    int r = wait(addr, private, expect, bitset, deadline);
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

/* Waiters of `from` in order: the first nwake are woken, the next up to nmove put on `moved`. */
static unsigned sort_waiters_locked(struct futex_key from, unsigned nwake, unsigned nmove, struct list *moved, unsigned *nmoved)
{
    struct futex_waiter *w, *next;
    unsigned woken = 0;
    list_for_each_safe(w, next, &bucket_of(from)->waiters, link) {
        if (!same_key(w->key, from))
            continue;
        if (woken < nwake) {
            wake_locked(w);
            woken++;
        } else if (*nmoved < nmove) {
            list_remove(&w->link);
            list_push_back(moved, &w->link);
            ++*nmoved;
        }
    }
    return woken;
}

static void rename_waiters_locked(struct list *moved, struct futex_key to)
{
    struct list *l;
    while ((l = list_pop_front(moved))) {
        struct futex_waiter *w = list_entry(l, struct futex_waiter, link);
        if (to.vmo)
            vmo_get(to.vmo);
        w->key = to;
        __atomic_store_n(&w->bucket, bucket_of(to), __ATOMIC_RELEASE);
        list_push_back(&bucket_of(to)->waiters, l);
    }
}

/* Returns how many were woken or moved. */
static int requeue_keys(struct futex_key from, struct futex_key to, unsigned nwake, unsigned nmove)
{
    struct list moved = LIST_INIT(moved);
    unsigned nmoved = 0;
    lock_two(bucket_of(from), bucket_of(to));
    unsigned woken = sort_waiters_locked(from, nwake, nmove, &moved, &nmoved);
    rename_waiters_locked(&moved, to);
    unlock_two(bucket_of(from), bucket_of(to));
    for (unsigned i = 0; i < nmoved; i++)
        key_put(from); /* what the moved ones held; not under a spinlock: it may be the last */
    return (int)(woken + nmoved);
}

static int requeue(vaddr_t addr, vaddr_t to_addr, bool private, unsigned nwake, unsigned nmove)
{
    struct futex_key from, to;
    if (to_addr & 3)
        return -EINVAL;
    int r = key_get(addr, private, &from);
    if (r < 0)
        return r;
    r = key_get(to_addr, private, &to);
    if (r == 0) {
        r = requeue_keys(from, to, nwake, nmove);
        key_put(to);
    }
    key_put(from);
    return r;
}

static int cmp_requeue(vaddr_t addr, vaddr_t to, bool private, unsigned nwake, unsigned nmove, u32 expect)
{
    u32 value;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    return value == expect ? requeue(addr, to, private, nwake, nmove) : -EAGAIN;
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
    case FUTEX_WAKE: return wake_at(addr, private, nwake, FUTEX_BITSET_ANY);
    case FUTEX_WAKE_BITSET: return val3 ? wake_at(addr, private, nwake, val3) : -EINVAL;
    case FUTEX_REQUEUE: case FUTEX_CMP_REQUEUE: break;
    default: return -ENOSYS;
    }
    if ((i32)val < 0 || (i32)timeout < 0)
        return -EINVAL;
    r = check_address(addr2);
    if (r < 0)
        return r;
    return command == FUTEX_REQUEUE ? requeue(addr, addr2, private, val, (u32)timeout)
                                    : cmp_requeue(addr, addr2, private, val, (u32)timeout, val3);
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
