/* Anonymous memory: pages appear as zeroes when they are first needed. Also the one page of zeroes
 * that stands for all private pages that were only ever read. */
#include "vm/vmo_priv.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "mm/pmm.h"

static int anon_get_page(struct vmo *vmo, u64 index, paddr_t *page)
{
    *page = pmm_alloc_page_zeroed();
    return *page ? 0 : -ENOMEM;
}

const struct vmo_ops vmo_anon_ops = { .name = "anon", .get_page = anon_get_page };

int vmo_create_anon(u64 size, struct vmo **out) { return vmo_alloc(&vmo_anon_ops, size, out); }

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
