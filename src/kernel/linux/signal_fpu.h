/* The FPU image in a signal frame. */
#pragma once
#include "lib/types.h"

bool lx_fpu_is_xsave(void);
size_t lx_fpu_frame_size(void);         /* 0: the thread never used the FPU, no image needed */
int lx_fpu_frame_save(u64 user) MUST_CHECK; /* -EFAULT */
/* 0 as address: initial state. -EFAULT, -ENOMEM. Whatever lies there can be loaded afterwards. */
int lx_fpu_frame_load(u64 user) MUST_CHECK;
void lx_fpu_reset(void);                /* initial state, as a handler starts with */
/* A copy of the calling thread's state for a new thread; NULL in *out if there is none. */
int lx_fpu_copy(void **out) MUST_CHECK;
