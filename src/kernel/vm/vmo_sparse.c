/* Holes: where an object has pages, making them ahead, and giving them back.
 *
 * An absent page reads as zeroes, so a hole is nothing but that. Pages are given back only while nobody maps
 * the object: a page table's entry would go on showing the old page. Otherwise they are cleared. (A fault
 * looks a page up and shows it with the lock held that is held here, and a mapping is listed before it can
 * fault.) */
#include "lib/errno.h"
#include "lib/string.h"
#include "vm/pager_priv.h"

#define POPULATE_PIECE 64 /* pages for which the lock is held in one go */

u64 vmo_next_data(struct vmo *vmo, u64 offset)
{
    u64 index = offset / PAGE_SIZE;
    paddr_t page;
    mutex_lock(&vmo->lock);
    u64 size = vmo->size, at = size;
    if (offset < size && vmo_is_supplied(vmo, index))
        at = offset;
    else if (offset < size && vmo_tree_next(&vmo->tree, &index, &page))
        at = MIN(MAX(index * PAGE_SIZE, offset), size);
    mutex_unlock(&vmo->lock);
    return at;
}

u64 vmo_next_hole(struct vmo *vmo, u64 offset)
{
    struct vmo_run run;
    mutex_lock(&vmo->lock);
    u64 size = vmo->size, index = offset / PAGE_SIZE;
    if (vmo->pager)
        index = MAX(index, pages_of(vmo->pager->bytes));
    for (bool hole = false; index * PAGE_SIZE < size && !hole;) {
        vmo_run_find(&vmo->tree, index, &run);
        u64 i = 0;
        while (i < run.n && vmo_run_page(&run, i))
            i++;
        hole = i < run.n;
        index += i;
    }
    mutex_unlock(&vmo->lock);
    return MIN(MAX(index * PAGE_SIZE, offset), size);
}

static int populate_piece(struct vmo *vmo, u64 first, u64 end)
{
    int r = 0;
    paddr_t page;
    mutex_lock(&vmo->lock);
    for (u64 i = first; i < end && i < pages_of(vmo->size) && !r; i++)
        r = vmo_page_get_kept_locked(vmo, i, &page);
    mutex_unlock(&vmo->lock);
    return r;
}

int vmo_populate(struct vmo *vmo, u64 offset, u64 n)
{
    u64 end = pages_of(offset + n);
    for (u64 i = offset / PAGE_SIZE; i < end; i += POPULATE_PIECE) {
        int r = populate_piece(vmo, i, MIN(end, i + POPULATE_PIECE));
        if (!r && (thread_current()->work & (WORK_SIGNAL | WORK_EXIT)))
            r = -EINTR;
        if (r)
            return r;
    }
    return 0;
}

/* -EBUSY: somebody maps it, or the pager would fill the hole again. */
static int drop_pages(struct vmo *vmo, u64 first, u64 end)
{
    mutex_lock(&vmo->lock);
    spin_lock(&vmo->map_lock);
    int r = list_empty(&vmo->mappings) && !vmo_is_supplied(vmo, first) ? 0 : -EBUSY;
    spin_unlock(&vmo->map_lock);
    end = MIN(end, pages_of(vmo->size));
    if (!r && first < end)
        r = vmo_tree_remove_prepare(&vmo->tree, first, end);
    if (!r && first < end)
        vmo_tree_remove(&vmo->tree, first, end);
    vmo_settle_locked(vmo);
    mutex_unlock(&vmo->lock);
    return r;
}

int vmo_punch(struct vmo *vmo, u64 offset, u64 n)
{
    u64 last = offset + n, first = ROUND_UP(offset, PAGE_SIZE), end = ROUND_DOWN(last, PAGE_SIZE);
    if (first >= end || drop_pages(vmo, first / PAGE_SIZE, end / PAGE_SIZE))
        return vmo_zero(vmo, offset, n);
    int r = vmo_zero(vmo, offset, first - offset);
    return r ? r : vmo_zero(vmo, end, last - end);
}
