/* Between futex_pi.c and futex_owner.c. */
#pragma once
#include "lib/types.h"

#define FUTEX_AGAIN 1 /* something changed meanwhile: look anew */

/* tid, which is queued, waits for `owner`. 0: that thread knows. -ESRCH: there is none. FUTEX_AGAIN: it is
 * ending. -EDEADLK: it waits for tid. May sleep. */
int futex_owner_tell(int owner, int tid) MUST_CHECK;
