/* Memory that a device reads and writes: whole pages, contiguous for the device, zeroed. The direct map shows them
 * to the CPU, cached: PC hardware keeps both views the same. */
#pragma once
#include "arch/paging.h"
#include "mm/pmm.h"

struct dma { void *mem; paddr_t pa; size_t npages; };

/* False: there is none. Below 4 GiB, where every device reaches. Not from interrupts. */
static inline bool MUST_CHECK dma_alloc(size_t npages, struct dma *out)
{
    paddr_t pa = pmm_alloc_pages(npages, 1, ZONE_DMA32);

    for (size_t i = 0; pa && i < npages; i++)
        page_clear(pa + i * PAGE_SIZE);
    *out = (struct dma){ pa ? phys_to_virt(pa) : NULL, pa, npages };
    return pa != 0;
}
/* The device has been stopped: it writes there no more. Empty ones are ignored. */
static inline void dma_free(struct dma *d)
{
    if (d->mem)
        pmm_free_pages(d->pa, d->npages);
    *d = (struct dma){ 0 };
}
