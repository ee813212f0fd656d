/* How much a pipe holds: fcntl's F_GETPIPE_SZ and F_SETPIPE_SZ.
 *
 * A resize is prepared beside the ring (a new table, pages with a copy of what lies in the pipe) and then takes its
 * place under the lock. Counts of bytes go on, so packets and sleepers notice nothing but more or less room. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vfs/pipe_priv.h"

static void pages_free(struct pipe *p, paddr_t *page, u32 count)
{
    for (u32 i = 0; i < count; i++)
        if (page[i])
            pmm_free_page(page[i]);
    if (page != p->first_pages)
        kfree(page);
}

void pipe_pages_free(struct pipe *p) { pages_free(p, p->page, p->ring.bytes >> PAGE_SHIFT); }

u32 pipe_capacity(struct file *f)
{
    struct pipe *p = f->ctx;
    return __atomic_load_n(&p->ring.bytes, __ATOMIC_RELAXED);
}

u32 pipe_size_round(u32 bytes)
{
    u32 size = (u32)PAGE_SIZE;
    while (size && size < bytes)
        size <<= 1;
    return size;
}

/* Copies all that lies in the pipe to the beginning of `page`. -ENOMEM. */
static int copy_out_locked(struct pipe *p, paddr_t *page)
{
    u32 used = pipe_ring_used(&p->ring);
    for (u32 i = 0; i < (used + PAGE_SIZE - 1) >> PAGE_SHIFT; i++)
        if (!(page[i] = pmm_alloc_page()))
            return -ENOMEM;
    for (u32 done = 0, n; done < used; done += n) {
        struct pipe_span s = pipe_ring_span_at(&p->ring, p->ring.head + done, used - done,
                                               PAGE_SIZE - done % PAGE_SIZE);
        n = s.len;
        memcpy((char *)phys_to_virt(page[done >> PAGE_SHIFT]) + done % PAGE_SIZE,
               (const char *)phys_to_virt(p->page[s.page]) + s.offset, n);
    }
    return 0;
}

static int resize_locked(struct pipe *p, u32 size, paddr_t *page)
{
    ASSERT(mutex_held(&p->lock));
    if (size < pipe_ring_used(&p->ring) || p->special & (PIPE_READ_CLAIMED | PIPE_WRITE_CLAIMED))
        return -EBUSY;
    int r = copy_out_locked(p, page);
    if (r)
        return r;
    pipe_pages_free(p);
    p->page = page;
    p->ring.origin = p->ring.head;
    __atomic_store_n(&p->ring.bytes, size, __ATOMIC_RELAXED);
    event_clear(&p->event, POLL_WRITABLE);
    pipe_drained_locked(p); /* says it again if there is room */
    return 0;
}

int pipe_resize(struct file *f, u32 bytes)
{
    struct pipe *p = f->ctx;
    u32 size = pipe_size_round(bytes);
    if (!size)
        return -EINVAL;
    paddr_t *page = kzalloc((size >> PAGE_SHIFT) * sizeof *page);
    if (!page)
        return -ENOMEM;
    mutex_lock(&p->lock);
    int r = resize_locked(p, size, page);
    mutex_unlock(&p->lock);
    if (r)
        pages_free(p, page, size >> PAGE_SHIFT);
    else
        event_tell(&p->event, POLL_WRITABLE);
    return r;
}
