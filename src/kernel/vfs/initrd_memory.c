/* Where the initrd's memory goes. Each page of the archive ends in one of three ways:
 *
 *     in use at boot --a file's data begins on a page, and fills this one--> the file's page
 *           |--data of a large file lie in it, elsewhere--> its source's (initrd_source.c)
 *           '--the reader is past it--> free
 *
 * So nothing large is copied before somebody reads it: an archive whose files begin on pages
 * (tools/tar-align) never, any other page by page. What is small is copied, and given back behind the
 * copy. */
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "vfs/initrd_priv.h"
#include "vm/vmo.h"

#define PASS_BYTES (64u << 10)       /* of a copy, between two times of giving back */
#define SOURCE_BYTES_MIN (64u << 10) /* a smaller file keeps too much of others' bytes from being free */

struct archive_memory archive_memory_begin(paddr_t base, u64 size)
{
    return (struct archive_memory){ .next = base, .end = base + size };
}

/* Pages that became a file's are no longer "in use at boot", and are passed over. */
static void give_back(struct archive_memory *m, paddr_t to)
{
    if (m->tail && m->tail < to) {
        page_put(m->tail);
        m->tail = 0;
    }
    if (to <= m->next)
        return;
    (void)pmm_add_range(m->next, to - m->next);
    m->next = to;
}

void archive_memory_pass(struct archive_memory *m, const void *p)
{
    give_back(m, ROUND_DOWN(MIN(virt_to_phys(p), m->end), PAGE_SIZE));
}

/* The boot loader puts nothing that is still needed behind the archive on its last page. */
void archive_memory_end(struct archive_memory *m) { give_back(m, ROUND_UP(m->end, PAGE_SIZE)); }

/* *done: how many pages the object got as they are, from its first one on. */
static int pages_adopt(const struct archive_entry *e, struct vmo *vmo, u64 *done)
{
    paddr_t base = virt_to_phys(e->data);
    u64 n = e->size / PAGE_SIZE;
    *done = 0;
    if (n == 0 || pmm_adopt(base, n))
        return 0;
    *done = vmo_supply(vmo, 0, base, n);
    for (u64 i = *done; i < n; i++)
        pmm_free_page(base + i * PAGE_SIZE);
    return *done == n ? 0 : -ENOMEM;
}

static int page_copy_in(struct vmo *vmo, u64 index, const u8 *from, size_t n)
{
    paddr_t page = vmo_kept_room(1) ? pmm_alloc_page() : 0;
    if (!page)
        return -ENOMEM;
    u8 *to = phys_to_virt(page);
    memcpy(to, from, n);
    memset(to + n, 0, PAGE_SIZE - n);
    if (vmo_supply(vmo, index, page, 1) == 1)
        return 0;
    pmm_free_page(page);
    return -ENOMEM;
}

static int pages_copy(struct archive_memory *m, const struct archive_entry *e, struct vmo *vmo, u64 first)
{
    int r = 0;
    for (u64 at = first * PAGE_SIZE; at < e->size && !r; at += PAGE_SIZE) {
        if (at % PASS_BYTES == 0)
            archive_memory_pass(m, MIN(e->data + at, e->behind));
        r = page_copy_in(vmo, at / PAGE_SIZE, e->data + at, MIN(e->size - at, PAGE_SIZE));
    }
    return r;
}

/* The last page of a source has the next header: it is the reader's too. */
static void tail_keep(struct archive_memory *m, paddr_t last)
{
    page_get(last);
    if (m->tail)
        page_put(m->tail);
    m->tail = last;
}

int archive_memory_fill(struct archive_memory *m, const struct archive_entry *e, struct vmo *vmo)
{
    u64 adopted;
    paddr_t last;
    bool apart = !IS_ALIGNED(virt_to_phys(e->data), PAGE_SIZE);
    int r = apart && e->size >= SOURCE_BYTES_MIN ? archive_source_attach(e, vmo, &last) : -EBUSY;
    if (!r)
        tail_keep(m, last);
    if (r != -EBUSY)
        return r;
    r = vmo_resize(vmo, e->size);
    if (!r)
        r = pages_adopt(e, vmo, &adopted);
    return r ? r : pages_copy(m, e, vmo, adopted);
}
