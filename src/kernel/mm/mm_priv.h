/* What the files of mm/ share. */
#pragma once
#include "arch/cpu.h"
#include "lib/types.h"

/* Memory below 1 MiB is not used while the machine starts: ACPI's tables are looked for there, and other CPUs start
 * there in real mode. The first 64 KiB of it never are: firmware's data, which some firmware goes on writing to, and
 * a page 0 that must not look like "no page". */
#define LOW_MEMORY_END 0x100000ull
#define FIRMWARE_END 0x10000ull

/* kstack_mark.c: called when a stack is made. */
void kstack_mark_new(void *base, size_t npages);

/* The checks compare sums that lie in several places, and what is just moving from one to the other
 * is in neither or in both. A difference is real when it stays: so many looks, with a pause after
 * each in which others, also a preempted thread of this CPU, get on. */
#define CHECK_LOOKS 2000u
static inline void check_pause(void)
{
    for (unsigned i = 0; i < 500; i++)
        cpu_relax();
}
