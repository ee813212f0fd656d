/* FPU, SSE (and AVX where XSAVE has it) registers of programs. The kernel itself uses none.
 *
 * Lazy: a switch away saves only what the program used in this time slice and sets CR0.TS; the
 * first use afterwards traps (#NM) and loads. State never stays in the registers of a CPU for
 * another program to see, and never has to be fetched from another CPU. */
#pragma once
#include "lib/types.h"

/* Bytes of a save area on this machine (multiple of 64, aligned to 64). */
extern size_t fpu_area_bytes; /* set once at boot */
static inline size_t fpu_area_size(void) { return fpu_area_bytes; }
void fpu_init_cpu(void);
/* Initial state as execve gives it: FCW 0x37f, MXCSR 0x1f80, all else zero. */
void fpu_area_init(void *area);
/* Writes what an area leaves out because it is in its initial state, for who reads or changes one. Its
 * contents are in no registers. */
void fpu_area_complete(void *area);
/* Called by sched with interrupts off: save what `area`'s owner has in the registers, if any. */
void fpu_switch_out(void *area);
/* #NM: give the FPU to the current thread. */
void fpu_load(void *area);
/* Forget the registers without saving them (thread exit, execve). Then area may be changed. */
void fpu_discard(void *area);
/* Bring the area up to date with the registers and keep them usable (fork, signal frames). */
void fpu_sync(void *area);
