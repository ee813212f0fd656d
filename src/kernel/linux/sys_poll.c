/* poll and ppoll: the array in, one look at all of it, the answers out. Only a call that finds
 * nothing ready and may wait, or that asks about a file whose readiness is not a mere state, goes on
 * to poll_wait. */
#include "linux/abi/poll.h"
#include "linux/poll_wait.h"
#include "linux/sys_priv.h"
#include "sched/clock.h"

#define FDS_NEAR 64 /* on the stack */

struct poll_call { struct lx_pollfd *fds; size_t n; long ready; bool ask; };

static unsigned wanted(const struct lx_pollfd *p) { return (u16)p->events | POLL_ERR | POLL_HUP | POLL_NVAL; }

/* A negative descriptor is skipped; one that is not open answers POLLNVAL. */
static void look_at_all(const struct slots *s, void *ctx)
{
    struct poll_call *c = ctx;
    long ready = 0;
    unsigned asked = 0;
    for (struct lx_pollfd *p = c->fds, *end = p + c->n; p < end; p++) {
        unsigned got = 0;
        if (likely(p->fd >= 0)) {
            got = poll_look(s, p->fd);
            asked |= got;
            got &= wanted(p);
        }
        p->revents = (i16)got;
        ready += got != 0;
    }
    c->ready = ready;
    c->ask = asked & POLL_ASK;
}

static void call_open(const struct poll_call *c, struct poll_item *items)
{
    for (size_t i = 0; i < c->n; i++) {
        items[i].want = wanted(&c->fds[i]);
        if (c->fds[i].fd < 0 || lx_file_get(c->fds[i].fd, &items[i].file) == 0)
            continue;
        items[i].file = NULL;
        items[i].got = POLL_NVAL;
    }
}

/* Answers, in fds, and their number. Something that is not open does not let it wait. */
static __attribute__((noinline)) long wait_for_one(struct poll_call *c, u64 timeout_ns)
{
    struct poll_item near[POLL_ITEMS_NEAR];
    struct poll_item *items = poll_items_alloc(near, c->n);
    if (!items)
        return -ENOMEM;
    call_open(c, items);
    long closed = 0;
    for (size_t i = 0; i < c->n; i++)
        closed += !items[i].file && items[i].got;
    long ready = poll_wait(items, c->n, closed ? 0 : timeout_ns);
    for (size_t i = 0; i < c->n; i++)
        c->fds[i].revents = (i16)items[i].got;
    poll_items_free(items, near, c->n);
    return ready < 0 ? ready : ready + closed;
}

static long call_poll(struct poll_call *c, u64 user, u64 timeout_ns)
{
    if (copy_from_user(c->fds, uptr(user), c->n * sizeof(*c->fds)) < 0)
        return -EFAULT;
    handle_table_look(process_current()->handles, look_at_all, c);
    long ready = c->ready;
    if (unlikely(c->ask) || (ready == 0 && timeout_ns))
        ready = wait_for_one(c, ready ? 0 : timeout_ns);
    if (ready >= 0 && copy_tails_to_user(uptr(user), c->fds, c->n) < 0)
        ready = -EFAULT; /* only revents is written: the rest of the array is the program's */
    return ready == -EINTR ? -ERESTARTNOHAND : ready;
}

static __attribute__((noinline)) long poll_many(u64 user, u32 n, u64 timeout_ns)
{
    struct poll_call c = { .n = n };
    if (n > lx_limit(LX_RLIMIT_NOFILE) || n > INT32_MAX / sizeof(struct poll_item))
        return -EINVAL;
    c.fds = kmalloc(n * sizeof(*c.fds));
    long ready = c.fds ? call_poll(&c, user, timeout_ns) : -ENOMEM;
    kfree(c.fds);
    return ready;
}

static long do_poll(u64 user, u32 n, u64 timeout_ns)
{
    struct lx_pollfd near[FDS_NEAR];
    if (unlikely(n > FDS_NEAR || n > lx_limit(LX_RLIMIT_NOFILE)))
        return poll_many(user, n, timeout_ns);
    struct poll_call c = { .fds = near, .n = n };
    return call_poll(&c, user, timeout_ns);
}

long sys_poll(u64 fds, u64 n, u64 timeout_ms, u64, u64, u64)
{
    i32 ms = (i32)timeout_ms;
    if (ms < 0)
        return do_poll(fds, (u32)n, POLL_FOREVER);
    if (ms == 0)
        return do_poll(fds, (u32)n, 0);
    u64 deadline = lx_sleep_begin((u64)ms * 1000000), now = clock_now_ns();
    long r = do_poll(fds, (u32)n, deadline > now ? deadline - now : 0);
    if (r == -ERESTARTNOHAND)
        lx_thread_current()->sleep_deadline_ns = deadline;
    return r;
}

long sys_ppoll(u64 fds, u64 n, u64 timeout, u64 mask, u64 mask_size, u64)
{
    u64 ns = POLL_FOREVER;
    int r = timeout ? lx_timespec_get(uptr(timeout), &ns) : 0;
    if (r == 0)
        r = lx_wait_mask_begin(uptr(mask), mask_size);
    if (r < 0)
        return r;
    struct poll_clock clock = poll_clock_start(ns);
    long ready = do_poll(fds, (u32)n, ns);
    /* The time left is told where it can be; memory that cannot be written is no error: ppoll(2). */
    if (timeout)
        (void)!lx_timespec_put(uptr(timeout), poll_clock_left(&clock));
    lx_wait_mask_end(ready);
    return ready;
}
