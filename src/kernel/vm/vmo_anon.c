/* Anonymous memory: pages appear as zeroes when they are first needed. Also the one page of zeroes
 * that stands for all private pages that were only ever read. */
#include "arch/paging.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "vm/pager_priv.h"

/* Nobody can be killed to get such pages back, and programs and the kernel need some to go on, if
 * only to remove files. */
bool vmo_kept_room(u64 npages)
{
    u64 reserve = pmm_total() / 64 + 64;
    if (npages >= UINT64_MAX - reserve)
        return false;
    u64 want = reserve + (npages ? npages - 1 : 0);
    return pmm_has(want) || (page_cache_reclaim(npages + PAGE_CACHE_BATCH) && pmm_has(want));
}

/* One page more: into the budget, if there is room in it and in the machine. */
static bool budget_charge(struct vmo *vmo)
{
    struct vmo_budget *b = vmo->budget;
    if (!vmo_kept_room(1))
        return false;
    if (__atomic_add_fetch(&b->used, 1, __ATOMIC_RELAXED) > __atomic_load_n(&b->limit, __ATOMIC_RELAXED)) {
        __atomic_fetch_sub(&b->used, 1, __ATOMIC_RELAXED);
        return false;
    }
    vmo->charged++;
    return true;
}

int vmo_anon_page_locked(struct vmo *vmo, paddr_t *page)
{
    if (vmo->budget && !budget_charge(vmo))
        return -ENOSPC;
    /* What is left for the kernel has been seen to. */
    *page = vmo->budget ? pmm_alloc_page() : 0;
    if (!*page)
        *page = vm_page_alloc();
    if (*page)
        return 0;
    vmo_settle_locked(vmo);
    return -ENOMEM;
}

static int anon_get_page(struct vmo *vmo, u64 index, paddr_t *page)
{
    int r = vmo_anon_page_locked(vmo, page);
    if (!r)
        page_clear(*page);
    return r;
}

void vmo_budget_leave(struct vmo *vmo)
{
    mutex_lock(&vmo->lock);
    if (vmo->budget)
        __atomic_fetch_sub(&vmo->budget->used, vmo->charged, __ATOMIC_RELAXED);
    vmo->budget = NULL;
    mutex_unlock(&vmo->lock);
}

const struct vmo_ops vmo_anon_ops = { .name = "anon", .get_page = anon_get_page };

int vmo_create_anon(u64 size, struct vmo **out) { return vmo_alloc(&vmo_anon_ops, size, out); }

int vmo_create_kept(u64 size, struct vmo_budget *budget, struct vmo **out)
{
    int r = vmo_create_anon(size, out);
    if (!r)
        (*out)->budget = budget;
    return r;
}

u8 vm_zeroes[PAGE_SIZE] ALIGNED(4096);
