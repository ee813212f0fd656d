/* Questions about a range of an address space (vm_range.c). Private to linux/. */
#pragma once
#include "vm/aspace.h"

/* Rounds len up to pages: false if that or addr + size wraps around. */
bool vm_range_round(vaddr_t addr, u64 len, u64 *size);
struct vm_range_facts { u64 mapped_bytes; bool shared; };
struct vm_range_facts vm_range_examine(struct aspace *as, vaddr_t addr, u64 size);
