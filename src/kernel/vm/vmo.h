/* Virtual memory objects: a resizable array of pages that can be read, written and mapped.
 *
 * Kinds by ops table: anonymous (zero-filled on demand) and physical (device memory). A never-written
 * page is mappable and reads as zeroes, or, where the object was given a pager (vm/vmo_pager.h), as what
 * that has there.
 *
 * Copy-on-write clones share pages by reference count: a clone's pages belong to both until one
 * side writes. There are no chains: cloning a clone is as cheap as cloning the original, and a
 * dead parent leaves nothing behind.
 *
 * Locking: vmo->lock (mutex) guards pages and size. Page contents are the users' business. */
#pragma once
#include "object/kobject.h"
#include "sched/waitq.h"

struct vmo;
struct vmo_ops {
    const char *name;
    /* Supplies page `index` (absent in the tree). Anonymous: a zero page. Called with the lock
     * held. *page gets a page with one reference that the tree then owns. 0, -ENOMEM, -EIO. */
    int (*get_page)(struct vmo *vmo, u64 index, paddr_t *page);
};

struct vmo; /* opaque: vm/vmo_priv.h */

/* size in bytes, rounded up to pages for storage, kept exact for vmo_size. */
int vmo_create_anon(u64 size, struct vmo **out) MUST_CHECK;
/* The same for contents that outlive whoever uses them, as files do: the last memory is not given
 * to them, getting a page fails with -ENOSPC then, or when the budget is used up. */
struct vmo_budget { u64 used, limit; }; /* pages of all objects that it is for; atomic. limit UINT64_MAX: none */
int vmo_create_kept(u64 size, struct vmo_budget *budget, struct vmo **out) MUST_CHECK;
/* The budget goes: nobody reaches the contents any more. */
void vmo_budget_leave(struct vmo *vmo);
/* May npages more be kept so? */
bool vmo_kept_room(u64 npages);
int vmo_create_phys(paddr_t base, u64 size, unsigned pt_flags, struct vmo **out) MUST_CHECK;
/* Private copy of [offset, offset+size): both sides see today's contents, neither the other's
 * later writes. offset is page aligned. Existing writable mappings of the source must be
 * write-protected by the caller (aspace_clone does). -EINVAL if the object has a pager. */
int vmo_clone_cow(struct vmo *src, u64 offset, u64 size, struct vmo **out) MUST_CHECK;

/* Whose contents these are. Every mapping counts a reference to the owner, which holds the object (the
 * object does not hold it). get and put run with an address space's lock held. */
struct vmo_owner_ops { void (*get)(void *owner); void (*put)(void *owner); };
/* Before anybody else knows the object. */
void vmo_set_owner(struct vmo *vmo, const struct vmo_owner_ops *ops, void *owner);
/* The owner if it is of this kind, else NULL. For whoever maps the object, or holds the owner. */
void *vmo_owner(struct vmo *vmo, const struct vmo_owner_ops *ops);

static inline struct kobject *vmo_obj(struct vmo *v) { return (struct kobject *)v; }
void vmo_get(struct vmo *vmo);
void vmo_put(struct vmo *vmo);

/* Is there a shared mapping through which a program writes, or may get the right to? */
bool vmo_is_mapped_writable(struct vmo *vmo);

u64 vmo_size(struct vmo *vmo);
/* Shrinking frees pages, zeroes the tail of the last one, and unmaps nothing: mapped pages beyond
 * the end raise SIGBUS on the next touch because the caller calls aspace's unmap hook (see
 * vmo_set_shrink_hook in vmo_priv.h). */
int vmo_resize(struct vmo *vmo, u64 size) MUST_CHECK;
/* Without the lock; may be out of date at once. */
u64 vmo_pages_present(struct vmo *vmo);
u64 vmo_pages_stored(struct vmo *vmo); /* and those that its pager has */

/* Copy between a VMO and kernel memory. Returns bytes done (short at the end of the object; write grows nothing),
 * or -ENOMEM/-EIO when none was done. */
ssize_t_k vmo_read(struct vmo *vmo, u64 offset, void *buf, size_t n) MUST_CHECK;
ssize_t_k vmo_write(struct vmo *vmo, u64 offset, const void *buf, size_t n) MUST_CHECK;
/* The same with user memory; a fault in the middle gives the short count, at the start -EFAULT. */
ssize_t_k vmo_read_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n) MUST_CHECK;
/* The object grows as far as it was written; -ENOMEM, -EFBIG also for that. The caller keeps others from resizing. */
ssize_t_k vmo_write_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n) MUST_CHECK;
/* Copies n bytes of one object to another, which grows, as far as that takes no more than looking and copying: perhaps
 * nothing, which says only that it has to be done another way. */
size_t vmo_send(struct vmo *to, u64 at, struct vmo *from, u64 offset, size_t n);
/* Puts n pages that lie in a row in RAM at index, where none may be; the object takes over the
 * caller's reference to each. Returns how many it took: fewer than n when memory ends. */
u64 vmo_supply(struct vmo *vmo, u64 index, paddr_t base, u64 n);
/* Where the next page that is there begins, at or behind offset, or the next hole; at most the size. */
u64 vmo_next_data(struct vmo *vmo, u64 offset);
u64 vmo_next_hole(struct vmo *vmo, u64 offset);
/* Makes the pages of a range within the size. -ENOMEM, -ENOSPC, -EINTR: some of them are there then. */
int vmo_populate(struct vmo *vmo, u64 offset, u64 n) MUST_CHECK;
/* As vmo_zero, and gives back whole pages where it can. */
int vmo_punch(struct vmo *vmo, u64 offset, u64 n) MUST_CHECK;
/* Fills with zeroes without allocating what is absent. */
int vmo_zero(struct vmo *vmo, u64 offset, u64 n) MUST_CHECK;
