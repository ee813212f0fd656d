/* Ranges as system calls get them. Private to linux/. */
#pragma once
#include "vm/aspace.h"

/* Rounds len up to pages: false if that or addr + size wraps around. */
static inline bool vm_range_round(vaddr_t addr, u64 len, u64 *size)
{
    *size = ROUND_UP(len, PAGE_SIZE);
    return *size >= len && addr + *size >= addr;
}
