/* poll and ppoll: the array in, the answers out. */
#include "linux/abi/poll.h"
#include "linux/poll_wait.h"
#include "linux/sys_priv.h"
#include "sched/clock.h"

struct poll_call { struct lx_pollfd *fds; struct poll_item *items; u64 n; };

static int call_get(struct poll_call *c, u64 user, u64 n)
{
    if (n > lx_limit(LX_RLIMIT_NOFILE) || n > INT32_MAX / sizeof(struct poll_item))
        return -EINVAL;
    c->n = n;
    c->fds = kmalloc(n * sizeof(*c->fds));
    c->items = kzalloc(n * sizeof(*c->items));
    int r = !c->fds || !c->items ? -ENOMEM : copy_from_user(c->fds, uptr(user), n * sizeof(*c->fds));
    if (r < 0) {
        kfree(c->items);
        kfree(c->fds);
    }
    return r;
}

static void call_put(struct poll_call *c)
{
    poll_items_put(c->items, c->n);
    kfree(c->items);
    kfree(c->fds);
}

/* A negative descriptor is skipped; one that is not open answers POLLNVAL. */
static void call_open(struct poll_call *c)
{
    for (u64 i = 0; i < c->n; i++) {
        struct poll_item *it = &c->items[i];
        if (c->fds[i].fd < 0)
            continue;
        it->want = (u16)c->fds[i].events | POLL_ERR | POLL_HUP;
        if (lx_file_get(c->fds[i].fd, &it->file) < 0)
            it->file = NULL;
    }
}

/* Only revents is written: the rest of the array is the program's. */
static int call_answer(const struct poll_call *c, u64 user)
{
    for (u64 i = 0; i < c->n; i++) {
        i16 revents = (i16)c->items[i].got;
        u64 at = user + i * sizeof(struct lx_pollfd) + offsetof(struct lx_pollfd, revents);
        if (copy_to_user(uptr(at), &revents, sizeof(revents)) < 0)
            return -EFAULT;
    }
    return 0;
}

static long do_poll(u64 user, u64 n, u64 timeout_ns)
{
    struct poll_call c;
    int r = call_get(&c, user, (u32)n);
    if (r < 0)
        return r;
    call_open(&c);
    long ready = poll_wait(c.items, c.n, timeout_ns);
    if (ready >= 0 && call_answer(&c, user) < 0)
        ready = -EFAULT;
    call_put(&c);
    return ready == -EINTR ? -ERESTARTNOHAND : ready;
}

long sys_poll(u64 fds, u64 n, u64 timeout_ms, u64, u64, u64)
{
    i32 ms = (i32)timeout_ms;
    if (ms < 0)
        return do_poll(fds, n, POLL_FOREVER);
    u64 deadline = lx_sleep_begin((u64)ms * 1000000), now = clock_now_ns();
    long r = do_poll(fds, n, ms && deadline > now ? deadline - now : 0);
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
    long ready = do_poll(fds, n, ns);
    /* The time left is told where it can be; memory that cannot be written is no error: ppoll(2). */
    if (timeout)
        (void)!lx_timespec_put(uptr(timeout), poll_clock_left(&clock));
    lx_wait_mask_end(ready);
    return ready;
}
