/* Reading and writing a VMO through the direct map, page by page, whatever that takes.
 *
 * With user memory the copy cannot run under the VMO's lock (a fault takes the address space's lock, which comes
 * before this one, and may want this very VMO): the page is kept by a reference and the lock is dropped. A racing
 * truncation then loses the bytes written, as if the write had come first. What needs no fault is done before by
 * vmo_user.c.
 *
 * A page that is not there and is written as a whole is filled before the object has it, so that nobody
 * need clear it. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "sched/clock.h"
#include "vm/fault.h"
#include "vm/pager_priv.h"
#include "vm/usercopy.h"

/* Where in which page, and how many bytes until that page, the object or the request ends. */
struct span { u64 index; size_t at, n; bool fresh; };

static struct span span_at(const struct vmo *vmo, u64 offset, size_t left)
{
    struct span s = { .index = offset / PAGE_SIZE, .at = offset % PAGE_SIZE };
    if (offset < vmo->size)
        s.n = MIN(MIN(left, PAGE_SIZE - s.at), vmo->size - offset);
    return s;
}

/* A page to read from: absent anonymous pages are not made, *page is the zero page then. */
static int page_for_read_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    *page = vmo_tree_lookup(&vmo->tree, index, NULL);
    if (*page)
        return 0;
    if (vmo->ops != &vmo_anon_ops || vmo_is_supplied(vmo, index))
        return vmo_page_get_locked(vmo, index, page);
    *page = vm_zero_page();
    return 0;
}

static bool is_new_whole_page(const struct vmo *vmo, const struct span *s)
{
    return s->n == PAGE_SIZE && vmo->ops == &vmo_anon_ops && !vmo_is_supplied(vmo, s->index) &&
           !vmo_tree_lookup(&vmo->tree, s->index, NULL);
}

/* One page of the transfer, referenced, or one that the object does not have yet (fresh). s->n is 0 at the end of the
 * object. */
static int span_open(struct vmo *vmo, u64 offset, size_t left, bool write, struct span *s, paddr_t *page)
{
    mutex_lock(&vmo->lock);
    *s = span_at(vmo, offset, left);
    s->fresh = write && is_new_whole_page(vmo, s);
    int r = 0;
    if (s->fresh)
        r = vmo_anon_page_locked(vmo, page);
    else if (s->n)
        r = write ? vmo_page_get_kept_locked(vmo, s->index, page) : page_for_read_locked(vmo, s->index, page);
    if (!r && s->n && !s->fresh)
        vm_page_get(*page);
    mutex_unlock(&vmo->lock);
    return r;
}

/* Puts a page of which the first n bytes were written where it belongs. Somebody else may have made one there
 * meanwhile, which then gets what was written; or the object was cut. Takes over the reference. */
static int fresh_put(struct vmo *vmo, u64 index, paddr_t page, size_t n)
{
    int r = 0;
    paddr_t there;
    memset((u8 *)phys_to_virt(page) + n, 0, PAGE_SIZE - n);
    mutex_lock(&vmo->lock);
    bool wanted = n && index < pages_of(vmo->size);
    bool taken = wanted && vmo_tree_lookup(&vmo->tree, index, NULL);
    if (taken)
        r = vmo_page_get_kept_locked(vmo, index, &there);
    if (taken && !r)
        memcpy(phys_to_virt(there), phys_to_virt(page), n);
    if (wanted && !taken)
        r = vmo_tree_set(&vmo->tree, index, page);
    if (!wanted || taken || r)
        page_put(page);
    vmo_settle_locked(vmo);
    mutex_unlock(&vmo->lock);
    return r;
}

static inline int span_close(struct vmo *vmo, const struct span *s, paddr_t page, size_t copied)
{
    if (s->fresh)
        return fresh_put(vmo, s->index, page, copied);
    vm_page_put(page);
    return 0;
}

/* A copy of what is only read is no more than a fault asks for, and waits for memory as one does. */
static int span_open_waiting(struct vmo *vmo, u64 offset, size_t left, bool write, struct span *s, paddr_t *page)
{
    int r = span_open(vmo, offset, left, write, s, page);
    if (likely(r != -ENOMEM) || write || !vmo->pager)
        return r;
    u64 since_ns = clock_now_ns();
    while (r == -ENOMEM && vm_wait_for_memory(false, since_ns))
        r = span_open(vmo, offset, left, write, s, page);
    return r;
}

/* Returns the bytes copied. */
static inline size_t span_copy(u8 *page, void *buf, size_t n, bool write, bool user)
{
    if (user)
        return write ? copy_from_user_partial(page, (uptr_t)buf, n) : copy_to_user_partial((uptr_t)buf, page, n);
    memcpy(write ? page : buf, write ? buf : page, n);
    return n;
}

static ssize_t_k vmo_transfer(struct vmo *vmo, u64 offset, void *buf, size_t n, bool write, bool user)
{
    size_t done = 0;
    int r = 0;
    while (done < n && !r) {
        struct span s;
        paddr_t page = 0;
        r = span_open_waiting(vmo, offset + done, n - done, write, &s, &page);
        if (r || !s.n)
            break;
        size_t copied = span_copy((u8 *)phys_to_virt(page) + s.at, (u8 *)buf + done, s.n, write, user);
        r = span_close(vmo, &s, page, copied);
        if (r)
            break;
        done += copied;
        if (copied < s.n)
            r = -EFAULT;
    }
    return done ? (ssize_t_k)done : r;
}

ssize_t_k vmo_read(struct vmo *vmo, u64 offset, void *buf, size_t n)
{
    return vmo_transfer(vmo, offset, buf, n, false, false);
}

ssize_t_k vmo_write(struct vmo *vmo, u64 offset, const void *buf, size_t n)
{
    return vmo_transfer(vmo, offset, (void *)buf, n, true, false);
}

ssize_t_k vmo_transfer_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n, bool write)
{
    return vmo_transfer(vmo, offset, buf, n, write, true);
}

int vmo_zero(struct vmo *vmo, u64 offset, u64 n)
{
    u64 done = 0;
    int r = 0;
    mutex_lock(&vmo->lock);
    while (done < n && !r) {
        struct span s = span_at(vmo, offset + done, MIN(n - done, PAGE_SIZE));
        if (!s.n)
            break;
        paddr_t page = 0;
        if (vmo->ops != &vmo_anon_ops || vmo_is_supplied(vmo, s.index) || vmo_tree_lookup(&vmo->tree, s.index, NULL))
            r = vmo_page_get_kept_locked(vmo, s.index, &page);
        if (!r && page)
            memset((u8 *)phys_to_virt(page) + s.at, 0, s.n);
        done += s.n;
    }
    mutex_unlock(&vmo->lock);
    return r;
}
