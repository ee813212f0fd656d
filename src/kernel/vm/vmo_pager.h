/* Objects whose contents somebody else has and can give again: a page that was only read is a copy, which
 * may go when memory is short. Together these copies are the page cache. */
#pragma once
#include "vm/vmo.h"

/* Who has the contents. Called with the object's lock held, but destroy; may not come back to the object. */
struct vmo_pager_ops {
    /* Writes page `index` of the contents to `to`, with zeroes behind their end. 0, -EIO. */
    int (*fill)(void *ctx, u64 index, void *to);
    /* Nothing at or behind `bytes` will be asked for again. */
    void (*cut)(void *ctx, u64 bytes);
    void (*destroy)(void *ctx);
};

/* The object, empty so far, is `bytes` long afterwards and ctx has its contents; ctx is destroyed with it.
 * -ENOMEM: nothing happened. */
int vmo_attach_pager(struct vmo *vmo, const struct vmo_pager_ops *ops, void *ctx, u64 bytes) MUST_CHECK;

/* Copies that could go. Without a lock. */
u64 page_cache_pages(void);
/* Gives back at least n copies that nobody maps, or all there are but for objects that somebody is at work
 * on; returns how many. Waits for no lock, so any mutex may be held, but no spinlock. */
u64 page_cache_reclaim(u64 n);
#define PAGE_CACHE_BATCH 64 /* for who wants one page, and soon perhaps another */
/* Takes copies out of programs' page tables too, and gives them back; returns how many. The programs fault
 * them in again: when few are left this is done once a second only, and 0 in between. Waits for no lock; no
 * spinlock may be held. */
u64 page_cache_unmap(void);
bool page_cache_is_much(void); /* more than those few */
