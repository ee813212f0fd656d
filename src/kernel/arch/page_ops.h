/* Filling and copying whole pages, by the fastest way of this machine. Addresses are multiples of
 * 4 KiB. Not from interrupt handlers. */
#pragma once
#include "lib/types.h"

/* Chooses the way. Before the first use, after cpu_features_init. */
void page_ops_init(void);
void page_fill_zero(void *page);
void page_copy_words(void *dst, const void *src);
