/* An object with a pager, and what becomes of its pages:
 *
 *     absent --read, fault: fill--> clean --write, or shown where a program may write--> kept
 *       '-----memory is short-----'   |                                                   |
 *                                     '------------- the object shrinks, ends ------------'
 *
 * A clean page is a copy of what the pager has; a kept one is like any page of an anonymous object, and so
 * is what lies behind the pager's bytes. When the object shrinks the pager's part shrinks for good, so what
 * grows back reads as zeroes. The clean bits are exact: a bit is set only for a page in the tree.
 *
 * A page goes only while the tree's reference is its only one. Whoever else refers to it (a page table, a
 * copy that runs) got his reference under the object's lock, which is held here. */
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "vm/pager_priv.h"

#define AROUND_PAGES 8

int vmo_attach_pager(struct vmo *vmo, const struct vmo_pager_ops *ops, void *ctx, u64 bytes)
{
    struct vmo_pager *p = kzalloc(sizeof *p + BITMAP_WORDS(pages_of(bytes)) * sizeof(u64));
    if (!p)
        return -ENOMEM;
    *p = (struct vmo_pager){ .ops = ops, .ctx = ctx, .vmo = vmo, .bytes = bytes, .nabsent = pages_of(bytes) };
    mutex_lock(&vmo->lock);
    ASSERT(!vmo->pager && !vmo->tree.root && !vmo_is_phys(vmo));
    vmo->pager = p;
    __atomic_store_n(&vmo->size, bytes, __ATOMIC_RELAXED);
    vmo_settle_locked(vmo);
    mutex_unlock(&vmo->lock);
    page_cache_add(p);
    return 0;
}

static void clean_set(struct vmo_pager *p, u64 index)
{
    bitmap_set(p->clean, index);
    p->nclean++;
    page_cache_count(1);
}

static void clean_clear(struct vmo_pager *p, u64 index)
{
    bitmap_clear(p->clean, index);
    p->nclean--;
    page_cache_count(-1);
}

/* Copies must not take the memory that files are refused (vmo_kept_room): older ones go for a new one. */
static paddr_t page_for_copy(struct vmo *vmo)
{
    if (!vmo_kept_room(1))
        (void)pager_drop_locked(vmo, PAGE_CACHE_BATCH);
    return vm_page_alloc();
}

int pager_page_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    struct vmo_pager *p = vmo->pager;
    ASSERT(mutex_held(&vmo->lock) && vmo_is_supplied(vmo, index));
    *page = page_for_copy(vmo);
    int r = *page ? p->ops->fill(p->ctx, index, phys_to_virt(*page)) : -ENOMEM;
    if (!r)
        r = vmo_tree_set(&vmo->tree, index, *page);
    if (r && *page)
        page_put(*page);
    if (r)
        return r;
    p->nabsent--;
    clean_set(p, index);
    return 0;
}

void pager_around_locked(struct vmo *vmo, u64 index)
{
    u64 first = ROUND_DOWN(index, AROUND_PAGES), end = MIN(first + AROUND_PAGES, pages_of(vmo->pager->bytes)),
        at = first;
    struct vmo_run run = { .n = 0 };
    paddr_t page;
    if (vmo->pager->nabsent == 0 || !pmm_has(pmm_total() / 8))
        return;
    for (u64 i = first; i < end; i++) {
        if (i - at >= run.n)
            vmo_run_find(&vmo->tree, at = i, &run);
        if (vmo_run_page(&run, i - at))
            continue;
        if (pager_page_locked(vmo, i, &page))
            break;
        run.n = 0; /* the tree has changed */
    }
}

bool pager_is_clean_locked(const struct vmo *vmo, u64 index)
{
    return vmo_is_supplied(vmo, index) && bitmap_test(vmo->pager->clean, index);
}

int pager_keep_locked(struct vmo *vmo, u64 index)
{
    ASSERT(mutex_held(&vmo->lock));
    if (!pager_is_clean_locked(vmo, index))
        return 0;
    if (vmo->budget && !vmo_kept_room(1))
        return -ENOSPC;
    clean_clear(vmo->pager, index);
    return 0;
}

void pager_cut_locked(struct vmo *vmo, u64 bytes)
{
    struct vmo_pager *p = vmo->pager;
    if (bytes >= p->bytes)
        return;
    u64 end = pages_of(p->bytes);
    for (u64 i = pages_of(bytes); (i = bitmap_find_set(p->clean, end, i)) < end; i++)
        clean_clear(p, i);
    p->bytes = bytes;
    p->nabsent = pages_of(bytes) - vmo->tree.npages;
    p->ops->cut(p->ctx, bytes);
}

u64 pager_drop_locked(struct vmo *vmo, u64 n)
{
    struct vmo_pager *p = vmo->pager;
    u64 end = pages_of(p->bytes), done = 0, seen = 0;
    ASSERT(mutex_held(&vmo->lock));
    for (u64 left = p->nclean; done < n && seen < left; seen++) {
        u64 i = bitmap_find_set(p->clean, end, p->hand);
        if (i >= end)
            i = bitmap_find_set(p->clean, end, 0);
        p->hand = i + 1;
        if (page_refs(vmo_tree_lookup(&vmo->tree, i, NULL)) > 1)
            continue;
        clean_clear(p, i);
        vmo_tree_remove(&vmo->tree, i, i + 1); /* nobody shares this tree: nothing to prepare */
        p->nabsent++;
        done++;
    }
    return done;
}

void pager_free(struct vmo_pager *p)
{
    if (!p)
        return;
    page_cache_remove(p);
    page_cache_count(-(i64)p->nclean);
    p->ops->destroy(p->ctx);
    kfree(p);
}
