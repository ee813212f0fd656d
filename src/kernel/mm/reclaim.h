/* Giving back what is only kept for speed. */
#pragma once
#include "lib/types.h"

/* Empties what the kernel keeps at hand: stacks of ended threads, empty page tables, the heap's lists and
 * empty slabs, the CPUs' lists of pages. Returns how many pages more are free. Takes locks of mm; not
 * from interrupt handlers. */
u64 memory_reclaim(void);
