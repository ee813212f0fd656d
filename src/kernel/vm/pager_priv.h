/* Between an object and its pager; the theory is in vmo_pager.c. Private to vm. */
#pragma once
#include "vm/vmo_pager.h"
#include "vm/vmo_priv.h"

struct vmo_pager {
    const struct vmo_pager_ops *ops;
    void *ctx;
    struct vmo *vmo;
    struct list link; /* the page cache's */
    u64 bytes;        /* [0, bytes) of the object come from here; this and below: vmo->lock */
    u64 nabsent;      /* pages of these that are not in the tree */
    u64 nclean;       /* bits set in clean */
    u64 hand;         /* where the search for copies to drop goes on */
    u64 clean[];      /* page present, and as the pager made it */
};

static inline bool vmo_is_supplied(const struct vmo *v, u64 index)
{
    return v->pager && index < pages_of(v->pager->bytes);
}
/* The page at index, which is supplied and absent, made. -ENOMEM, -EIO. */
int pager_page_locked(struct vmo *vmo, u64 index, paddr_t *page) MUST_CHECK;
/* Some absent pages around index too, while memory is plenty. */
void pager_around_locked(struct vmo *vmo, u64 index);
/* Will the page at index, which is present, be missed if it goes? */
bool pager_is_clean_locked(const struct vmo *vmo, u64 index);
int pager_keep_locked(struct vmo *vmo, u64 index) MUST_CHECK;
/* The object has shrunk to `bytes`, its tree too. */
void pager_cut_locked(struct vmo *vmo, u64 bytes);
/* Gives back up to n copies that nobody else refers to. */
u64 pager_drop_locked(struct vmo *vmo, u64 n);
/* At the object's end, its tree gone. */
void pager_free(struct vmo_pager *p);

/* page_cache.c */
void page_cache_add(struct vmo_pager *p);
void page_cache_remove(struct vmo_pager *p);
void page_cache_count(i64 npages);

/* The page at index, which is present, is about to be written, or may be through a mapping: it is no copy
 * any more. -ENOSPC. */
static inline int vmo_keep_locked(struct vmo *vmo, u64 index)
{
    return likely(!vmo->pager) ? 0 : pager_keep_locked(vmo, index);
}
static inline MUST_CHECK int vmo_page_get_kept_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    int r = vmo_page_get_locked(vmo, index, page);
    return r ? r : vmo_keep_locked(vmo, index);
}
