/* What a program says or asks about memory that is mapped already: madvise, msync, mlock, mincore.
 * Pages never leave memory and files are in it, so much of it is checking the arguments. */
#include "linux/abi/mman.h"
#include "linux/sys_priv.h"
#include "linux/vm_range.h"

static struct aspace *current_aspace(void) { return process_current()->aspace; }

/* What advice costs nothing to ignore: it speaks of speed, of core dumps (none are written), or
 * of a state that is ours anyway. Everything else must be obeyed or refused. */
static bool is_harmless(u32 advice)
{
    switch (advice) {
    case LX_MADV_NORMAL: case LX_MADV_RANDOM: case LX_MADV_SEQUENTIAL: case LX_MADV_WILLNEED:
    case LX_MADV_UNMERGEABLE: case LX_MADV_HUGEPAGE: case LX_MADV_NOHUGEPAGE:
    case LX_MADV_DONTDUMP: case LX_MADV_DODUMP: case LX_MADV_COLD: case LX_MADV_PAGEOUT:
        return true;
    default: return false;
    }
}

static long advise_fork(u64 addr, u64 size, u32 advice)
{
    struct aspace *as = current_aspace();
    switch (advice) {
    case LX_MADV_DONTFORK: return aspace_advise(as, addr, size, VM_DONTFORK, 0);
    case LX_MADV_DOFORK: return aspace_advise(as, addr, size, 0, VM_DONTFORK);
    case LX_MADV_WIPEONFORK: return aspace_advise(as, addr, size, VM_WIPEONFORK, 0);
    default: return aspace_advise(as, addr, size, 0, VM_WIPEONFORK);
    }
}

static bool is_about_fork(u32 advice)
{
    return advice == LX_MADV_DONTFORK || advice == LX_MADV_DOFORK || advice == LX_MADV_WIPEONFORK ||
           advice == LX_MADV_KEEPONFORK;
}

static bool is_discard(u32 advice) { return advice == LX_MADV_DONTNEED || advice == LX_MADV_FREE; }
static bool is_populate(u32 advice) { return advice == LX_MADV_POPULATE_READ || advice == LX_MADV_POPULATE_WRITE; }

static long advise(u64 addr, u64 size, u32 advice)
{
    struct aspace *as = current_aspace();
    if (is_about_fork(advice))
        return advise_fork(addr, size, advice);
    if (is_populate(advice))
        return aspace_populate(as, addr, size, advice == LX_MADV_POPULATE_WRITE);
    struct vm_range_facts facts = vm_range_examine(as, addr, size);
    if (advice == LX_MADV_FREE && facts.shared)
        return -EINVAL; /* only private memory */
    int r = is_discard(advice) ? aspace_discard(as, addr, size) : 0;
    if (r < 0)
        return r;
    return facts.mapped_bytes == size ? 0 : -ENOMEM; /* holes: done where mapped, and said */
}

long sys_madvise(u64 addr, u64 len, u64 uadvice, u64, u64, u64)
{
    u32 advice = (u32)uadvice;
    u64 size;
    if (!is_discard(advice) && !is_about_fork(advice) && !is_populate(advice) && !is_harmless(advice))
        return -EINVAL;
    if (!IS_ALIGNED(addr, PAGE_SIZE) || !vm_range_round(addr, len, &size))
        return -EINVAL;
    return size ? advise(addr, size, advice) : 0;
}

long sys_msync(u64 addr, u64 len, u64 flags, u64, u64, u64)
{
    const u32 both = LX_MS_ASYNC | LX_MS_SYNC;
    u64 size;
    if ((u32)flags & ~(both | LX_MS_INVALIDATE) || ((u32)flags & both) == both || !IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (!vm_range_round(addr, len, &size))
        return -ENOMEM;
    /* A mapped page is the file's own page: there is nothing to write back. */
    return vm_range_examine(current_aspace(), addr, size).mapped_bytes == size ? 0 : -ENOMEM;
}

/* --- locking: no page ever leaves memory; what is left to do is to bring it in --- */

static long lock_range(u64 addr, u64 len, bool bring_in)
{
    u64 start = ROUND_DOWN(addr, PAGE_SIZE), size;
    if (len > UINT64_MAX - (addr - start) || !vm_range_round(start, len + (addr - start), &size))
        return -EINVAL;
    if (!size)
        return 0;
    if (vm_range_examine(current_aspace(), start, size).mapped_bytes != size)
        return -ENOMEM;
    if (!bring_in)
        return 0;
    int r = aspace_populate(current_aspace(), start, size, false);
    return r == -ENOMEM ? -EAGAIN : r < 0 ? -ENOMEM : 0; /* mlock(2)'s names for them */
}

long sys_mlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len, true); }

long sys_mlock2(u64 addr, u64 len, u64 flags, u64, u64, u64)
{
    if ((u32)flags & ~LX_MLOCK_ONFAULT)
        return -EINVAL;
    return lock_range(addr, len, !flags);
}

long sys_munlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len, false); }
long sys_munlockall(u64, u64, u64, u64, u64, u64) { return 0; }

long sys_mlockall(u64 flags, u64, u64, u64, u64, u64)
{
    const u32 known = LX_MCL_CURRENT | LX_MCL_FUTURE | LX_MCL_ONFAULT;
    return (u32)flags == 0 || (u32)flags & ~known || (u32)flags == LX_MCL_ONFAULT ? -EINVAL : 0;
}

/* --- residence --- */

#define VEC_BYTES 256u

long sys_mincore(u64 addr, u64 len, u64 uvec, u64, u64, u64)
{
    u8 vec[VEC_BYTES];
    u64 size;
    if (!IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (!vm_range_round(addr, len, &size) || addr + size > USER_TOP)
        return -ENOMEM;
    for (u64 done = 0, n; done < size / PAGE_SIZE; done += n) {
        n = MIN(size / PAGE_SIZE - done, VEC_BYTES);
        int r = aspace_present(current_aspace(), addr + done * PAGE_SIZE, n, vec);
        if (r < 0)
            return r;
        if (copy_to_user(uptr(uvec + done), vec, n))
            return -EFAULT;
    }
    return 0;
}
