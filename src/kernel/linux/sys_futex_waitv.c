/* futex_waitv: sleeping on up to 128 futexes at once, until one of them is woken (futex(2), and Linux's
 * Documentation/userspace-api/futex2.rst).
 *
 * One waiter each in its own queue, all with the same sleeper. As in futex.c all are queued before the
 * first word is looked at; a wake-up that comes meanwhile is the answer, whatever the words say. */
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/lx.h"
#include "linux/syscall.h"
#include "mm/slab.h"

#define FUTEXES_MAX 128u
#define FUTEX_32 2u
#define FUTEX_PRIVATE_FLAG 128u
#define LX_CLOCK_REALTIME 0
#define LX_CLOCK_MONOTONIC 1

struct futex_waitv { u64 value, addr; u32 flags, reserved; };
struct one { struct futex_waiter w; vaddr_t addr; u32 expect; };
struct many { struct waitq wq; unsigned n; struct one *one; };

static int one_prepare(struct many *m, struct one *o, u64 user)
{
    struct futex_waitv v;
    if (copy_from_user(&v, uptr(user), sizeof v))
        return -EFAULT;
    if ((v.flags & ~(FUTEX_32 | FUTEX_PRIVATE_FLAG)) || !(v.flags & FUTEX_32) || v.reserved || v.value > UINT32_MAX)
        return -EINVAL;
    if (v.addr & 3)
        return -EINVAL;
    if (!user_range_ok(uptr(v.addr), sizeof(u32)))
        return -EFAULT;
    *o = (struct one){ .w = { .bitset = FUTEX_BITSET_ANY, .wq = &m->wq }, .addr = v.addr, .expect = (u32)v.value };
    return futex_key_get(v.addr, v.flags & FUTEX_PRIVATE_FLAG, &o->w.key);
}

static void keys_put(struct many *m)
{
    for (unsigned i = 0; i < m->n; i++)
        futex_key_put(m->one[i].w.key);
}

/* m->n counts those that are prepared. */
static int prepare(struct many *m, u64 user, unsigned n)
{
    for (m->n = 0; m->n < n; m->n++) {
        int r = one_prepare(m, &m->one[m->n], user + m->n * sizeof(struct futex_waitv));
        if (r < 0) {
            keys_put(m);
            return r;
        }
    }
    return 0;
}

static int words_check(const struct many *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        u32 value;
        if (copy_from_user(&value, uptr(m->one[i].addr), sizeof value))
            return -EFAULT;
        if (value != m->one[i].expect)
            return -EAGAIN;
    }
    return 0;
}

static bool any_woken(const struct many *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (__atomic_load_n(&m->one[i].w.woken, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/* The index of one that was woken, or r. */
static int queues_leave(struct many *m, int r)
{
    for (unsigned i = 0; i < m->n; i++)
        if (futex_dequeue(&m->one[i].w))
            r = (int)i;
    return r;
}

static int wait_for_any(struct many *m, u64 deadline_ns)
{
    for (unsigned i = 0; i < m->n; i++)
        futex_enqueue(&m->one[i].w);
    int r = words_check(m);
    if (r == 0)
        r = wait_event(&m->wq, any_woken(m), WAIT_INTERRUPTIBLE, deadline_ns);
    return queues_leave(m, r == -EINTR ? -ERESTARTSYS : r);
}

static int deadline_get(u64 timeout, u64 clock, u64 *deadline_ns)
{
    *deadline_ns = 0;
    if (!timeout)
        return 0;
    if ((int)clock != LX_CLOCK_REALTIME && (int)clock != LX_CLOCK_MONOTONIC)
        return -EINVAL;
    int r = lx_timespec_get(uptr(timeout), deadline_ns);
    if (r == 0 && (int)clock == LX_CLOCK_REALTIME)
        *deadline_ns = lx_realtime_to_monotonic(*deadline_ns);
    *deadline_ns = MAX(*deadline_ns, 1ull);
    return r;
}

long sys_futex_waitv(u64 user, u64 an, u64 flags, u64 timeout, u64 clock, u64 a5)
{
    struct many m;
    u64 deadline_ns;
    unsigned n = (u32)an;
    if ((u32)flags || !n || n > FUTEXES_MAX || !user)
        return -EINVAL;
    int r = deadline_get(timeout, clock, &deadline_ns);
    if (r < 0)
        return r;
    m.one = kmalloc(n * sizeof *m.one);
    if (!m.one)
        return -ENOMEM;
    waitq_init(&m.wq, "futexes");
    r = prepare(&m, user, n);
    if (r == 0) {
        r = wait_for_any(&m, deadline_ns);
        keys_put(&m);
    }
    kfree(m.one);
    return r;
}
