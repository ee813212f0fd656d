/* All of the kernel's caches of memory, in the order that makes most of it whole again: stacks, whose
 * arena notes and tables come free with them, then tables, then the heap. Files have no copies to
 * drop: what is in a file is in memory only (tmpfs).
 *
 * Who runs out asks here before anybody is made to pay for it. */
#include "mm/reclaim.h"
#include "arch/paging.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"

u64 memory_reclaim(void)
{
    u64 before = pmm_stats().free;
    kstack_trim();
    pt_kept_trim();
    heap_trim();
    u64 after = pmm_stats().free;
    return after > before ? after - before : 0;
}
