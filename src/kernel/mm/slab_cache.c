/* Objects at hand: per CPU and class a short list of CACHED objects, so that most kmalloc and
 * kfree touch no line another CPU writes. Full lists give half back to the slabs, empty ones take
 * half a list from them.
 *
 * The lists of a CPU lie in one page and exist from its first allocation on; a CPU that has none,
 * because memory was short then, uses the slabs directly. Each page has a lock, free unless some
 * CPU trims everybody's caches. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab_priv.h"

struct object_list { u64 n; void *object[16]; };
struct cpu_lists { struct spinlock lock; struct object_list of[NCLASSES]; };
_Static_assert(sizeof(struct cpu_lists) <= PAGE_SIZE, "one page");

static struct cpu_lists *lists[MAX_CPUS]; /* atomic: set once */

void caches_init(void)
{
    for (unsigned i = 0; i < NCLASSES; i++)
        ASSERT(class_shape[i].keep <= ARRAY_SIZE(lists[0]->of[0].object));
}

/* NULL: there is no memory for them. */
static NOINLINE struct cpu_lists *make_lists(unsigned cpu)
{
    struct cpu_lists *none = NULL;
    paddr_t page = pmm_alloc_page_zeroed();
    if (!page)
        return NULL;
    struct cpu_lists *l = phys_to_virt(page);
    spin_init(&l->lock, "heap cache");
    if (__atomic_compare_exchange_n(&lists[cpu], &none, l, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return l;
    pmm_free_page(page);
    return none; /* another thread of this CPU was first */
}

/* Any CPU's lists will do, so it does not matter if the thread moves here. */
static struct cpu_lists *my_lists(void)
{
    unsigned cpu = this_cpu()->id;
    struct cpu_lists *l = __atomic_load_n(&lists[cpu], __ATOMIC_ACQUIRE);
    return likely(l != NULL) ? l : make_lists(cpu);
}

/* --- lists ---------------------------------------------------------------------------------- */

static NOINLINE void refill_locked(struct object_list *l, unsigned cls)
{
    l->n = slab_take(cls, l->object, class_shape[cls].keep / 2);
}

/* Gives back the n that were not used for longest. */
static NOINLINE void drain_locked(struct object_list *l, unsigned cls, unsigned n)
{
    slab_give(cls, l->object, n);
    l->n -= n;
    memmove(l->object, l->object + n, l->n * sizeof l->object[0]);
}

static NOINLINE void *alloc_without_list(unsigned cls)
{
    void *p;
    return slab_take(cls, &p, 1) ? p : NULL;
}

static void *list_pop(unsigned cls)
{
    struct cpu_lists *mine = my_lists();
    void *p = NULL;
    if (unlikely(!mine))
        return alloc_without_list(cls);
    struct object_list *l = &mine->of[cls];
    spin_lock(&mine->lock);
    if (unlikely(l->n == 0))
        refill_locked(l, cls);
    if (likely(l->n > 0))
        p = l->object[--l->n];
    spin_unlock(&mine->lock);
    return p;
}

/* --- objects -------------------------------------------------------------------------------- */

/* In one step, so that of two who free an object at the same time one is seen. */
static bool change_state(struct slab *s, unsigned i, u8 from, u8 to)
{
    return __atomic_compare_exchange_n(&s->state[i], &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void *cache_alloc(unsigned cls)
{
    unsigned i;
    void *p = list_pop(cls);
    if (unlikely(!p)) { /* what other CPUs and classes keep may make a page */
        caches_trim();
        p = list_pop(cls);
        if (!p)
            return NULL;
    }
    struct slab *s = slab_of(p, &i);
    if (unlikely(!change_state(s, i, OBJECT_CACHED, OBJECT_LIVE)))
        panic("heap: state of %p (class %u) was overwritten", p, class_shape[s->cls].size);
    return p;
}

void cache_free(void *p)
{
    unsigned i;
    struct slab *s = slab_of(p, &i);
    unsigned cls = s->cls;
    if (unlikely(!change_state(s, i, OBJECT_LIVE, OBJECT_CACHED)))
        panic("heap: %p (class %u) freed twice", p, class_shape[cls].size);
    struct cpu_lists *mine = my_lists();
    if (unlikely(!mine)) {
        slab_give(cls, &p, 1);
        return;
    }
    struct object_list *l = &mine->of[cls];
    spin_lock(&mine->lock);
    if (unlikely(l->n == class_shape[cls].keep))
        drain_locked(l, cls, class_shape[cls].keep / 2);
    l->object[l->n++] = p;
    spin_unlock(&mine->lock);
}

/* --- all CPUs ------------------------------------------------------------------------------- */

void caches_trim(void)
{
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        struct cpu_lists *l = __atomic_load_n(&lists[cpu], __ATOMIC_ACQUIRE);
        if (!l)
            continue;
        spin_lock(&l->lock);
        for (unsigned cls = 0; cls < NCLASSES; cls++)
            if (l->of[cls].n)
                drain_locked(&l->of[cls], cls, (unsigned)l->of[cls].n);
        spin_unlock(&l->lock);
    }
}

u64 caches_count(unsigned cls)
{
    u64 n = 0;
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        struct cpu_lists *l = __atomic_load_n(&lists[cpu], __ATOMIC_ACQUIRE);
        if (l)
            n += __atomic_load_n(&l->of[cls].n, __ATOMIC_RELAXED);
    }
    return n;
}
