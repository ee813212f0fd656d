/* mmap's arguments, judged in Linux's order of errors. Pure.
 *
 * Flags that are only advice (NORESERVE, STACK, DENYWRITE, EXECUTABLE, NONBLOCK) are dropped.
 * MAP_HUGETLB fails as on a machine without huge pages set aside. */
#include "linux/mmap_check.h"
#include "lib/errno.h"
#include "vm/aspace.h"

#define KNOWN_FOR_VALIDATE                                                                              \
    (LX_MAP_TYPE | LX_MAP_FIXED | LX_MAP_ANONYMOUS | LX_MAP_32BIT | LX_MAP_GROWSDOWN | LX_MAP_DENYWRITE | \
     LX_MAP_EXECUTABLE | LX_MAP_LOCKED | LX_MAP_NORESERVE | LX_MAP_POPULATE | LX_MAP_NONBLOCK |         \
     LX_MAP_STACK | LX_MAP_HUGETLB)

unsigned mmap_prot(u32 prot)
{
    /* x86 page tables cannot grant writing or executing without reading. */
    unsigned vm = prot & (LX_PROT_READ | LX_PROT_WRITE | LX_PROT_EXEC);
    return vm ? vm | VM_READ : 0;
}

static int check_type(const struct mmap_request *rq, bool *shared)
{
    u32 type = rq->flags & LX_MAP_TYPE;
    *shared = type != LX_MAP_PRIVATE;
    if (type == LX_MAP_SHARED_VALIDATE && rq->is_file)
        return rq->flags & ~KNOWN_FOR_VALIDATE ? -EOPNOTSUPP : 0; /* also MAP_SYNC: no such storage */
    return type == LX_MAP_SHARED || type == LX_MAP_PRIVATE ? 0 : -EINVAL;
}

static int check_file(const struct mmap_request *rq, bool shared)
{
    if (!rq->file_read)
        return -EACCES;
    if (shared && (rq->prot & LX_PROT_WRITE) && !rq->file_write)
        return -EACCES;
    return rq->flags & LX_MAP_GROWSDOWN ? -EINVAL : 0;
}

static unsigned vm_flags(u32 flags, bool shared)
{
    unsigned vm = shared ? VM_SHARED : 0;
    if (flags & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE))
        vm |= VM_FIXED;
    if (flags & LX_MAP_FIXED_NOREPLACE)
        vm |= VM_NOREPLACE;
    if (flags & LX_MAP_GROWSDOWN)
        vm |= VM_GROWSDOWN;
    if (flags & LX_MAP_32BIT)
        vm |= VM_LOW;
    if (flags & LX_MAP_LOCKED)
        vm |= VM_LOCKED;
    bool populate = (flags & (LX_MAP_POPULATE | LX_MAP_NONBLOCK)) == LX_MAP_POPULATE;
    return populate ? vm | VM_POPULATE : vm;
}

int mmap_check(const struct mmap_request *rq, struct mmap_plan *plan)
{
    bool shared;
    u64 size = ROUND_UP(rq->len, PAGE_SIZE);
    if (!IS_ALIGNED(rq->offset, PAGE_SIZE) || rq->len == 0)
        return -EINVAL;
    if (size == 0 || size > USER_TOP)
        return -ENOMEM; /* rounding up wrapped around, or no address space holds that */
    if (rq->is_file && (rq->offset > INT64_MAX || size > INT64_MAX - rq->offset))
        return -EOVERFLOW;
    bool fixed = rq->flags & (LX_MAP_FIXED | LX_MAP_FIXED_NOREPLACE);
    if (fixed && !IS_ALIGNED(rq->addr, PAGE_SIZE))
        return -EINVAL;
    int r = check_type(rq, &shared);
    if (r == 0 && rq->is_file)
        r = check_file(rq, shared);
    if (r < 0)
        return r;
    if (rq->flags & LX_MAP_HUGETLB)
        return -ENOMEM;
    if (shared && rq->flags & LX_MAP_GROWSDOWN)
        return -EINVAL;
    *plan = (struct mmap_plan){
        .addr = ROUND_DOWN(rq->addr, PAGE_SIZE), .size = size, .offset = rq->is_file ? rq->offset : 0,
        .prot = mmap_prot(rq->prot), .may = VM_READ | VM_WRITE | VM_EXEC, .flags = vm_flags(rq->flags, shared),
        .shared = shared,
    };
    if (rq->is_file && shared && !rq->file_write)
        plan->may &= ~(unsigned)VM_WRITE;
    return 0;
}
