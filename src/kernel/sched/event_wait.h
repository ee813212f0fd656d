/* Sleeping until an event says so: a thread as a watcher. */
#pragma once
#include "object/event.h"
#include "sched/waitq.h"

struct sleeper { struct watcher watch; struct thread *thread; };

/* The current thread is woken whenever e tells of one of `want`. Remove it with watcher_remove. */
void sleeper_add(struct event *e, struct sleeper *s, u32 want);

/* As wait_event (sched/waitq.h), on an event: sleeps until cond is true, looking again whenever e
 * tells of one of `want`. 0, -EINTR or -ETIMEDOUT. deadline_ns 0: for ever. */
#define event_wait(e_ptr, want_, cond, interruptible_, deadline_ns_)                         \
    ({                                                                                       \
        struct sleeper s_;                                                                   \
        int r_ = 0;                                                                          \
        sleeper_add((e_ptr), &s_, (want_));                                                  \
        for (;;) {                                                                           \
            thread_block_prepare(interruptible_);                                            \
            if (cond) {                                                                      \
                thread_block_cancel();                                                       \
                r_ = 0;                                                                      \
                break;                                                                       \
            }                                                                                \
            if (r_) {                                                                        \
                thread_block_cancel();                                                       \
                break;                                                                       \
            }                                                                                \
            r_ = thread_block(deadline_ns_);                                                 \
        }                                                                                    \
        watcher_remove(&s_.watch);                                                           \
        r_;                                                                                  \
    })
