/* How much of a range is mapped, and whether any of it is shared. The answer may be old when it
 * arrives if other threads map and unmap: good for error numbers, not for decisions about memory. */
#include "linux/vm_range.h"

bool vm_range_round(vaddr_t addr, u64 len, u64 *size)
{
    *size = ROUND_UP(len, PAGE_SIZE);
    return *size >= len && addr + *size >= addr;
}

struct examine { vaddr_t start, end; struct vm_range_facts facts; };

static void examine_mapping(const struct mapping_info *m, void *ctx)
{
    struct examine *x = ctx;
    vaddr_t from = MAX(m->start, x->start), to = MIN(m->end, x->end);
    if (from >= to)
        return;
    x->facts.mapped_bytes += to - from;
    x->facts.shared |= m->flags & VM_SHARED;
}

struct vm_range_facts vm_range_examine(struct aspace *as, vaddr_t addr, u64 size)
{
    struct examine x = { .start = addr, .end = addr + size };
    aspace_for_each(as, examine_mapping, &x);
    return x.facts;
}
