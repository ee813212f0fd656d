/* Anonymous memory: pages appear as zeroes when they are first needed. Also the one page of zeroes
 * that stands for all private pages that were only ever read. */
#include "vm/vmo_priv.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "mm/pmm.h"

/* Nobody can be killed to get such pages back, and programs and the kernel need some to go on, if
 * only to remove files. */
bool vmo_kept_room(u64 npages)
{
    u64 reserve = pmm_total() / 64 + 64;
    return npages < UINT64_MAX - reserve && pmm_has(reserve + (npages ? npages - 1 : 0));
}

static int anon_get_page(struct vmo *vmo, u64 index, paddr_t *page)
{
    if (vmo->kept && !vmo_kept_room(1))
        return -ENOSPC;
    *page = vm_page_alloc_zeroed();
    return *page ? 0 : -ENOMEM;
}

const struct vmo_ops vmo_anon_ops = { .name = "anon", .get_page = anon_get_page };

int vmo_create_anon(u64 size, struct vmo **out) { return vmo_alloc(&vmo_anon_ops, size, out); }

int vmo_create_kept(u64 size, struct vmo **out)
{
    int r = vmo_create_anon(size, out);
    if (!r)
        (*out)->kept = true;
    return r;
}

u8 vm_zeroes[PAGE_SIZE] ALIGNED(4096);

void vm_page_get(paddr_t page)
{
    if (page != vm_zero_page())
        page_get(page);
}

void vm_page_put(paddr_t page)
{
    if (page != vm_zero_page())
        page_put(page);
}
