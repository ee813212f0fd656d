/* select and pselect6: three bit sets in, three out. One look at all descriptors named in any set;
 * only a call that finds nothing ready and may wait goes on to poll_wait. n is cut to what the
 * descriptor table can hold, as Linux does. */
#include "linux/abi/poll.h"
#include "linux/poll_wait.h"
#include "linux/sys_priv.h"
#include "lib/bitmap.h"
#include "sched/clock.h"

enum { SET_READ, SET_WRITE, SET_EXCEPT, SETS };
#define WORDS_NEAR 4 /* 256 descriptors: sets on the stack */

/* What must be ready for a set's bit to be left on (select(2), "Correspondence between select()
 * and poll()"), and what poll is asked for. */
static const unsigned answers[SETS] = {
    POLL_IN | POLL_RDNORM | LX_POLLRDBAND | POLL_HUP | POLL_ERR,
    POLL_OUT | POLL_WRNORM | LX_POLLWRBAND | POLL_ERR,
    POLL_PRI,
};

/* want and got: SETS sets of `words` words each, one behind the other. */
struct select_call { u64 user[SETS]; u64 *want, *got; size_t words, n, named; long bits; bool ask, closed; };

#define LX_FD_SETSIZE 1024ul /* bits of a program's fd_set */

/* Linux rejects a negative n and ignores bits beyond the table's end. */
static int call_size(struct select_call *c, i32 n)
{
    u64 most = MIN(MAX(lx_limit(LX_RLIMIT_NOFILE), LX_FD_SETSIZE), (u64)HANDLES_MAX);
    if (n < 0)
        return -EINVAL;
    c->n = MIN((u64)n, most);
    c->words = BITMAP_WORDS(c->n);
    return 0;
}

/* Bits beyond n are not asked about. */
static int call_get(struct select_call *c)
{
    size_t bytes = c->words * sizeof(u64);
    memset(c->want, 0, 2 * SETS * bytes);
    for (int s = 0; s < SETS; s++) {
        u64 *set = c->want + (size_t)s * c->words;
        if (c->user[s] && copy_from_user(set, uptr(c->user[s]), bytes) < 0)
            return -EFAULT;
        if (c->n % 64)
            set[c->words - 1] &= (1ull << (c->n % 64)) - 1;
    }
    return 0;
}

/* What poll is asked about descriptor fd. */
static unsigned wanted(const struct select_call *c, size_t word, u64 bit)
{
    unsigned want = 0;
    for (unsigned s = 0; s < SETS; s++)
        want |= c->want[s * c->words + word] & bit ? answers[s] : 0;
    return want;
}

static void answer(struct select_call *c, size_t word, u64 bit, unsigned got)
{
    for (unsigned s = 0; s < SETS; s++) {
        size_t at = s * c->words + word;
        if (!(c->want[at] & bit & ((got & answers[s]) ? ~0ull : 0)))
            continue;
        c->got[at] |= bit;
        c->bits++;
    }
}

static u64 named_in(const struct select_call *c, size_t word)
{
    return c->want[word] | c->want[c->words + word] | c->want[2 * c->words + word];
}

static void look_at_all(const struct slots *slots, void *ctx)
{
    struct select_call *c = ctx;
    for (size_t word = 0; word < c->words; word++) {
        for (u64 left = named_in(c, word); left; left &= left - 1) {
            unsigned got = poll_look(slots, (int)(word * 64) + __builtin_ctzll(left));
            c->named++;
            c->ask |= got == POLL_ASK;
            c->closed |= got == POLL_NVAL;
            answer(c, word, left & -left, got);
        }
    }
}

static int call_open(const struct select_call *c, struct poll_item *items)
{
    size_t used = 0;
    for (size_t word = 0; word < c->words; word++) {
        for (u64 left = named_in(c, word); left; left &= left - 1) {
            struct poll_item *it = &items[used++];
            int r = lx_file_get((int)(word * 64) + __builtin_ctzll(left), &it->file);
            if (r < 0) {
                it->file = NULL;
                return r;
            }
            it->want = wanted(c, word, left & -left);
        }
    }
    return 0;
}

static __attribute__((noinline)) long wait_for_one(struct select_call *c, u64 timeout_ns)
{
    struct poll_item near[POLL_ITEMS_NEAR], *items = poll_items_alloc(near, c->named), *it = items;
    if (!items)
        return -ENOMEM;
    long r = call_open(c, items);
    if (r == 0)
        r = poll_wait(items, c->named, timeout_ns);
    memset(c->got, 0, SETS * c->words * sizeof(u64));
    c->bits = 0;
    for (size_t word = 0; r >= 0 && word < c->words; word++)
        for (u64 left = named_in(c, word); left; left &= left - 1)
            answer(c, word, left & -left, (it++)->got);
    poll_items_free(items, near, c->named);
    return r < 0 ? r : c->bits;
}

static long call_select(struct select_call *c, u64 timeout_ns)
{
    int r = call_get(c);
    if (r < 0)
        return r;
    handle_table_look(process_current()->handles, look_at_all, c);
    if (c->closed)
        return -EBADF;
    long bits = c->bits;
    if (c->ask || (bits == 0 && timeout_ns))
        bits = wait_for_one(c, bits ? 0 : timeout_ns);
    for (int s = 0; bits >= 0 && s < SETS; s++)
        if (c->user[s] && copy_to_user(uptr(c->user[s]), c->got + (size_t)s * c->words, c->words * sizeof(u64)) < 0)
            bits = -EFAULT;
    return bits == -EINTR ? -ERESTARTNOHAND : bits;
}

static long do_select(i32 n, u64 in, u64 out, u64 except, u64 timeout_ns)
{
    u64 near[2 * SETS * WORDS_NEAR];
    struct select_call c = { .user = { in, out, except } };
    long r = call_size(&c, n);
    if (r < 0)
        return r;
    bool many = c.words > WORDS_NEAR;
    c.want = many ? kmalloc(2 * SETS * c.words * sizeof(u64)) : near;
    if (!c.want)
        return -ENOMEM;
    c.got = c.want + SETS * c.words;
    r = call_select(&c, timeout_ns);
    if (many)
        kfree(c.want);
    return r;
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
