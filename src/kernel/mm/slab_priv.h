/* Inside the heap.
 *
 *     kmalloc  heap.c      kmalloc and its relatives
 *        |     heap_plain.c | heap_debug.c   straight on | with redzones, poison and owners
 *        |     slab_cache.c                  small: per-CPU lists of objects
 *        v     slab.c                        small: slabs of one size class
 *              slab_big.c                    whole pages
 *
 * Order of locks: the lists of a CPU, a class, then pmm. */
#pragma once
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/list.h"
#include "mm/slab.h"

/* --- the layer below kmalloc: one of heap_plain.c and heap_debug.c ---------------------------- */

/* owner: an address in the code that asks; it is remembered in debug kernels. */
void *heap_alloc(size_t size, const void *owner) MUST_CHECK;
void heap_free(void *p, const void *owner); /* p is not NULL */
size_t heap_usable(const void *p);
/* What it keeps itself: checks it / lets it go. */
void heap_layer_check(void);
void heap_layer_trim(void);

/* --- objects of any size ---------------------------------------------------------------------- */

#define CLASS_MAX 1984
#define NCLASSES 15
#define NO_CLASS NCLASSES

void *big_alloc(size_t size);
void big_free(void *p);
size_t big_usable(const void *p);
void big_count(u64 *objects, u64 *bytes);
/* Objects of a class are never page-aligned, all others always are. */
static inline bool is_big(const void *p) { return IS_ALIGNED((vaddr_t)p, PAGE_SIZE); }
/* In the direct map? */
static inline bool is_direct(const void *p) { return (vaddr_t)p - DIRECT_MAP_BASE < DIRECT_MAP_END - DIRECT_MAP_BASE; }

/* --- size classes ----------------------------------------------------------------------------- */

struct class_shape {
    u16 size;
    u16 first;    /* offset of object 0 in its page */
    u16 capacity; /* objects in a slab */
    u16 keep;     /* objects in a CPU's list, at most */
    u32 inverse;  /* 2^16 / size, rounded up: multiplying finds an object's number */
};
extern struct class_shape class_shape[NCLASSES];
/* Class of a size, in steps of 16. */
extern u8 class_by_size[CLASS_MAX / 16 + 1];

#define SLAB_MAGIC 0x534c4142u /* "SLAB" */

enum object_state { OBJECT_FREE, OBJECT_CACHED, OBJECT_LIVE };

/* A page of objects of one class begins with this. */
struct slab {
    u32 magic;
    u16 cls;
    u16 nout;          /* class lock: objects that are not FREE */
    struct slab *self; /* a copied or shifted header does not pass */
    struct list link;  /* class lock: in partial or full of its class */
    u8 state[];        /* one byte an object; FREE <-> others under the class lock */
};

/* Takes up to n objects of the class out of slabs (FREE -> CACHED); returns how many. */
unsigned slab_take(unsigned cls, void **object, unsigned n);
/* Puts them back (CACHED -> FREE). */
void slab_give(unsigned cls, void *const *object, unsigned n);
NORETURN void slab_of_failed(const void *p); /* says what is wrong with p */

static inline struct slab *slab_at(const void *p) { return (struct slab *)ROUND_DOWN((vaddr_t)p, PAGE_SIZE); }
/* Number of the object at p in a slab of this shape; not less than the capacity if there is none. */
static inline u32 object_number(const struct class_shape *shape, const void *p)
{
    u32 offset = (u32)((vaddr_t)p % PAGE_SIZE) - shape->first;
    u32 i = (u32)((u64)offset * shape->inverse >> 16);
    return likely(i * shape->size == offset) ? i : UINT32_MAX;
}
/* The slab and number of a class object; panics by name if p cannot be one. */
static inline struct slab *slab_of(const void *p, unsigned *number)
{
    struct slab *s = slab_at(p);
    if (unlikely(!is_direct(p)) || unlikely(s->magic != SLAB_MAGIC || s->self != s || s->cls >= NCLASSES))
        slab_of_failed(p);
    *number = object_number(&class_shape[s->cls], p);
    if (unlikely(*number >= class_shape[s->cls].capacity))
        slab_of_failed(p);
    return s;
}
u64 class_out(unsigned cls, u64 *nslabs); /* objects not FREE */
/* Checks the slabs of a class; *cached: how many objects are CACHED in them. */
void class_check(unsigned cls, u64 *cached);

/* --- per-CPU lists ---------------------------------------------------------------------------- */

void caches_init(void);
void *cache_alloc(unsigned cls);
void cache_free(void *p);
void caches_trim(void);
u64 caches_count(unsigned cls); /* objects in lists */
