/* linux/capability.h, version 3: two words a set. The superuser has all, others none. */
#pragma once
#include "lib/types.h"

#define LX_CAP_VERSION_3 0x20080522u
#define LX_CAP_LAST 40u /* CAP_CHECKPOINT_RESTORE */
#define LX_CAP_ALL ((1ull << (LX_CAP_LAST + 1)) - 1)

struct lx_cap_header { u32 version; i32 pid; };
struct lx_cap_data { u32 effective, permitted, inheritable; };
