/* The kernel heap: size-class slabs with per-CPU caches; above about half a page, whole pages.
 * Results are aligned to 16 bytes (to 64 if size is a multiple of 64). Does not sleep; not from
 * interrupt handlers. kfree(NULL) does nothing. Double frees and foreign pointers panic by name.
 *
 * A kernel built with `make HEAP_DEBUG=1` also finds what was written beside an object or after it
 * was freed, and names who allocated and who freed it (heap_debug.c). */
#pragma once
#include "lib/types.h"

void slab_init(void);
/* What the heap keeps for a CPU, made before it starts rather than while it runs. -ENOMEM. */
int heap_prepare_cpu(unsigned cpu) MUST_CHECK;
void *kmalloc(size_t size) MUST_CHECK;  /* NULL: out of memory; size 0 gives a unique pointer */
void *kzalloc(size_t size) MUST_CHECK;  /* zeroed */
void *krealloc(void *p, size_t size) MUST_CHECK; /* p stays valid when NULL comes back */
void kfree(void *p);
size_t kmalloc_usable(const void *p);
char *kstrdup(const char *s) MUST_CHECK;

struct heap_stats { u64 bytes_used, objects, pages; };
/* Exact while nobody else allocates. */
struct heap_stats heap_stats(void);
/* Gives the memory of all caches back to the page allocator, as far as it is whole pages. */
void heap_trim(void);
/* Walks every slab and panics on the first broken invariant. Others may allocate meanwhile. */
void heap_check(void);
/* Was this kernel built with HEAP_DEBUG=1? */
extern const bool heap_debug;
