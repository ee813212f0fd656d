/* The ring of pages behind every stream. An emptied ring starts over at its first page, so that small
 * traffic stays in one page; pages beyond the first few go back then. */
#include "net/byte_ring.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/pmm.h"

#define KEEP_PAGES 16u /* of an emptied ring, until it goes */

struct piece { u32 page, offset, len; };

static inline struct piece piece_at(const struct byte_ring *r, u32 count, size_t most)
{
    u32 at = (count - r->origin) & (BYTE_RING_BYTES - 1);
    struct piece p = { .page = at >> PAGE_SHIFT, .offset = at & (u32)(PAGE_SIZE - 1) };
    p.len = (u32)MIN((size_t)PAGE_SIZE - p.offset, most);
    return p;
}

static bool page_make(struct byte_ring *r, u32 i)
{
    if (likely(r->page[i] != NULL))
        return true;
    paddr_t page = pmm_alloc_for(PMM_PROGRAM_PAGE);
    r->page[i] = page ? phys_to_virt(page) : NULL;
    return page != 0;
}

static void pages_free_from(struct byte_ring *r, u32 first)
{
    for (u32 i = first; i < BYTE_RING_PAGES; i++) {
        if (r->page[i])
            pmm_free_page(virt_to_phys(r->page[i]));
        r->page[i] = NULL;
    }
}

void byte_ring_fini(struct byte_ring *r)
{
    pages_free_from(r, 0);
    r->head = r->tail = r->origin = 0;
    r->ahead = false;
}

ssize_t_k byte_ring_fill(struct byte_ring *r, struct net_iter *from, u32 limit)
{
    size_t done = 0;
    limit = MIN(limit, BYTE_RING_BYTES);
    while (from->left && byte_ring_used(r) < limit) {
        struct piece p = piece_at(r, r->tail, MIN((size_t)(limit - byte_ring_used(r)), from->left));
        if (!page_make(r, p.page))
            return done ? (ssize_t_k)done : -ENOMEM;
        if (unlikely(net_iter_get(from, r->page[p.page] + p.offset, p.len) != p.len)) {
            r->tail -= (u32)done;
            return -EFAULT;
        }
        r->tail += p.len;
        done += p.len;
    }
    return (ssize_t_k)done;
}

ssize_t_k byte_ring_show(const struct byte_ring *r, struct net_iter *to, u32 offset, size_t n)
{
    size_t done = 0;
    ASSERT(offset <= byte_ring_used(r));
    n = MIN(n, MIN((size_t)(byte_ring_used(r) - offset), to->left));
    while (done < n) {
        struct piece p = piece_at(r, r->head + offset + (u32)done, n - done);
        size_t got = net_iter_put(to, r->page[p.page] + p.offset, p.len);
        done += got;
        if (got < p.len)
            return done ? (ssize_t_k)done : -EFAULT;
    }
    return (ssize_t_k)done;
}

void byte_ring_drop(struct byte_ring *r, u32 n)
{
    ASSERT(n <= byte_ring_used(r));
    r->head += n;
    if (r->head != r->tail || r->ahead)
        return;
    r->origin = r->head;
    if (unlikely(r->page[KEEP_PAGES] != NULL))
        pages_free_from(r, KEEP_PAGES);
}

void byte_ring_peek(const struct byte_ring *r, u32 offset, void *dst, u32 n)
{
    ASSERT(offset + n <= byte_ring_used(r));
    for (u32 done = 0; done < n;) {
        struct piece p = piece_at(r, r->head + offset + done, n - done);
        memcpy((u8 *)dst + done, r->page[p.page] + p.offset, p.len);
        done += p.len;
    }
}

int byte_ring_poke(struct byte_ring *r, u32 offset, const void *src, u32 n)
{
    ASSERT((u64)byte_ring_used(r) + offset + n <= BYTE_RING_BYTES);
    for (u32 done = 0; done < n;) {
        struct piece p = piece_at(r, r->tail + offset + done, n - done);
        if (!page_make(r, p.page))
            return -ENOMEM;
        done += p.len;
    }
    for (u32 done = 0; done < n;) {
        struct piece p = piece_at(r, r->tail + offset + done, n - done);
        memcpy(r->page[p.page] + p.offset, (const u8 *)src + done, p.len);
        done += p.len;
    }
    return 0;
}
