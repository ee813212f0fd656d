/* Who waits for whose lock, and the priority that follows from it (futex_boost.c). One in each thread; its fields
 * are futex_boost.c's. */
#pragma once
#include "lib/list.h"
#include "lib/types.h"

struct thread;

struct futex_boost {
    struct list waiters;            /* those that wait for a lock of this thread's */
    struct list link;               /* in the owner's list */
    struct futex_boost *waits_for;  /* the owner; NULL: none that is known */
    struct thread *thread;          /* set before it is linked */
    u8 highest;                     /* priority of the waiters */
};

void futex_boost_init(struct futex_boost *b);
/* `waiter` waits for owner's locks from now on; NULL: for nobody's. Both must stay as long as they are so
 * linked. Any context. */
void futex_boost_wait(struct futex_boost *waiter, struct futex_boost *owner);
/* The same, if *said is still `what` when nobody else can change waiter's owner by these calls. */
void futex_boost_wait_if(struct futex_boost *waiter, struct futex_boost *owner, const int *said, int what);
/* The priority of b's own thread has changed. */
void futex_boost_changed(struct futex_boost *b);
