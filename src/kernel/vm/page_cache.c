/* Giving back the page cache: which objects have copies, and in what order these go.
 *
 * Two steps. Copies that nobody maps go whenever a page is wanted and none is left (vm_page_alloc_slow), a
 * batch at a time, so that programs rather than copies have the memory. Copies that programs map go only
 * before somebody would have to die. The last of them, a 32nd of memory, go once in a while and not more
 * often: they are likely to be what runs, and giving that back and faulting it in would go on for ever.
 *
 * Objects are asked in turn: who was asked goes behind the others. Nothing here waits for a lock, since the
 * caller may hold any mutex, among them those that are wanted; an object in use is passed over.
 *
 * An object is left alone that more than SHARERS_MAX mappings show: what so many use comes right back. */
#include "sched/clock.h"
#include "vm/aspace_priv.h"
#include "vm/pager_priv.h"

#define SHARERS_MAX 32

static struct spinlock cache_lock = SPINLOCK_INIT("page cache");
static struct list pagers = LIST_INIT(pagers); /* cache_lock */
static u64 npagers;                            /* cache_lock */
static i64 npages;                             /* atomic */
static u64 unmapped_ns;                        /* atomic: when programs last lost copies */

u64 page_cache_pages(void)
{
    i64 n = __atomic_load_n(&npages, __ATOMIC_RELAXED);
    return n > 0 ? (u64)n : 0;
}

void page_cache_count(i64 n) { __atomic_fetch_add(&npages, n, __ATOMIC_RELAXED); }

void page_cache_add(struct vmo_pager *p)
{
    spin_lock(&cache_lock);
    list_push_back(&pagers, &p->link);
    npagers++;
    spin_unlock(&cache_lock);
}

void page_cache_remove(struct vmo_pager *p)
{
    spin_lock(&cache_lock);
    list_remove(&p->link);
    npagers--;
    spin_unlock(&cache_lock);
}

/* The object whose turn it is, with a reference; NULL if it is at its end. *turns: how many there are. */
static struct vmo *next_object(u64 *turns)
{
    struct vmo *vmo = NULL;
    spin_lock(&cache_lock);
    *turns = npagers;
    if (npagers) {
        struct vmo_pager *p = list_first(&pagers, struct vmo_pager, link);
        list_remove(&p->link);
        list_push_back(&pagers, &p->link);
        vmo = kobject_tryget(&p->vmo->obj) ? p->vmo : NULL;
    }
    spin_unlock(&cache_lock);
    return vmo;
}

static u64 object_reclaim(struct vmo *vmo, u64 n)
{
    if (!__atomic_load_n(&vmo->pager->nclean, __ATOMIC_RELAXED) || !mutex_trylock(&vmo->lock))
        return 0;
    u64 done = pager_drop_locked(vmo, n);
    mutex_unlock(&vmo->lock);
    return done;
}

u64 page_cache_reclaim(u64 n)
{
    u64 done = 0, turns = 1;
    for (u64 i = 0; i < turns && done < n && page_cache_pages(); i++) {
        struct vmo *vmo = next_object(&turns);
        if (!vmo)
            continue;
        done += object_reclaim(vmo, n - done);
        vmo_put(vmo);
    }
    return done;
}

paddr_t vm_page_alloc_slow(void)
{
    return page_cache_reclaim(PAGE_CACHE_BATCH) ? pmm_alloc_for(PMM_PROGRAM_PAGE) : 0;
}

/* --- what programs map ----------------------------------------------------------------------- */

struct sharers { unsigned n; struct aspace *as[SHARERS_MAX]; };

/* Who maps the object, each with a reference. False: too many. */
static bool sharers_find(struct vmo *vmo, struct sharers *s)
{
    struct mapping *m;
    unsigned seen = 0;
    s->n = 0;
    spin_lock(&vmo->map_lock);
    list_for_each(m, &vmo->mappings, vmo_link) {
        if (seen++ == SHARERS_MAX)
            break;
        bool known = s->n && s->as[s->n - 1] == m->as;
        if (!known && aspace_tryget(m->as))
            s->as[s->n++] = m->as;
    }
    spin_unlock(&vmo->map_lock);
    return seen <= SHARERS_MAX;
}

/* Not what is locked in memory; and where a program has made pages its own it wants those at hand. */
static void aspace_unmap_copies(struct aspace *as, const struct vmo *vmo)
{
    if (!mutex_trylock(&as->lock))
        return;
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m))
        if (m->vmo == vmo && !m->own && !(m->flags & VM_LOCKED))
            aspace_zap(as, m->start, m->end);
    mutex_unlock(&as->lock);
}

static u64 object_unmap(struct vmo *vmo)
{
    struct sharers s;
    bool few = sharers_find(vmo, &s);
    for (unsigned i = 0; i < s.n; i++) {
        if (few)
            aspace_unmap_copies(s.as[i], vmo);
        aspace_put(s.as[i]);
    }
    return object_reclaim(vmo, UINT64_MAX);
}

#define UNMAP_NS 1000000000ull

static u64 few_pages(void) { return pmm_total() / 32; }
bool page_cache_is_much(void) { return page_cache_pages() > few_pages(); }

static bool unmap_is_due(void)
{
    if (page_cache_is_much())
        return true;
    u64 now = clock_now_ns(), last = __atomic_load_n(&unmapped_ns, __ATOMIC_RELAXED);
    return (!last || now - last >= UNMAP_NS) &&
           __atomic_compare_exchange_n(&unmapped_ns, &last, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

u64 page_cache_unmap(void)
{
    u64 done = 0, turns = 1;
    if (!page_cache_pages() || !unmap_is_due())
        return 0;
    for (u64 i = 0; i < turns && done <= few_pages(); i++) {
        struct vmo *vmo = next_object(&turns);
        if (!vmo)
            continue;
        done += object_unmap(vmo);
        vmo_put(vmo);
    }
    return done;
}
