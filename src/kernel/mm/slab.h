/* The kernel heap: size-class slabs over pages; above about half a page, whole pages.
 * Results are aligned to 16 bytes (to 64 if size is a multiple of 64). Does not sleep; not from
 * interrupt handlers. kfree(NULL) does nothing. Double frees and foreign pointers panic by name. */
#pragma once
#include "lib/types.h"

void slab_init(void);
void *kmalloc(size_t size) MUST_CHECK;  /* NULL: out of memory; size 0 gives a unique pointer */
void *kzalloc(size_t size) MUST_CHECK;  /* zeroed */
void *krealloc(void *p, size_t size) MUST_CHECK; /* p stays valid when NULL comes back */
void kfree(void *p);
size_t kmalloc_usable(const void *p);
char *kstrdup(const char *s) MUST_CHECK;

struct heap_stats { u64 bytes_used, objects, pages; };
struct heap_stats heap_stats(void);
/* Walks every slab and panics on the first broken invariant. */
void heap_check(void);
