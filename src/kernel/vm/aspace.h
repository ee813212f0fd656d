/* Address spaces: which part of which VMO a program sees where, and with what rights.
 *
 * Mappings are kept in a tree by address, disjoint; neighbours that continue each other merge.
 * Pages enter the page table only when touched (vm/fault), except where MAP_POPULATE asks.
 *
 * Locking: aspace->lock (mutex), taken before any vmo->lock. Faults take it too, so nobody copies
 * from or to user memory while holding it. */
#pragma once
#include "arch/paging.h"
#include "vm/vmo.h"

enum vm_prot { VM_READ = 1, VM_WRITE = 2, VM_EXEC = 4 };
enum vm_map_flags {
    VM_SHARED = 1 << 0,     /* writes reach the VMO; otherwise the mapping is copy-on-write */
    VM_FIXED = 1 << 1,      /* exactly there, replacing what is in the way */
    VM_NOREPLACE = 1 << 2,  /* with FIXED: -EEXIST instead of replacing */
    VM_GROWSDOWN = 1 << 3,  /* a stack: grows by faults just below it, up to max_stack */
    VM_POPULATE = 1 << 4,
    VM_NO_MERGE = 1 << 5,
    VM_DONTFORK = 1 << 6,   /* the child of a fork does not get it (aspace_advise) */
    VM_WIPEONFORK = 1 << 7, /* ... or gets it empty */
    VM_LOCKED = 1 << 8,     /* counted, populated, kept from MADV_DONTNEED; not inherited by fork */
    VM_ONFAULT = 1 << 9,    /* with LOCKED: populated by faults only */
    VM_LOW = 1 << 10,       /* placed in the second GiB (MAP_32BIT) */
};

struct aspace;

int aspace_create(struct aspace **out) MUST_CHECK; /* refs = 1 */
struct aspace *aspace_get(struct aspace *as);      /* CLONE_VM, vfork */
void aspace_put(struct aspace *as);                /* last one unmaps everything */
struct pagetable *aspace_pagetable(struct aspace *as);
/* fork: private mappings become copy-on-write on both sides, shared ones stay shared. */
int aspace_clone(struct aspace *as, struct aspace **out) MUST_CHECK;

/* Maps size bytes of vmo from offset at *addr (hint, or exact with VM_FIXED); *addr gets the
 * address. vmo NULL: anonymous memory. Takes its own reference to vmo. may: the most that mprotect
 * may ever grant (VM_READ|VM_WRITE|VM_EXEC unless a file was opened read-only and VM_SHARED).
 * -EINVAL (unaligned, size 0, outside user range), -ENOMEM, -EEXIST. */
int aspace_map(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
               unsigned may, unsigned flags, vaddr_t *addr) MUST_CHECK;
/* Holes in the range are fine. -EINVAL for an unaligned or outside range; -ENOMEM on a split. */
int aspace_unmap(struct aspace *as, vaddr_t addr, size_t size) MUST_CHECK;
/* -ENOMEM if the range has a hole, -EACCES beyond `may`: what lies before the obstacle is changed. */
int aspace_protect(struct aspace *as, vaddr_t addr, size_t size, unsigned prot) MUST_CHECK;
/* The same from the beginning of the stack that the range begins in, or -EINVAL (PROT_GROWSDOWN). */
int aspace_protect_stack(struct aspace *as, vaddr_t addr, size_t size, unsigned prot) MUST_CHECK;
/* mremap: old mapping to new size; how: enum remap_how; fixed: the address with REMAP_FIXED. */
enum remap_how {
    REMAP_MAY_MOVE = 1, REMAP_FIXED = 2,
    REMAP_LEAVE = 4, /* moves the pages of private anonymous memory and leaves it mapped, empty */
};
int aspace_remap(struct aspace *as, vaddr_t addr, size_t old_size, size_t new_size, unsigned how,
                 vaddr_t fixed, vaddr_t *out) MUST_CHECK;
/* MADV_DONTNEED: anonymous private pages read as zero afterwards, others are fetched anew. -EINVAL
 * at a mapping that has one of the flags in `not`, -ENOMEM for holes; what can be done is done. */
int aspace_discard(struct aspace *as, vaddr_t addr, size_t size, unsigned not) MUST_CHECK;

/* MADV_DONTFORK and its like: sets and clears flags on the mappings in the range. -ENOMEM for a
 * hole or a split, -EINVAL for VM_WIPEONFORK on anything but private anonymous memory. */
int aspace_advise(struct aspace *as, vaddr_t addr, size_t size, unsigned set, unsigned clear) MUST_CHECK;
/* 0, -ENOMEM for a hole; *any: the flags that some mapping in the range has. */
int aspace_examine(struct aspace *as, vaddr_t addr, size_t size, unsigned *any) MUST_CHECK;
/* mlock: marks the mappings in the range with `how` (VM_LOCKED, VM_ONFAULT, 0: neither) up to the
 * first hole, unless more than limit bytes of the address space were locked then. Populates
 * nothing. -ENOMEM: a hole, a split, the limit. */
