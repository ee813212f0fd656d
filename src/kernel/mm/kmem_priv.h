/* What kmem.c and kstack.c share. Inside mm/. */
#pragma once
#include "arch/paging.h"

/* New pages for all of [va, va + npages*4K), or none. */
bool kmem_map_ram(vaddr_t va, size_t npages) MUST_CHECK;
/* Unmaps; fn (may be NULL) hears of each page that was there. */
void kmem_unmap(vaddr_t va, size_t npages, pt_page_fn fn);
void kmem_free_ram(vaddr_t va, paddr_t pa, unsigned flags, void *ctx); /* for kmem_unmap */
/* Gives an arena range back, with the page tables that are empty then. */
void kmem_give_addresses(vaddr_t base);
