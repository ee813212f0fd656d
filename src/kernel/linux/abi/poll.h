/* poll and select (asm-generic/poll.h, linux/posix_types.h). */
#pragma once
#include "lib/types.h"

struct lx_pollfd { i32 fd; i16 events, revents; };
_Static_assert(sizeof(struct lx_pollfd) == 8 && offsetof(struct lx_pollfd, revents) == 6,
               "struct pollfd, as copy_tails_to_user needs it");
#define LX_POLLRDBAND 0x80u
#define LX_POLLWRBAND 0x200u

/* pselect6's sixth argument. */
struct lx_sigset_arg { u64 set, size; };
