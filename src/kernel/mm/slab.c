/* Size classes and their slabs: one page with a header at its start, then a byte per object, then
 * the objects. There is no free list inside freed memory for a stray write to break, and freeing
 * twice or freeing what was never allocated is seen at once.
 *
 *     FREE --slab_take--> CACHED --cache_alloc--> LIVE
 *       ^-----slab_give-----'  ^-----cache_free----'
 *
 * Slabs with a FREE object are in their class's `partial` list, the others in `full`; of slabs
 * without any other object a class keeps one and gives the rest back.
 *
 * Sizes up to 256 are even steps; above, 4032 bytes divided by 2..9 and cut to a multiple of 64.
 * Every class that serves a multiple of 64 is one itself, which gives the promised alignment. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab_priv.h"

static const u16 class_size[NCLASSES] = { 16, 32, 48, 64, 96, 128, 192, 256, 320, 448, 576, 768, 960, 1344, 1984 };

#define KEEP_BYTES 2048u /* of one class in one CPU's list */
#define KEEP_MAX 16u

struct size_class {
    struct spinlock lock;
    struct list partial, full; /* lock */
    unsigned nempty;           /* lock: slabs in partial without an object that is out */
    u64 nslabs, nout;          /* lock */
};

static struct size_class classes[NCLASSES];
struct class_shape class_shape[NCLASSES];
u8 class_by_size[CLASS_MAX / 16 + 1];

/* As many objects as leave room for the header and their state bytes. */
static void lay_out(struct class_shape *s, u16 size)
{
    u16 align = size % 64 == 0 ? 64 : 16;
    s->size = size;
    s->inverse = (65536u + size - 1) / size;
    s->keep = (u16)MAX(MIN(KEEP_BYTES / size, KEEP_MAX), 2u);
    s->capacity = (u16)(PAGE_SIZE / size + 1);
    do {
        s->capacity--;
        s->first = (u16)ROUND_UP(sizeof(struct slab) + s->capacity, align);
    } while (s->first + s->capacity * size > (int)PAGE_SIZE);
}

void slab_init(void)
{
    unsigned cls = 0;
    for (unsigned i = 0; i < NCLASSES; i++) {
        struct size_class *c = &classes[i];
        ASSERT(!c->lock.name);
        spin_init(&c->lock, "slab class");
        list_init(&c->partial);
        list_init(&c->full);
        lay_out(&class_shape[i], class_size[i]);
    }
    for (unsigned step = 0; step < ARRAY_SIZE(class_by_size); step++) {
        cls += class_size[cls] < step * 16;
        class_by_size[step] = (u8)cls;
    }
    caches_init();
}

/* --- slabs ---------------------------------------------------------------------------------- */

static void *object_at(struct slab *s, unsigned i)
{
    return (char *)s + class_shape[s->cls].first + i * class_shape[s->cls].size;
}

