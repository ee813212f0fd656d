/* The kernel heap.
 *
 *   size <= 1984        an object of a size class, in a slab: one page with a header at its start
 *   size <= 4096        one page by its direct-map address (the only pointers that are page-aligned
 *                       there, because slabs begin with their header)
 *   larger              kmem_alloc; kmem knows its length
 *
 * A slab's header holds a bitmap of its live objects, so there is no free list inside freed memory
 * for a stray write to break, and freeing twice or freeing what was never allocated is seen at
 * once. Slabs with room are in their class's `partial` list, the others in `full`; of empty ones a
 * class keeps one and gives the rest back.
 *
 * Sizes up to 256 are even steps; above, 4032 bytes divided by 2..9 and cut to a multiple of 64.
 * Every class that serves a multiple of 64 is one itself, which gives the promised alignment.
 * Order: class lock before pmm. */
#include "mm/slab.h"
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/alloc_fault.h"
#include "mm/kmem.h"
#include "mm/pmm.h"

static const u16 class_size[] = { 16, 32, 48, 64, 96, 128, 192, 256, 320, 448, 576, 768, 960, 1344, 1984 };
#define NCLASSES ARRAY_SIZE(class_size)
#define CLASS_MAX 1984
#define SLAB_MAGIC 0x534c4142u /* "SLAB" */
#define OBJECTS_MAX 252

struct slab {
    u32 magic;
    u16 cls;
    u16 nused;
    struct slab *self; /* a copied or shifted header does not pass */
    struct list link;  /* in partial or full of its class */
    u64 used[BITMAP_WORDS(OBJECTS_MAX)];
};
_Static_assert(sizeof(struct slab) == 64, "objects begin at 64, aligned to 64");

struct size_class {
    struct spinlock lock;
    struct list partial, full; /* lock */
    unsigned nempty;           /* slabs in partial without an object */
    u64 nslabs, nused;
};

static struct size_class classes[NCLASSES];
static u64 big_objects, big_bytes; /* atomic: what no class holds */

static unsigned capacity(unsigned cls) { return (PAGE_SIZE - sizeof(struct slab)) / class_size[cls]; }

static void *object_at(struct slab *s, size_t i) { return (char *)(s + 1) + i * class_size[s->cls]; }

void slab_init(void)
{
    for (unsigned i = 0; i < NCLASSES; i++) {
        struct size_class *c = &classes[i];
        ASSERT(!c->lock.name && capacity(i) <= OBJECTS_MAX);
        spin_init(&c->lock, "slab class");
        list_init(&c->partial);
        list_init(&c->full);
    }
}

/* --- slabs ---------------------------------------------------------------------------------- */

static struct slab *slab_create_locked(struct size_class *c)
{
    paddr_t page = pmm_alloc_page();
    if (!page)
        return NULL;
    struct slab *s = phys_to_virt(page);
    *s = (struct slab){ .magic = SLAB_MAGIC, .cls = (u16)(c - classes), .self = s };
    list_push_front(&c->partial, &s->link);
    c->nslabs++;
    c->nempty++;
    return s;
}

static void slab_destroy_locked(struct size_class *c, struct slab *s)
{
    list_remove(&s->link);
    c->nslabs--;
    c->nempty--;
    s->magic = 0;
    s->self = NULL;
    pmm_free_page(virt_to_phys(s));
}

static void *class_alloc(unsigned cls)
{
    struct size_class *c = &classes[cls];
    void *object = NULL;
    spin_lock(&c->lock);
    struct slab *s = list_empty(&c->partial) ? slab_create_locked(c)
                                             : list_first(&c->partial, struct slab, link);
    if (s) {
        size_t i = bitmap_find_clear(s->used, capacity(cls), 0);
        ASSERT(s->self == s && i < capacity(cls));
        bitmap_set(s->used, i);
        c->nempty -= s->nused == 0;
        c->nused++;
        object = object_at(s, i);
        if (++s->nused == capacity(cls)) {
            list_remove(&s->link);
            list_push_front(&c->full, &s->link);
        }
    }
    spin_unlock(&c->lock);
    return object;
}

static bool is_direct(const void *p) { return (vaddr_t)p >= DIRECT_MAP_BASE && (vaddr_t)p < DIRECT_MAP_END; }

/* The slab of a class object; panics if p cannot be one. */
static struct slab *slab_of(const void *p)
{
    struct slab *s = (struct slab *)ROUND_DOWN((vaddr_t)p, PAGE_SIZE);
    if (!is_direct(p) || pmm_state(virt_to_phys(s)) != PAGE_ALLOCATED)
        panic("heap: %p is not from the heap, or its slab is gone (freed twice?)", p);
    if (s->magic != SLAB_MAGIC || s->self != s || s->cls >= NCLASSES)
        panic("heap: %p is not from the heap, or its slab's header was overwritten", p);
    size_t offset = (size_t)((char *)p - (char *)(s + 1));
    if ((char *)p < (char *)(s + 1) || offset % class_size[s->cls] || offset / class_size[s->cls] >= capacity(s->cls))
        panic("heap: %p points into the middle of an object", p);
    return s;
}

static size_t index_of(struct slab *s, const void *p)
{
    return (size_t)((char *)p - (char *)(s + 1)) / class_size[s->cls];
}

static void class_free(void *p)
{
    struct slab *s = slab_of(p);
    struct size_class *c = &classes[s->cls];
    size_t i = index_of(s, p);
    spin_lock(&c->lock);
    if (!bitmap_test(s->used, i))
        panic("heap: %p (class %u) freed twice", p, class_size[s->cls]);
    bitmap_clear(s->used, i);
    c->nused--;
    if (s->nused-- == capacity(s->cls)) {
        list_remove(&s->link);
        list_push_front(&c->partial, &s->link);
    }
    if (s->nused == 0) {
        c->nempty++;
        if (c->nempty > 1)
            slab_destroy_locked(c, s);
    }
    spin_unlock(&c->lock);
}

