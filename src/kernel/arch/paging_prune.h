/* Giving back tables of the kernel half that nothing is mapped by any more. */
#pragma once
#include "arch/paging.h"

/* [va, va + npages*4K) was just unmapped, and [free_from, free_to) around it has no page either.
 * Frees the tables whose whole span lies in there; never the top one, which all address spaces
 * share. The caller keeps everybody from mapping anything in that range meanwhile. */
void pt_prune(struct pagetable *pt, vaddr_t va, size_t npages, vaddr_t free_from, vaddr_t free_to);