static struct slab *slab_create_locked(struct size_class *c)
{
    paddr_t page = pmm_alloc_page();
    if (!page)
        return NULL;
    struct slab *s = phys_to_virt(page);
    *s = (struct slab){ .magic = SLAB_MAGIC, .cls = (u16)(c - classes), .self = s };
    memset(s->state, OBJECT_FREE, class_shape[s->cls].capacity);
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

/* Moves FREE objects of s to object[], at most n. */
static unsigned take_from_locked(struct size_class *c, struct slab *s, void **object, unsigned n)
{
    unsigned got = 0, capacity = class_shape[s->cls].capacity;
    ASSERT(s->self == s && s->nout < capacity);
    c->nempty -= s->nout == 0;
    for (unsigned i = 0; i < capacity && got < n; i++) {
        if (s->state[i] != OBJECT_FREE)
            continue;
        s->state[i] = OBJECT_CACHED;
        object[got++] = object_at(s, i);
    }
    ASSERT(got > 0);
    s->nout = (u16)(s->nout + got);
    c->nout += got;
    if (s->nout == capacity) {
        list_remove(&s->link);
        list_push_front(&c->full, &s->link);
    }
    return got;
}

unsigned slab_take(unsigned cls, void **object, unsigned n)
{
    struct size_class *c = &classes[cls];
    unsigned got = 0;
    spin_lock(&c->lock);
    while (got < n) {
        if (list_empty(&c->partial) && (got > 0 || !slab_create_locked(c)))
            break; /* a new page only for whom there is nothing else */
        got += take_from_locked(c, list_first(&c->partial, struct slab, link), object + got, n - got);
    }
    spin_unlock(&c->lock);
    return got;
}

static void give_locked(struct size_class *c, void *p)
{
    unsigned i;
    struct slab *s = slab_of(p, &i);
    if (s->state[i] != OBJECT_CACHED)
        panic("heap: state of %p (class %u) was overwritten", p, class_shape[s->cls].size);
    s->state[i] = OBJECT_FREE;
    c->nout--;
    if (s->nout-- == class_shape[s->cls].capacity) {
        list_remove(&s->link);
        list_push_front(&c->partial, &s->link);
    }
    if (s->nout > 0)
        return;
    c->nempty++;
    if (c->nempty > 1)
        slab_destroy_locked(c, s);
}

void slab_give(unsigned cls, void *const *object, unsigned n)
{
    struct size_class *c = &classes[cls];
    spin_lock(&c->lock);
    for (unsigned i = 0; i < n; i++)
        give_locked(c, object[i]);
    spin_unlock(&c->lock);
}

/* --- answers -------------------------------------------------------------------------------- */

void slab_of_failed(const void *p)
{
    const struct slab *s = slab_at(p);
    if (!is_direct(p) || pmm_state(virt_to_phys(s)) != PAGE_ALLOCATED)
        panic("heap: %p is not from the heap, or its slab is gone (freed twice?)", p);
    if (s->magic != SLAB_MAGIC || s->self != s || s->cls >= NCLASSES)
        panic("heap: %p is not from the heap, or its slab's header was overwritten", p);
    panic("heap: %p points into the middle of an object", p);
}

u64 class_out(unsigned cls, u64 *nslabs)
{
    struct size_class *c = &classes[cls];
    spin_lock(&c->lock);
    u64 nout = c->nout;
    *nslabs = c->nslabs;
    spin_unlock(&c->lock);
    return nout;
}

/* --- self-check ----------------------------------------------------------------------------- */

static void check_header(const struct slab *s, unsigned cls)
{
    if (s->magic != SLAB_MAGIC || s->self != s || s->cls != cls)
        panic("heap: header of slab %p (class %u) was overwritten", (void *)s, class_size[cls]);
    if (s->link.next->prev != &s->link || s->link.prev->next != &s->link)
        panic("heap: list of class %u is broken at slab %p", class_size[cls], (void *)s);
}

static void check_objects(const struct slab *s, bool full, u64 *cached)
{
    unsigned n[3] = { 0 }, capacity = class_shape[s->cls].capacity;
    for (unsigned i = 0; i < capacity; i++) {
        if (s->state[i] > OBJECT_LIVE)
            panic("heap: state of object %u in slab %p was overwritten", i, (void *)s);
        n[s->state[i]]++;
    }
    if (capacity - n[OBJECT_FREE] != s->nout || (n[OBJECT_FREE] == 0) != full)
        panic("heap: slab %p (class %u) counts %u objects wrongly", (void *)s, class_size[s->cls], s->nout);
    *cached += n[OBJECT_CACHED];
}

struct sums { u64 nslabs, nout, nempty; };

static void check_list_locked(unsigned cls, struct list *head, bool full, struct sums *sum, u64 *cached)
{
    struct slab *s;
    list_for_each(s, head, link) {
        check_header(s, cls);
        check_objects(s, full, cached);
        sum->nslabs++;
        sum->nout += s->nout;
        sum->nempty += s->nout == 0;
    }
}

void class_check(unsigned cls, u64 *cached)
{
    struct size_class *c = &classes[cls];
    struct sums sum = { 0 };
    *cached = 0;
    spin_lock(&c->lock);
    check_list_locked(cls, &c->partial, false, &sum, cached);
    check_list_locked(cls, &c->full, true, &sum, cached);
    if (sum.nslabs != c->nslabs || sum.nout != c->nout || sum.nempty != c->nempty)
        panic("heap: class %u has %lu objects in %lu slabs, not %lu in %lu", class_size[cls], sum.nout,
              sum.nslabs, c->nout, c->nslabs);
    spin_unlock(&c->lock);
}
