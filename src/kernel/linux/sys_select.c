/* select and pselect6: three bit sets in, three out. Each descriptor named in any set is one item
 * for poll_wait; n is cut to what the descriptor table can hold, as Linux does. */
#include "linux/abi/poll.h"
#include "linux/poll_wait.h"
#include "linux/sys_priv.h"
#include "lib/bitmap.h"
#include "sched/clock.h"

enum { SET_READ, SET_WRITE, SET_EXCEPT, SETS };

/* What must be ready for a set's bit to be left on (select(2), "Correspondence between select()
 * and poll()"), and what poll is asked for. */
static const unsigned answers[SETS] = {
    POLL_IN | LX_POLLRDNORM | LX_POLLRDBAND | POLL_HUP | POLL_ERR,
    POLL_OUT | LX_POLLWRNORM | LX_POLLWRBAND | POLL_ERR,
    POLL_PRI,
};

struct select_call { u64 user[SETS]; u64 *set[SETS]; size_t words, n, nitems; struct poll_item *items; int *fds; };

/* Linux rejects a negative n and ignores bits beyond the table's end. */
static int call_size(struct select_call *c, i32 n)
{
    u64 most = MAX((u64)HANDLES_MAX, MIN(lx_limit(LX_RLIMIT_NOFILE), 1ul << 20));
    if (n < 0)
        return -EINVAL;
    c->n = MIN((u64)n, most);
    c->words = BITMAP_WORDS(c->n);
    return 0;
}

static int call_get(struct select_call *c)
{
    c->set[0] = kzalloc(SETS * c->words * sizeof(u64));
    if (!c->set[0])
        return -ENOMEM;
    for (int s = 0; s < SETS; s++) {
        c->set[s] = c->set[0] + (size_t)s * c->words;
        if (c->user[s] && copy_from_user(c->set[s], uptr(c->user[s]), c->words * sizeof(u64)) < 0)
            return -EFAULT;
    }
    for (size_t fd = 0; fd < c->n; fd++)
        c->nitems += bitmap_test(c->set[0], fd) || bitmap_test(c->set[1], fd) || bitmap_test(c->set[2], fd);
    c->items = kzalloc(c->nitems * sizeof(*c->items));
    c->fds = kmalloc(c->nitems * sizeof(*c->fds));
    return c->items && c->fds ? 0 : -ENOMEM;
}

static int call_open(struct select_call *c)
{
    size_t used = 0;
    for (size_t fd = 0; fd < c->n; fd++) {
        unsigned want = 0;
        for (int s = 0; s < SETS; s++)
            want |= bitmap_test(c->set[s], fd) ? answers[s] : 0;
        if (!want)
            continue;
        int r = lx_file_get((int)fd, &c->items[used].file);
        if (r < 0)
            return r;
        c->items[used].want = want;
        c->fds[used++] = (int)fd;
    }
    return 0;
}

static void call_put(struct select_call *c)
{
    if (c->items)
        poll_items_put(c->items, c->nitems);
    kfree(c->items);
    kfree(c->fds);
    kfree(c->set[0]);
}

/* Turns the requests into answers in place, writes them back, counts the bits. */
static long call_answer(struct select_call *c)
{
    long bits = 0;
    for (size_t i = 0; i < c->nitems; i++) {
        for (int s = 0; s < SETS; s++) {
            if (!bitmap_test(c->set[s], (size_t)c->fds[i]))
                continue;
            if (c->items[i].got & answers[s])
                bits++;
            else
                bitmap_clear(c->set[s], (size_t)c->fds[i]);
        }
    }
    if (c->n % 64) /* bits that were never asked about are not answered */
        for (int s = 0; s < SETS; s++)
            c->set[s][c->words - 1] &= (1ull << (c->n % 64)) - 1;
    for (int s = 0; s < SETS; s++)
        if (c->user[s] && copy_to_user(uptr(c->user[s]), c->set[s], c->words * sizeof(u64)) < 0)
            return -EFAULT;
    return bits;
}

static long do_select(i32 n, u64 in, u64 out, u64 except, u64 timeout_ns)
{
    struct select_call c = { .user = { in, out, except } };
    long r = call_size(&c, n);
    if (r < 0)
        return r;
    r = call_get(&c);
    if (r == 0)
        r = call_open(&c);
    if (r == 0)
        r = poll_wait(c.items, c.nitems, timeout_ns);
    if (r >= 0)
        r = call_answer(&c);
    call_put(&c);
    return r == -EINTR ? -ERESTARTNOHAND : r;
}

/* Microseconds beyond a second are carried over, as Linux's select does. */
static int timeval_get(u64 user, u64 *ns)
{
    struct lx_timeval tv;
    if (copy_from_user(&tv, uptr(user), sizeof(tv)) < 0)
        return -EFAULT;
    if (tv.sec < 0 || tv.usec < 0)
        return -EINVAL;
    u64 sec = (u64)tv.sec + (u64)tv.usec / 1000000;
    u64 rest = (u64)tv.usec % 1000000 * 1000;
    *ns = sec >= UINT64_MAX / NSEC_PER_SEC ? POLL_FOREVER : sec * NSEC_PER_SEC + rest;
    return 0;
}

long sys_select(u64 n, u64 in, u64 out, u64 except, u64 timeout, u64)
{
    u64 ns = POLL_FOREVER;
    int r = timeout ? timeval_get(timeout, &ns) : 0;
    if (r < 0)
        return r;
    struct poll_clock clock = poll_clock_start(ns);
    long bits = do_select((i32)n, in, out, except, ns);
    if (timeout)
        (void)!lx_timeval_put(uptr(timeout), poll_clock_left(&clock));
    return bits;
}

long sys_pselect6(u64 n, u64 in, u64 out, u64 except, u64 timeout, u64 mask)
{
    u64 ns = POLL_FOREVER;
    struct lx_sigset_arg arg = { 0, 0 };
    int r = timeout ? lx_timespec_get(uptr(timeout), &ns) : 0;
    if (r == 0 && mask)
        r = copy_from_user(&arg, uptr(mask), sizeof(arg));
    if (r == 0)
        r = lx_wait_mask_begin(uptr(arg.set), arg.size);
    if (r < 0)
        return r;
    struct poll_clock clock = poll_clock_start(ns);
    long bits = do_select((i32)n, in, out, except, ns);
    if (timeout)
        (void)!lx_timespec_put(uptr(timeout), poll_clock_left(&clock));
    lx_wait_mask_end(bits);
    return bits;
}
