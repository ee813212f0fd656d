/* Waiting until one of several files is ready: what poll and select are made of (poll_wait.c).
 * Private to linux/. */
#pragma once
#include "linux/lx.h"

/* file NULL: skipped if want is 0, otherwise not open (POLL_NVAL). got: what is ready. */
struct poll_item { struct file *file; unsigned want, got; };

#define POLL_FOREVER UINT64_MAX
/* Number of items with got != 0, 0 after timeout_ns, -EINTR (a signal came and nothing was ready),
 * -ENOMEM. timeout_ns 0 only looks. */
long poll_wait(struct poll_item *items, size_t n, u64 timeout_ns) MUST_CHECK;
void poll_items_put(struct poll_item *items, size_t n);

/* Deadlines of a call, for telling how much time is left. */
struct poll_clock { u64 start_ns, timeout_ns; };
struct poll_clock poll_clock_start(u64 timeout_ns);
u64 poll_clock_left(const struct poll_clock *c);

/* ppoll and pselect6: the mask for the time of waiting. user 0: leave it. -EINVAL, -EFAULT. */
int lx_wait_mask_begin(uptr_t user, u64 size) MUST_CHECK;
/* r: the call's result. After an interruption the old mask comes back when the signal was
 * delivered, otherwise now. */
void lx_wait_mask_end(long r);
