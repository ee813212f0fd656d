/* Between futex_pi.c and futex_owner.c. */
#pragma once
#include "lib/types.h"

#define FUTEX_AGAIN 1 /* something changed meanwhile: look anew */

struct uthread;

/* The caller, which is queued, waits for `owner`. 0: that thread knows, and runs with the caller's priority.
 * -ESRCH: there is none. FUTEX_AGAIN: it is ending. -EDEADLK: it waits for the caller. May sleep. */
int futex_owner_tell(int owner, struct uthread *waiter) MUST_CHECK;
