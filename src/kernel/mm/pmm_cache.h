/* The buddy allocator for several CPUs: its lock, and in front of it a short list of free pages
 * per CPU, so that taking and giving back a page touches nothing that CPUs share. Inside mm/. */
#pragma once
#include "mm/pmm_buddy.h"

size_t cached_table_bytes(u64 npages);
void cached_init(void *table, u64 npages);
void cached_add(u64 first, u64 n);
u64 cached_alloc_page(void);
u64 cached_alloc(u64 n, u64 align, u64 limit);
void cached_free_page(u64 page);
void cached_free(u64 first, u64 n);
bool cached_reserve(u64 first, u64 n);
u64 cached_nfree(void);
u64 cached_nfree_sure(void); /* those in no list */
void cached_check(void);
/* Gives the pages of all lists back to the buddy allocator, where they can merge. */
void cached_drain(void);
