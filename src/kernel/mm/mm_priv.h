/* What the files of mm/ share. */
#pragma once
#include "lib/types.h"

/* Memory below 1 MiB never enters circulation: firmware data, the real-mode start of other CPUs,
 * and a page 0 that must not look like "no page". */
#define LOW_MEMORY_END 0x100000ull

/* kstack_mark.c: called when a stack is made. */
void kstack_mark_new(void *base, size_t npages);