int aspace_lock(struct aspace *as, vaddr_t addr, size_t size, unsigned how, u64 limit) MUST_CHECK;
/* mlockall: all there is (current) and all that will be mapped (future) is marked so. */
int aspace_lock_all(struct aspace *as, bool current, unsigned how, unsigned future, u64 limit) MUST_CHECK;
unsigned aspace_lock_future(struct aspace *as);
/* The first mapping, or the rest of it, at or above `from`; false if there is none. */
bool aspace_next(struct aspace *as, vaddr_t from, vaddr_t *start, vaddr_t *end);
/* Touches every page of the range: private writable ones as a write would, the others by reading;
 * write: all by writing, -EACCES where that is not allowed. -ENOMEM for a hole, or a fault's error. */
int aspace_populate(struct aspace *as, vaddr_t addr, size_t size, bool write) MUST_CHECK;
/* mincore: vec[i] = 1 if page i would be found without a fetch or a fill. -ENOMEM for a hole. */
int aspace_present(struct aspace *as, vaddr_t addr, size_t npages, u8 *vec) MUST_CHECK;

/* Program break. aspace_brk_init after exec; aspace_brk returns the new break, or the old one if
 * it cannot be changed, or grown by more than grow_limit bytes (as Linux's brk). */
void aspace_brk_init(struct aspace *as, vaddr_t start);
vaddr_t aspace_brk(struct aspace *as, vaddr_t new_brk, u64 grow_limit);
/* How large a stack may grow by faults, and all mappings together when it does. */
void aspace_set_limits(struct aspace *as, u64 stack_bytes, u64 all_bytes);
/* New mappings are placed below top (exec: under the stack, at random). Page aligned. */
void aspace_set_mmap_top(struct aspace *as, vaddr_t top);

/* A page fault by the program (or by usercopy on its behalf). 0: resolved, retry. -EFAULT: no
 * mapping (SEGV_MAPERR), -EACCES: not allowed (SEGV_ACCERR), -ENXIO: beyond the end of the object
 * (SIGBUS), -ENOMEM. Sleeps. error: PF_* bits. */
int aspace_fault(struct aspace *as, vaddr_t addr, u64 error) MUST_CHECK;

/* Access to another program's memory (exec's stack, process_vm_readv, /proc/PID/cmdline): bytes
 * done or -EFAULT. The mappings' protection holds. */
ssize_t_k aspace_read(struct aspace *as, vaddr_t addr, void *buf, size_t n) MUST_CHECK;
ssize_t_k aspace_write(struct aspace *as, vaddr_t addr, const void *buf, size_t n) MUST_CHECK;

/* The same for debuggers: whatever the protection of a private mapping; what is written there becomes
 * the program's own page, as with a breakpoint in its text. */
ssize_t_k aspace_peek(struct aspace *as, vaddr_t addr, void *buf, size_t n) MUST_CHECK;
ssize_t_k aspace_poke(struct aspace *as, vaddr_t addr, const void *buf, size_t n) MUST_CHECK;

/* Zeroes whatever the protection, on private mappings only (the tail of a segment's last file
 * page). 0 or -ENOMEM. */
int aspace_zero(struct aspace *as, vaddr_t addr, size_t n) MUST_CHECK;

/* What identifies the byte at addr to all who share it. A shared mapping: 1, its VMO (with a
 * reference) and the offset there; a private one: 0, NULL. -EFAULT: nothing is mapped. */
int aspace_find_shared(struct aspace *as, vaddr_t addr, struct vmo **vmo, u64 *offset) MUST_CHECK;

struct mapping_info {
    vaddr_t start, end;
    u64 offset;
    unsigned prot, may, flags;
    struct vmo *vmo; /* NULL: anonymous; not referenced: only valid inside the callback */
    bool is_stack, is_brk, is_device;
};
/* What is in memory of [start, end), in pages. pages[is_shared][is_dirty]. proportional: in bytes << USAGE_SHIFT,
 * each page divided by how many have it; locked: the same of locked mappings. */
#define USAGE_SHIFT 12
struct aspace_usage { u64 resident, anonymous, referenced, pages[2][2], proportional, proportional_dirty, locked; };
void aspace_usage(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_usage *u);
/* Ascending by address, with the lock held: fn must not touch user memory or this aspace. */
void aspace_for_each(struct aspace *as, void (*fn)(const struct mapping_info *m, void *ctx), void *ctx);
/* data_bytes: private and writable (RLIMIT_DATA). peak_*: the most there ever was of mapped_bytes and
 * resident_pages; the latter is noted where they become fewer. Read without the lock. */
struct aspace_stats {
    u64 mapped_bytes, data_bytes, stack_bytes, locked_bytes, resident_pages, mappings, peak_bytes, peak_pages;
};
struct aspace_stats aspace_stats(struct aspace *as);
