/* poll and select (asm-generic/poll.h, linux/posix_types.h). */
#pragma once
#include "lib/types.h"

struct lx_pollfd { i32 fd; i16 events, revents; };
_Static_assert(sizeof(struct lx_pollfd) == 8, "struct pollfd is 8 bytes");
#define LX_POLLRDNORM 0x40u
#define LX_POLLRDBAND 0x80u
#define LX_POLLWRNORM 0x100u
#define LX_POLLWRBAND 0x200u

/* pselect6's sixth argument. */
struct lx_sigset_arg { u64 set, size; };
