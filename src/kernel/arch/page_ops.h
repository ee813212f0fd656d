/* Filling and copying whole pages, by the fastest way of this machine. Addresses are multiples of
 * 4 KiB. Not from interrupt handlers. */
#pragma once
#include "lib/types.h"

/* Chooses the way. Before the first use, after cpu_features_init. */
void page_ops_init(void);
void page_fill_zero(void *page);
/* Only the bytes from there on. */
#define PAGE_ROUND 512u
void page_fill_zero_from(void *page, size_t from);
void page_copy_words(void *dst, const void *src);
