/* Reading and writing a VMO with a program's memory.
 *
 * The quick way: while the program's pages are there, bytes are copied under the object's lock, with no reference to
 * any page. Nobody sleeps there, since a fault is not resolved (copy_from_user_present). Where a byte cannot be
 * copied so, or the object's own page takes more than a look, the rest of HOLD_BYTES goes the way of vmo_io.c: who
 * brings pages that were never touched pays one fault too many for these, not one for each.
 *
 * A write that grows the object moves the end behind the bytes that it copied: nobody sees one that nobody wrote, and
 * nothing needs to be cleared first or taken back. */
#include "arch/page_ops.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "vm/vmo_cursor.h"
#include "vm/usercopy.h"

#define HOLD_BYTES (16 * PAGE_SIZE) /* copied before somebody else may have the lock */

/* Puts page where none is; the tree may get another shape. */
static int cursor_fill(struct vmo_cursor *c, struct vmo *vmo, u64 index, paddr_t page)
{
    if (c->run.leaf && !c->run.shared) {
        vmo_run_fill(&c->run, index - c->first, page);
        return 0;
    }
    c->run.n = 0;
    return vmo_tree_set(&vmo->tree, index, page);
}

static size_t read_locked(struct vmo *vmo, u64 offset, u8 *buf, size_t n)
{
    struct vmo_cursor c;
    c.run.n = c.first = 0;
    for (size_t left = n;;) {
        size_t at = offset % PAGE_SIZE, len = MIN(left, PAGE_SIZE - at);
        paddr_t page = vmo_cursor_page(&c, vmo, offset / PAGE_SIZE);
        if (unlikely(!page))
            page = vmo_absent_page(vmo, offset / PAGE_SIZE);
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

/* Bytes done: all of them from the kernel's memory. */
static inline size_t bytes_put(paddr_t page, size_t at, const u8 *buf, size_t n, bool user)
{
    u8 *to = (u8 *)phys_to_virt(page) + at;
    if (user)
        return copy_from_user_present(to, (uptr_t)buf, n);
    memcpy(to, buf, n);
    return n;
}

/* A page that is not there is filled before the object has it, so that a whole one need not be cleared. All of len
 * bytes or none. */
static NOINLINE size_t fresh_write_locked(struct vmo *vmo, struct vmo_cursor *c, u64 offset, const u8 *buf,
                                          size_t len, bool user)
{
    paddr_t page;
    if (vmo_anon_page_locked(vmo, &page))
        return 0;
    if (len < PAGE_SIZE) /* what this write leaves out */
        page_fill_zero_from(phys_to_virt(page), offset % PAGE_SIZE ? 0 : len);
    if (bytes_put(page, offset % PAGE_SIZE, buf, len, user) == len && !cursor_fill(c, vmo, offset / PAGE_SIZE, page))
        return len;
    page_put(page);
    vmo_settle_locked(vmo);
    return 0;
}

/* len bytes of one page. */
static inline size_t page_write_locked(struct vmo *vmo, struct vmo_cursor *c, u64 offset, const u8 *buf,
                                       size_t len, bool user)
{
    u64 index = offset / PAGE_SIZE;
    paddr_t page = vmo_cursor_page(c, vmo, index);
    if (!page)
        return fresh_write_locked(vmo, c, offset, buf, len, user);
    if (unlikely(vmo_run_cow(&c->run, index - c->first))) {
        c->run.n = 0;
        if (vmo_page_get_locked(vmo, index, &page))
            return 0;
    }
    return bytes_put(page, offset % PAGE_SIZE, buf, len, user);
}

static ALWAYS_INLINE size_t write_locked(struct vmo *vmo, u64 offset, const u8 *buf, size_t n, bool user)
{
    struct vmo_cursor c;
    c.run.n = c.first = 0;
    for (size_t left = n;;) {
        size_t len = MIN(left, PAGE_SIZE - offset % PAGE_SIZE);
        size_t copied = page_write_locked(vmo, &c, offset, buf, len, user);
        left -= copied;
        if (!left || copied < len)
            return n - left;
        offset += len;
        buf += len;
    }
}

/* The end moves with what was written. Behind the end: what lies between reads as zeroes afterwards, which is
 * vmo_resize's work. */
static ALWAYS_INLINE size_t extend_locked(struct vmo *vmo, u64 offset, const u8 *buf, size_t n, bool user)
{
    size_t done = offset <= vmo->size ? write_locked(vmo, offset, buf, n, user) : 0;
    if (done && offset + done > vmo->size)
        __atomic_store_n(&vmo->size, offset + done, __ATOMIC_RELAXED);
    return done;
}

size_t vmo_extend_locked(struct vmo *vmo, u64 offset, const void *buf, size_t n)
{
    ASSERT(mutex_held(&vmo->lock) && vmo_writes_quickly(vmo));
    return extend_locked(vmo, offset, buf, n, false);
}

static size_t read_part(struct vmo *vmo, u64 offset, u8 *buf, size_t n)
{
    mutex_lock(&vmo->lock);
    size_t there = offset < vmo->size ? MIN(n, vmo->size - offset) : 0;
    size_t done = there ? read_locked(vmo, offset, buf, there) : 0;
    mutex_unlock(&vmo->lock);
    return done;
}

static size_t write_part(struct vmo *vmo, u64 offset, const u8 *buf, size_t n)
{
    mutex_lock(&vmo->lock);
    size_t done = extend_locked(vmo, offset, buf, n, true);
    mutex_unlock(&vmo->lock);
    return done;
}

static NOINLINE ssize_t_k read_rest(struct vmo *vmo, u64 offset, u8 *buf, size_t n, size_t done)
{
    ssize_t_k r = vmo_transfer_user(vmo, offset + done, (uptr_t)(buf + done), n - done, false);
    return r > 0 || !done ? (ssize_t_k)done + r : (ssize_t_k)done;
}

typedef ssize_t_k (*part_fn)(struct vmo *vmo, u64 offset, uptr_t buf, size_t n);

static NOINLINE ssize_t_k in_parts(struct vmo *vmo, u64 offset, uptr_t buf, size_t n, part_fn copy)
{
    size_t done = 0, part;
    ssize_t_k r;
    do {
        part = MIN(n - done, HOLD_BYTES);
        r = copy(vmo, offset + done, (uptr_t)((u8 *)buf + done), part);
        if (r > 0)
            done += (size_t)r;
    } while (r == (ssize_t_k)part && done < n);
    return done ? (ssize_t_k)done : r;
}

ssize_t_k vmo_read_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n)
{
    if (unlikely(n > HOLD_BYTES))
        return in_parts(vmo, offset, buf, n, vmo_read_user);
    size_t done = n && user_range_ok(buf, n) ? read_part(vmo, offset, (u8 *)buf, n) : 0;
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
    if (unlikely(n > HOLD_BYTES))
        return in_parts(vmo, offset, buf, n, vmo_write_user);
    bool quick = n && vmo_writes_quickly(vmo) && user_range_ok(buf, n);
    size_t done = quick ? write_part(vmo, offset, (const u8 *)buf, n) : 0;
    return likely(done == n) ? (ssize_t_k)done : write_rest(vmo, offset, (u8 *)buf, n, done);
}
