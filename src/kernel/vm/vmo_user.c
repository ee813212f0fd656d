/* Reading and writing a VMO with a program's memory.
 *
 * The quick way: while the program's pages are there, bytes are copied under the object's lock, with no reference to
 * any page. Nobody sleeps there, since a fault is not resolved (copy_from_user_present). Where a byte cannot be
 * copied so, or the object's own page takes more than a look, the rest of the call goes the way of vmo_io.c: who
 * brings pages that were never touched pays one fault too many, not one for each.
 *
 * A write that grows the object moves the end behind the bytes that it copied: nobody sees one that nobody wrote, and
 * nothing needs to be cleared first or taken back. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "mm/pmm.h"
#include "vm/pager_priv.h"
#include "vm/usercopy.h"

#define HOLD_BYTES (16 * PAGE_SIZE) /* copied before somebody else may have the lock */

/* The slots around the page that is next. */
struct cursor { struct vmo_run run; u64 first; };

static paddr_t cursor_page(struct cursor *c, struct vmo *vmo, u64 index)
{
    if (index - c->first >= c->run.n) {
        vmo_run_find(&vmo->tree, index, &c->run);
        c->first = index;
    }
    return vmo_run_page(&c->run, index - c->first);
}

/* Puts page where none is; the tree may get another shape. */
static int cursor_fill(struct cursor *c, struct vmo *vmo, u64 index, paddr_t page)
{
    if (c->run.leaf && !c->run.shared) {
        vmo_run_fill(&c->run, index - c->first, page);
        return 0;
    }
    c->run.n = 0;
    return vmo_tree_set(&vmo->tree, index, page);
}

/* What can be seen of an absent page without asking for it: 0 if nothing. */
static paddr_t absent_page(const struct vmo *vmo, u64 index)
{
    return vmo->ops == &vmo_anon_ops && !vmo_is_supplied(vmo, index) ? vm_zero_page() : 0;
}

static size_t read_locked(struct vmo *vmo, u64 offset, u8 *buf, size_t n)
{
    struct cursor c;
    c.run.n = c.first = 0;
    for (size_t left = n;;) {
        size_t at = offset % PAGE_SIZE, len = MIN(left, PAGE_SIZE - at);
        paddr_t page = cursor_page(&c, vmo, offset / PAGE_SIZE);
        if (unlikely(!page))
            page = absent_page(vmo, offset / PAGE_SIZE);
        if (unlikely(!page))
            return n - left;
        size_t copied = copy_to_user_present((uptr_t)buf, (u8 *)phys_to_virt(page) + at, len);
        left -= copied;
        if (!left || copied < len)
            return n - left;
        offset += len;
        buf += len;
    }
}

/* A page that is not there is filled before the object has it, so that a whole one need not be cleared. All of len
 * bytes or none. */
static NOINLINE size_t fresh_write_locked(struct vmo *vmo, struct cursor *c, u64 offset, const u8 *buf, size_t len)
{
    paddr_t page;
    if (vmo_anon_page_locked(vmo, &page))
        return 0;
    if (len < PAGE_SIZE)
        page_clear(page);
    u8 *to = (u8 *)phys_to_virt(page) + offset % PAGE_SIZE;
    if (copy_from_user_present(to, (uptr_t)buf, len) == len && !cursor_fill(c, vmo, offset / PAGE_SIZE, page))
        return len;
    page_put(page);
    vmo_settle_locked(vmo);
    return 0;
}

/* len bytes of one page. */
static inline size_t page_write_locked(struct vmo *vmo, struct cursor *c, u64 offset, const u8 *buf, size_t len)
{
    u64 index = offset / PAGE_SIZE;
    paddr_t page = cursor_page(c, vmo, index);
    if (!page)
        return fresh_write_locked(vmo, c, offset, buf, len);
    if (unlikely(vmo_run_cow(&c->run, index - c->first))) {
        c->run.n = 0;
        if (vmo_page_get_locked(vmo, index, &page))
            return 0;
    }
    return copy_from_user_present((u8 *)phys_to_virt(page) + offset % PAGE_SIZE, (uptr_t)buf, len);
}

