/* The FPU image in a signal frame. `fresh`: the thread has an area, but its next use of the FPU starts
 * from the initial state, as if it had none. */
#pragma once
#include "arch/fpu.h"
#include "linux/abi/sigframe.h"

static inline bool lx_fpu_is_xsave(void) { return fpu_area_size() >= LX_XSTATE_HDR_END; }

size_t lx_fpu_frame_size(void);         /* 0: the FPU is unused or fresh, no image needed */
/* Afterwards the FPU is fresh, as a handler starts with. -EFAULT: it is as it was. */
int lx_fpu_frame_save(u64 user) MUST_CHECK;
/* 0 as address: initial state. -EFAULT, -ENOMEM. Whatever lies there can be loaded afterwards. */
int lx_fpu_frame_load(u64 user) MUST_CHECK;
void lx_fpu_reset(void);                /* initial state: execve */
/* A copy of the calling thread's state for a new thread; NULL in *out if there is none. */
int lx_fpu_copy(void **out) MUST_CHECK;
