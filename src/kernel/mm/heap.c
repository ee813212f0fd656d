/* The heap as the kernel sees it. */
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/alloc_fault.h"
#include "mm/mm_priv.h"
#include "mm/slab_priv.h"

#define CALLER __builtin_return_address(0)

static inline void *alloc(size_t size, const void *owner)
{
    return alloc_shall_fail() ? NULL : heap_alloc(size, owner);
}

void *kmalloc(size_t size) { return alloc(size, CALLER); }

void *kzalloc(size_t size)
{
    void *p = alloc(size, CALLER);
    return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
    if (!p)
        return;
    lock_gone(p, LOCK_DEBUG ? heap_usable(p) : 0, "freed");
    heap_free(p, CALLER);
}

size_t kmalloc_usable(const void *p) { return p ? heap_usable(p) : 0; }

void *krealloc(void *p, size_t size)
{
    size_t have = kmalloc_usable(p);
    if (p && size <= have)
        return p;
    void *bigger = alloc(size, CALLER);
    if (!bigger)
        return NULL;
    if (p) {
        memcpy(bigger, p, have);
        heap_free(p, CALLER);
    }
    return bigger;
}

char *kstrdup(const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = alloc(size, CALLER);
    return copy ? memcpy(copy, s, size) : NULL;
}

struct heap_stats heap_stats(void)
{
    struct heap_stats sum;
    big_count(&sum.objects, &sum.bytes_used);
    sum.pages = sum.bytes_used / PAGE_SIZE;
    for (unsigned cls = 0; cls < NCLASSES; cls++) {
        u64 nslabs, out = class_out(cls, &nslabs), n = out - MIN(caches_count(cls), out); /* read one after the other */
        sum.objects += n;
        sum.bytes_used += n * class_shape[cls].size;
        sum.pages += nslabs;
    }
    return sum;
}

void heap_trim(void)
{
    heap_layer_trim();
    caches_trim();
}

/* An object on its way between slab, list and user is counted on one side only. */
static void check_cached(unsigned cls)
{
    u64 cached, listed;

    for (unsigned look = 0; look < CHECK_LOOKS; look++) {
        class_check(cls, &cached);
        listed = caches_count(cls);
        if (cached == listed)
            return;
        check_pause();
    }
    panic("heap: class %u has %lu cached objects, and %lu are in the caches", class_shape[cls].size, cached, listed);
}

void heap_check(void)
{
    for (unsigned cls = 0; cls < NCLASSES; cls++)
        check_cached(cls);
    heap_layer_check();
}