/* --- whole pages ---------------------------------------------------------------------------- */

static bool is_page_object(const void *p) { return is_direct(p) && IS_ALIGNED((vaddr_t)p, PAGE_SIZE); }

static void count_big(i64 objects, i64 bytes)
{
    __atomic_fetch_add(&big_objects, (u64)objects, __ATOMIC_RELAXED);
    __atomic_fetch_add(&big_bytes, (u64)bytes, __ATOMIC_RELAXED);
}

static void *big_alloc(size_t size)
{
    if (size > SIZE_MAX - PAGE_SIZE)
        return NULL;
    size_t npages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    void *p;
    if (npages == 1) {
        paddr_t page = pmm_alloc_page();
        p = page ? phys_to_virt(page) : NULL;
    } else {
        p = kmem_alloc(npages);
    }
    if (p)
        count_big(1, (i64)(npages * PAGE_SIZE));
    return p;
}

static void big_free(void *p)
{
    size_t npages = is_page_object(p) ? 1 : kmem_size(p);
    if (npages == 0)
        panic("heap: %p is not from the heap, or freed twice", p);
    if (is_page_object(p))
        pmm_free_page(virt_to_phys(p));
    else
        kmem_free(p, npages);
    count_big(-1, -(i64)(npages * PAGE_SIZE));
}

/* Objects of a class are never page-aligned, and the arena is not in the direct map. */
static bool is_big(const void *p) { return IS_ALIGNED((vaddr_t)p, PAGE_SIZE); }

/* --- interface ------------------------------------------------------------------------------ */

void *kmalloc(size_t size)
{
    if (alloc_shall_fail())
        return NULL;
    if (size > CLASS_MAX)
        return big_alloc(size);
    unsigned cls = 0;
    while (class_size[cls] < size)
        cls++;
    return class_alloc(cls);
}

void *kzalloc(size_t size)
{
    void *p = kmalloc(size);
    return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
    if (!p)
        return;
    if (is_big(p))
        big_free(p);
    else
        class_free(p);
}

size_t kmalloc_usable(const void *p)
{
    if (!p)
        return 0;
    if (!is_big(p))
        return class_size[slab_of(p)->cls];
    return is_page_object(p) ? PAGE_SIZE : kmem_size(p) * PAGE_SIZE;
}

void *krealloc(void *p, size_t size)
{
    size_t have = kmalloc_usable(p);
    if (p && size <= have)
        return p;
    void *bigger = kmalloc(size);
    if (!bigger)
        return NULL;
    if (p)
        memcpy(bigger, p, have);
    kfree(p);
    return bigger;
}

char *kstrdup(const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = kmalloc(size);
    return copy ? memcpy(copy, s, size) : NULL;
}

struct heap_stats heap_stats(void)
{
    u64 big = __atomic_load_n(&big_bytes, __ATOMIC_RELAXED);
    struct heap_stats sum = { .bytes_used = big, .pages = big / PAGE_SIZE,
                              .objects = __atomic_load_n(&big_objects, __ATOMIC_RELAXED) };
    for (unsigned i = 0; i < NCLASSES; i++) {
        spin_lock(&classes[i].lock);
        sum.bytes_used += classes[i].nused * class_size[i];
        sum.objects += classes[i].nused;
        sum.pages += classes[i].nslabs;
        spin_unlock(&classes[i].lock);
    }
    return sum;
}

/* --- self-check ----------------------------------------------------------------------------- */

static unsigned live_objects(const struct slab *s)
{
    unsigned n = 0;
    size_t i = bitmap_find_set(s->used, OBJECTS_MAX, 0);
    for (; i < OBJECTS_MAX; i = bitmap_find_set(s->used, OBJECTS_MAX, i + 1))
        n++;
    return n;
}

/* Adds the objects of the slabs of one list to *nused, and the number of slabs to *nslabs. */
static void check_list_locked(struct size_class *c, struct list *head, bool full, u64 *nslabs, u64 *nused)
{
    unsigned cls = (unsigned)(c - classes);
    struct slab *s;
    list_for_each(s, head, link) {
        if (s->magic != SLAB_MAGIC || s->self != s || s->cls != cls)
            panic("heap: header of slab %p (class %u) was overwritten", (void *)s, class_size[cls]);
        if (s->link.next->prev != &s->link || s->link.prev->next != &s->link)
            panic("heap: list of class %u is broken at slab %p", class_size[cls], (void *)s);
        if (live_objects(s) != s->nused || (s->nused == capacity(cls)) != full ||
            bitmap_find_set(s->used, OBJECTS_MAX, capacity(cls)) != OBJECTS_MAX)
            panic("heap: slab %p (class %u) counts %u objects wrongly", (void *)s, class_size[cls], s->nused);
        ++*nslabs;
        *nused += s->nused;
    }
}

void heap_check(void)
{
    for (unsigned i = 0; i < NCLASSES; i++) {
        struct size_class *c = &classes[i];
        u64 nslabs = 0, nused = 0;
        spin_lock(&c->lock);
        check_list_locked(c, &c->partial, false, &nslabs, &nused);
        check_list_locked(c, &c->full, true, &nslabs, &nused);
        if (nslabs != c->nslabs || nused != c->nused)
            panic("heap: class %u has %lu objects in %lu slabs, not %lu in %lu", class_size[i], nused,
                  nslabs, c->nused, c->nslabs);
        spin_unlock(&c->lock);
    }
}
