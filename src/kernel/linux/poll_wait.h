/* Waiting until one of several files is ready: what poll and select are made of (poll_wait.c).
 * Both look first, at all descriptors with the table locked once; only a call that must sleep takes
 * references and registers. Private to linux/. */
#pragma once
#include "linux/lx.h"
#include "object/slots.h"
#include "sched/event_wait.h"

/* One look at the file in slot fd: its bits, POLL_NVAL if there is none, or POLL_ASK: only a call that
 * may sleep can tell. */
#define POLL_ASK (1u << 31)
static inline unsigned poll_look(const struct slots *s, int fd)
{
    const struct slot *at = slots_at(s, fd);
    if (unlikely(!at || at->obj->type != KOBJ_FILE))
        return POLL_NVAL;
    struct file *f = file_from(at->obj);
    return likely(f->event != NULL) ? event_state(f->event) & f->event_mask : POLL_ASK;
}

/* file NULL: skipped. got: what is ready. keep, sleeper: poll_wait's own. */
struct poll_item { struct file *file; struct kobject *keep; unsigned want, got; struct sleeper sleeper; };
#define POLL_ITEMS_NEAR 4 /* so many a call has on its stack */

#define POLL_FOREVER UINT64_MAX
/* Number of items with got != 0, 0 after timeout_ns, -EINTR (a signal came and nothing was ready).
 * timeout_ns 0 only looks. */
long poll_wait(struct poll_item *items, size_t n, u64 timeout_ns) MUST_CHECK;
/* The files of n descriptors, with references: near if they fit, else the heap; NULL: no memory. */
struct poll_item *poll_items_alloc(struct poll_item *near, size_t n);
void poll_items_free(struct poll_item *items, struct poll_item *near, size_t n); /* puts the files */

/* Deadlines of a call, for telling how much time is left. */
struct poll_clock { u64 start_ns, timeout_ns; };
struct poll_clock poll_clock_start(u64 timeout_ns);
u64 poll_clock_left(const struct poll_clock *c);

/* ppoll, pselect6, epoll_pwait: the mask for the time of waiting. user 0: leave it. -EINVAL, -EFAULT. */
int lx_wait_mask_begin(uptr_t user, u64 size) MUST_CHECK;
/* r: the call's result. After an interruption the old mask comes back when the signal was
 * delivered, otherwise now. */
void lx_wait_mask_end(long r);
