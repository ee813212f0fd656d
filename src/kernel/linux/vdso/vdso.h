/* What the kernel tells the code in vdso.c; it lies at a fixed place of the same page. */
#pragma once

#define VDSO_PAGE_BYTES 4096
#define VDSO_CLOCK_OFFSET 0xf80 /* vdso.lds has it, too */

/* struct tsc_scale of arch/tsc.h. Only the offset ever changes, and it is one word. */
struct vdso_clock { unsigned long base, sec_scale, ns_scale, realtime_offset_ns; unsigned shift; };
