/* make HEAP_DEBUG=0: nothing between kmalloc and the slabs. */
#include "mm/slab_priv.h"

const bool heap_debug = false;

void *heap_alloc(size_t size, const void *owner)
{
    return likely(size <= CLASS_MAX) ? cache_alloc(class_by_size[(size + 15) / 16]) : big_alloc(size);
}

void heap_free(void *p, const void *owner)
{
    if (unlikely(is_big(p)))
        big_free(p);
    else
        cache_free(p);
}

size_t heap_usable(const void *p)
{
    unsigned i;
    return is_big(p) ? big_usable(p) : class_shape[slab_of(p, &i)->cls].size;
}

void heap_layer_check(void) {}
void heap_layer_trim(void) {}