static size_t write_locked(struct vmo *vmo, u64 offset, const u8 *buf, size_t n)
{
    struct cursor c;
    c.run.n = c.first = 0;
    for (size_t left = n;;) {
        size_t len = MIN(left, PAGE_SIZE - offset % PAGE_SIZE);
        size_t copied = page_write_locked(vmo, &c, offset, buf, len);
        left -= copied;
        if (!left || copied < len)
            return n - left;
        offset += len;
        buf += len;
    }
}

static size_t read_part(struct vmo *vmo, u64 offset, u8 *buf, size_t n)
{
    mutex_lock(&vmo->lock);
    size_t there = offset < vmo->size ? MIN(n, vmo->size - offset) : 0;
    size_t done = there ? read_locked(vmo, offset, buf, there) : 0;
    mutex_unlock(&vmo->lock);
    return done;
}

/* Behind the end: what lies between reads as zeroes afterwards, which is vmo_resize's work. */
static size_t write_part(struct vmo *vmo, u64 offset, const u8 *buf, size_t n)
{
    mutex_lock(&vmo->lock);
    size_t done = offset <= vmo->size ? write_locked(vmo, offset, buf, n) : 0;
    if (done && offset + done > vmo->size)
        __atomic_store_n(&vmo->size, offset + done, __ATOMIC_RELAXED);
    mutex_unlock(&vmo->lock);
    return done;
}

static NOINLINE ssize_t_k read_rest(struct vmo *vmo, u64 offset, u8 *buf, size_t n, size_t done)
{
    ssize_t_k r = vmo_transfer_user(vmo, offset + done, (uptr_t)(buf + done), n - done, false);
    return r > 0 || !done ? (ssize_t_k)done + r : (ssize_t_k)done;
}

ssize_t_k vmo_read_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n)
{
    size_t done = 0, part, copied;
    if (n && user_range_ok(buf, n))
        do {
            part = MIN(n - done, HOLD_BYTES);
            copied = read_part(vmo, offset + done, (u8 *)buf + done, part);
            done += copied;
        } while (copied == part && done < n);
    return likely(done == n) ? (ssize_t_k)done : read_rest(vmo, offset, (u8 *)buf, n, done);
}

/* Grows the object for n bytes, copies them, and takes back what was not filled. */
static ssize_t_k write_slowly(struct vmo *vmo, u64 offset, u8 *buf, size_t n)
{
    u64 size = vmo_size(vmo), end = offset + n;
    int r = end > size ? vmo_resize(vmo, end) : 0;
    if (r)
        return r;
    ssize_t_k done = vmo_transfer_user(vmo, offset, (uptr_t)buf, n, true);
    u64 reached = done > 0 ? offset + (u64)done : size;
    if (end > size && reached < end && vmo_resize(vmo, MAX(size, reached)))
        kwarn("vmo: cannot shrink an object after a short write");
    return done;
}

static NOINLINE ssize_t_k write_rest(struct vmo *vmo, u64 offset, u8 *buf, size_t n, size_t done)
{
    ssize_t_k r = write_slowly(vmo, offset + done, buf + done, n - done);
    return r > 0 || !done ? (ssize_t_k)done + r : (ssize_t_k)done;
}

ssize_t_k vmo_write_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n)
{
    size_t done = 0, part, copied;
    if (n && vmo->ops == &vmo_anon_ops && !vmo->pager && user_range_ok(buf, n))
        do {
            part = MIN(n - done, HOLD_BYTES);
            copied = write_part(vmo, offset + done, (const u8 *)buf + done, part);
            done += copied;
        } while (copied == part && done < n);
    return likely(done == n) ? (ssize_t_k)done : write_rest(vmo, offset, (u8 *)buf, n, done);
}
