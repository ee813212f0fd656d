/* From one VMO into another, as far as that is no more than looking and copying.
 *
 * Two objects' locks are never held together: the source's pages are kept by references, some at a time, while they
 * are copied under the other lock. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "vm/vmo_cursor.h"

#define SEND_PAGES 16u

struct pages { paddr_t page[SEND_PAGES]; unsigned n; };

/* References to the pages from offset on: how many of n bytes can be had so. */
static size_t pages_take(struct vmo *from, u64 offset, size_t n, struct pages *p)
{
    struct vmo_cursor c;
    c.run.n = c.first = 0;
    u64 first = offset / PAGE_SIZE;
    mutex_lock(&from->lock);
    n = offset < from->size ? MIN(n, from->size - offset) : 0;
    u64 end = n ? pages_of(offset + n) : first;
    for (p->n = 0; first + p->n < end && p->n < SEND_PAGES; p->n++) {
        paddr_t page = vmo_cursor_page(&c, from, first + p->n);
        if (!page)
            page = vmo_absent_page(from, first + p->n);
        if (!page)
            break;
        vm_page_get(page);
        p->page[p->n] = page;
    }
    mutex_unlock(&from->lock);
    return p->n ? MIN(n, p->n * PAGE_SIZE - offset % PAGE_SIZE) : 0;
}

static void pages_put(const struct pages *p)
{
    for (unsigned i = 0; i < p->n; i++)
        vm_page_put(p->page[i]);
}

/* n bytes, which begin `skip` bytes into the first page. */
static size_t pages_copy(struct vmo *to, u64 at, const struct pages *p, size_t skip, size_t n)
{
    size_t done = 0, copied = 0, len = 0;
    mutex_lock(&to->lock);
    for (unsigned i = 0; done < n && copied == len; i++, skip = 0) {
        len = MIN(n - done, PAGE_SIZE - skip);
        copied = vmo_extend_locked(to, at + done, (u8 *)phys_to_virt(p->page[i]) + skip, len);
        done += copied;
    }
    mutex_unlock(&to->lock);
    return done;
}

size_t vmo_send(struct vmo *to, u64 at, struct vmo *from, u64 offset, size_t n)
{
    size_t done = 0, part, copied;
    if (!vmo_writes_quickly(to))
        return 0;
    do {
        struct pages p;
        part = pages_take(from, offset + done, n - done, &p);
        copied = part ? pages_copy(to, at + done, &p, (offset + done) % PAGE_SIZE, part) : 0;
        pages_put(&p);
        done += copied;
    } while (copied && copied == part && done < n);
    return done;
}
