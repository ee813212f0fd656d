/* Packets' memory: small ones from the heap, larger ones as contiguous pages while there are such. */
#include "net/packet.h"
#include "lib/assert.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vm/usercopy.h"

#define HEAP_MAX 2048u

static struct packet *memory_take(u32 size, u32 *got)
{
    u32 npages = (u32)((size + PAGE_SIZE - 1) >> PAGE_SHIFT);
    *got = size <= HEAP_MAX ? size : npages << PAGE_SHIFT;
    if (size <= HEAP_MAX)
        return kmalloc(size);
    paddr_t pages = npages == 1 ? pmm_alloc_page() : pmm_alloc_pages(npages, 1, ZONE_ANY);
    return pages ? phys_to_virt(pages) : NULL;
}

struct packet *packet_alloc(u32 len)
{
    u32 size;
    ASSERT(len <= PACKET_DATA_MAX);
    struct packet *p = memory_take((u32)sizeof *p + PACKET_HEADROOM + len, &size);
    if (!p)
        return NULL;
    *p = (struct packet){ .size = size, .start = PACKET_HEADROOM, .len = len };
    list_init(&p->link);
    return p;
}

void packet_free(struct packet *p)
{
    if (!p)
        return;
    if (p->size <= HEAP_MAX)
        kfree(p);
    else if (p->size == PAGE_SIZE)
        pmm_free_page(virt_to_phys(p));
    else
        pmm_free_pages(virt_to_phys(p), p->size >> PAGE_SHIFT);
}

u8 *packet_push(struct packet *p, u32 n)
{
    ASSERT(n <= p->start);
    p->start -= n;
    p->len += n;
    return packet_data(p);
}

bool packet_pull(struct packet *p, u32 n)
{
    if (n > p->len)
        return false;
    p->start += n;
    p->len -= n;
    return true;
}
