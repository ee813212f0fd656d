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
#include "linux/futex.h"
#include "lib/errno.h"
#include "linux/lx.h"

#define BUCKETS 256

static struct futex_bucket buckets[BUCKETS];

void lx_futex_init(void)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        spin_init(&buckets[i].lock, "futex");
        list_init(&buckets[i].waiters);
    }
}

int futex_key_get(vaddr_t addr, bool private, struct futex_key *out)
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

void futex_key_put(struct futex_key k)
{
    if (k.vmo)
        vmo_put(k.vmo);
}

struct futex_bucket *futex_bucket_of(struct futex_key k)
{
    u64 h = ((u64)k.space >> 6 ^ k.addr >> 2) * 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
    return &buckets[h >> 56];
}

struct futex_bucket *futex_bucket_next(struct futex_bucket *b)
{
    b = b ? b + 1 : buckets;
    return b < buckets + BUCKETS ? b : NULL;
}

void futex_wake_waiter_locked(struct futex_waiter *w)
{
    list_remove(&w->link);
    __atomic_store_n(&w->woken, true, __ATOMIC_RELEASE);
    waitq_wake_all(w->wq);
}

int futex_wake(struct futex_key key, unsigned n, u32 bitset)
{
    struct futex_bucket *b = futex_bucket_of(key);
    struct futex_waiter *w, *next;
    unsigned done = 0;
    int r = 0;
    spin_lock(&b->lock);
    list_for_each_safe(w, next, &b->waiters, link) {
        if (done >= n)
            break;
        if (!futex_same_key(w->key, key) || !(w->bitset & bitset))
            continue;
        if (unlikely(w->pi || w->lock)) {
            r = -EINVAL;
            break;
        }
        futex_wake_waiter_locked(w);
        done++;
    }
    spin_unlock(&b->lock);
    return r ? r : (int)done;
}

int futex_wake_at(vaddr_t addr, bool private, unsigned n, u32 bitset)
{
    struct futex_key key;
    int r = futex_key_get(addr, private, &key);
    if (r < 0)
        return r;
    r = futex_wake(key, n, bitset);
    futex_key_put(key);
    return r;
}

int lx_futex_wake(vaddr_t uaddr, unsigned n)
{
    return futex_wake_at(uaddr, false, n, FUTEX_BITSET_ANY);
}

void futex_enqueue(struct futex_waiter *w)
{
    w->bucket = futex_bucket_of(w->key);
    spin_lock(&w->bucket->lock);
    list_push_back(&w->bucket->waiters, &w->link);
    spin_unlock(&w->bucket->lock);
}

/* Always takes the lock, also if it was woken. */
bool futex_dequeue(struct futex_waiter *w)
{
    for (;;) {
        struct futex_bucket *b = __atomic_load_n(&w->bucket, __ATOMIC_ACQUIRE);
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
        if (futex_dequeue(w))
            (void)futex_wake(w->key, 1, w->bitset);
        return r < 0 ? r : -EAGAIN;
    }
    r = wait_event(w->wq, __atomic_load_n(&w->woken, __ATOMIC_ACQUIRE), WAIT_INTERRUPTIBLE, deadline_ns);
    return futex_dequeue(w) ? 0 : r;
}

/* 0, -EAGAIN, -EFAULT, -ETIMEDOUT, -EINTR. */
int futex_wait(vaddr_t addr, bool private, u32 expect, u32 bitset, u64 deadline_ns)
{
    struct waitq wq;
    struct futex_waiter w = { .bitset = bitset, .wq = &wq };
    int r = futex_key_get(addr, private, &w.key);
    if (r < 0)
        return r;
    waitq_init(&wq, "futex waiter");
    futex_enqueue(&w);
    r = wait_queued(&w, addr, expect, deadline_ns);
    futex_key_put(w.key);
    return r;
}

static void lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
    spin_lock(&MIN(a, b)->lock);
    if (a != b)
        spin_lock(&MAX(a, b)->lock);
}

static void unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
    if (a != b)
        spin_unlock(&MAX(a, b)->lock);
    spin_unlock(&MIN(a, b)->lock);
}

/* Waiters of `from` in order: the first nwake are woken, the next up to nmove put on `moved`. */
static unsigned sort_waiters_locked(struct futex_key from, unsigned nwake, unsigned nmove, struct list *moved,
                                    unsigned *nmoved)
{
    struct futex_waiter *w, *next;
    unsigned woken = 0;
    list_for_each_safe(w, next, &futex_bucket_of(from)->waiters, link) {
        if (!futex_same_key(w->key, from))
            continue;
        if (woken < nwake) {
            futex_wake_waiter_locked(w);
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
        __atomic_store_n(&w->bucket, futex_bucket_of(to), __ATOMIC_RELEASE);
        list_push_back(&futex_bucket_of(to)->waiters, l);
    }
}

static bool has_pi_locked(struct futex_key key)
{
    struct futex_waiter *w;
    list_for_each(w, &futex_bucket_of(key)->waiters, link)
        if ((w->pi || w->lock) && futex_same_key(w->key, key))
            return true;
    return false;
}

int futex_compare_locked(vaddr_t addr, const u32 *expect)
{
    u32 value;
    if (!expect)
        return 0;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    return value == *expect ? 0 : -EAGAIN;
}

int futex_requeue(struct futex_key from, struct futex_key to, const struct futex_move *m)
{
    struct list moved = LIST_INIT(moved);
    unsigned nmoved = 0, woken = 0;
    lock_two(futex_bucket_of(from), futex_bucket_of(to));
    int r = futex_compare_locked(m->addr, m->expect);
    if (r == 0 && unlikely(has_pi_locked(from)))
        r = -EINVAL;
    if (r == 0) {
        woken = sort_waiters_locked(from, m->nwake, m->nmove, &moved, &nmoved);
        rename_waiters_locked(&moved, to);
    }
    unlock_two(futex_bucket_of(from), futex_bucket_of(to));
    for (unsigned i = 0; i < nmoved; i++)
        futex_key_put(from); /* what the moved ones held; not under a spinlock: it may be the last */
    return r < 0 ? r : (int)(woken + nmoved);
}
