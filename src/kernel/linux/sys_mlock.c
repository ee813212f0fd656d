/* mlock and its kin. No page ever leaves memory: what is left to do is to bring pages in, to count them
 * against RLIMIT_MEMLOCK (the superuser excepted), and to refuse what would throw them away. */
#include "linux/abi/mman.h"
#include "linux/sys_priv.h"
#include "linux/vm_range.h"

static struct aspace *current_aspace(void) { return process_current()->aspace; }

u64 lx_lock_limit(void) { return lx_capable(LX_CAP_IPC_LOCK) ? UINT64_MAX : lx_limit(LX_RLIMIT_MEMLOCK); }

/* how: VM_LOCKED, with VM_ONFAULT, or 0 to unlock. */
static long lock_range(u64 addr, u64 len, unsigned how)
{
    u64 start = ROUND_DOWN(addr, PAGE_SIZE), size;
    if (how && !lx_lock_limit())
        return -EPERM;
    if (len > UINT64_MAX - (addr - start) || !vm_range_round(start, len + (addr - start), &size))
        return -EINVAL;
    if (!size)
        return 0;
    int r = aspace_lock(current_aspace(), start, size, how, lx_lock_limit());
    if (r < 0 || how != VM_LOCKED)
        return r;
    r = aspace_populate(current_aspace(), start, size, false);
    return r == -ENOMEM ? -EAGAIN : r < 0 ? -ENOMEM : 0; /* mlock(2)'s names for them */
}

long sys_mlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len, VM_LOCKED); }

long sys_mlock2(u64 addr, u64 len, u64 flags, u64, u64, u64)
{
    if ((u32)flags & ~LX_MLOCK_ONFAULT)
        return -EINVAL;
    return lock_range(addr, len, VM_LOCKED | (flags ? VM_ONFAULT : 0));
}

long sys_munlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len, 0); }

long sys_munlockall(u64, u64, u64, u64, u64, u64)
{
    return aspace_lock_all(current_aspace(), true, 0, 0, UINT64_MAX);
}

/* Everything that is mapped now, mapping by mapping; what cannot be brought in is left to its touch. */
static void populate_all(struct aspace *as)
{
    vaddr_t start = 0, end;
    while (aspace_next(as, start, &start, &end)) {
        (void)!aspace_populate(as, start, end - start, false);
        start = end;
    }
}

long sys_mlockall(u64 flags, u64, u64, u64, u64, u64)
{
    const u32 known = LX_MCL_CURRENT | LX_MCL_FUTURE | LX_MCL_ONFAULT;
    if ((u32)flags == 0 || (u32)flags & ~known || (u32)flags == LX_MCL_ONFAULT)
        return -EINVAL;
    if (!lx_lock_limit())
        return -EPERM;
    unsigned how = VM_LOCKED | ((u32)flags & LX_MCL_ONFAULT ? VM_ONFAULT : 0);
    bool current = (u32)flags & LX_MCL_CURRENT;
    int r = aspace_lock_all(current_aspace(), current, how, (u32)flags & LX_MCL_FUTURE ? how : 0, lx_lock_limit());
    if (!r && current && how == VM_LOCKED)
        populate_all(current_aspace());
    return r;
}
