/* Objects at hand: per CPU and class a short list of CACHED objects, so that most kmalloc and
 * kfree touch no line another CPU writes. Full lists give half back to the slabs, empty ones take
 * half a list from them.
 *
 * The lists of a CPU lie in one page and exist from its first allocation on; a CPU that has none,
 * because memory was short then, uses the slabs directly. Each page has a lock, free unless some
 * CPU trims everybody's caches. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/cpu_lock.h"
#include "mm/pmm.h"
#include "mm/slab_priv.h"

struct object_list { u64 n; void *object[16]; };
#define CACHE_LOCK "heap lists"
struct cpu_lists { struct cpu_lock lock; struct object_list of[NCLASSES]; };
_Static_assert(sizeof(struct cpu_lists) <= PAGE_SIZE, "one page");

void caches_init(void)
{
    for (unsigned i = 0; i < NCLASSES; i++)
        ASSERT(class_shape[i].keep <= ARRAY_SIZE(((struct object_list *)0)->object));
}

/* NULL: there is no memory for them. */
static NOINLINE struct cpu_lists *make_lists(unsigned cpu)
{
    void *none = NULL;
    paddr_t page = pmm_alloc_page_zeroed();
    if (!page)
        return NULL;
    struct cpu_lists *l = phys_to_virt(page);
    if (__atomic_compare_exchange_n(&cpus[cpu].heap_lists, &none, (void *)l, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return l;
    pmm_free_page(page);
    return none; /* another thread of this CPU was first */
}

int heap_prepare_cpu(unsigned cpu) { return cpus[cpu].heap_lists || make_lists(cpu) ? 0 : -ENOMEM; }

/* Any CPU's lists will do, so it does not matter if the thread moves here. */
static struct cpu_lists *my_lists(void)
{
    struct cpu *c = this_cpu();
    struct cpu_lists *l = __atomic_load_n(&c->heap_lists, __ATOMIC_ACQUIRE);
    return likely(l != NULL) ? l : make_lists(c->id);
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

static NOINLINE void *pop_slow(unsigned cls)
{
    struct cpu_lists *mine = my_lists();
    void *p = NULL;
    if (!mine)
        return alloc_without_list(cls);
    struct object_list *l = &mine->of[cls];
    cpu_lock(&mine->lock, CACHE_LOCK);
    if (l->n == 0)
        refill_locked(l, cls);
    if (l->n > 0)
        p = l->object[--l->n];
    cpu_unlock(&mine->lock);
    return p;
}

static NOINLINE void push_slow(unsigned cls, void *p)
{
    struct cpu_lists *mine = my_lists();
    if (!mine) {
        slab_give(cls, &p, 1);
        return;
    }
    struct object_list *l = &mine->of[cls];
    cpu_lock(&mine->lock, CACHE_LOCK);
    if (l->n == class_shape[cls].keep)
        drain_locked(l, cls, class_shape[cls].keep / 2);
    l->object[l->n++] = p;
    cpu_unlock(&mine->lock);
}

/* --- objects -------------------------------------------------------------------------------- */

/* In one step, so that of two who free an object at the same time one is seen. */
static bool change_state(struct slab *s, unsigned i, u8 from, u8 to)
{
    return __atomic_compare_exchange_n(&s->state[i], &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static NOINLINE NORETURN void overwritten(const void *p)
{
    panic("heap: %p: the state of an object, or a list of free ones, was overwritten", p);
}

static void *make_live(const struct class_shape *shape, void *p)
{
    u32 i = object_number(shape, p);
    if (unlikely(i >= shape->capacity || !change_state(slab_at(p), i, OBJECT_CACHED, OBJECT_LIVE)))
        overwritten(p);
    return p;
}

/* What other CPUs and classes keep may make a page. */
static NOINLINE void *alloc_slow(unsigned cls)
{
    void *p = pop_slow(cls);
    if (!p) {
        caches_trim();
        p = pop_slow(cls);
    }
    return p ? make_live(&class_shape[cls], p) : NULL;
}

void *cache_alloc(unsigned cls)
{
    struct cpu_lists *mine = this_cpu()->heap_lists;
    if (unlikely(!mine))
        return alloc_slow(cls);
    struct object_list *l = &mine->of[cls];
    cpu_lock(&mine->lock, CACHE_LOCK);
    u64 n = l->n;
    if (unlikely(n == 0)) {
        cpu_unlock_no_resched(&mine->lock);
        return alloc_slow(cls);
    }
    void *p = l->object[n - 1];
    l->n = n - 1;
    cpu_unlock(&mine->lock);
    return make_live(&class_shape[cls], p);
}

static NOINLINE NORETURN void freed_twice(const void *p, unsigned cls)
{
    panic("heap: %p (class %u) freed twice", p, class_shape[cls].size);
}

void cache_free(void *p)
{
    unsigned i;
    struct slab *s = slab_of(p, &i);
    unsigned cls = s->cls;
    if (unlikely(!change_state(s, i, OBJECT_LIVE, OBJECT_CACHED)))
        freed_twice(p, cls);
    struct cpu_lists *mine = this_cpu()->heap_lists;
    if (unlikely(!mine)) {
        push_slow(cls, p);
        return;
    }
    struct object_list *l = &mine->of[cls];
    cpu_lock(&mine->lock, CACHE_LOCK);
    u64 n = l->n;
    if (unlikely(n == class_shape[cls].keep)) {
        cpu_unlock_no_resched(&mine->lock);
        push_slow(cls, p);
        return;
    }
    l->object[n] = p;
    l->n = n + 1;
    cpu_unlock(&mine->lock);
}

/* --- all CPUs ------------------------------------------------------------------------------- */

void caches_trim(void)
{
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        struct cpu_lists *l = __atomic_load_n(&cpus[cpu].heap_lists, __ATOMIC_ACQUIRE);
        if (!l)
            continue;
        cpu_lock(&l->lock, CACHE_LOCK);
        for (unsigned cls = 0; cls < NCLASSES; cls++)
            if (l->of[cls].n)
                drain_locked(&l->of[cls], cls, (unsigned)l->of[cls].n);
        cpu_unlock(&l->lock);
    }
}

u64 caches_count(unsigned cls)
{
    u64 n = 0;
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        struct cpu_lists *l = __atomic_load_n(&cpus[cpu].heap_lists, __ATOMIC_ACQUIRE);
        if (l)
            n += __atomic_load_n(&l->of[cls].n, __ATOMIC_RELAXED);
    }
    return n;
}
