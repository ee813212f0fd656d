/* What a program says or asks about memory that is mapped already: madvise, msync, mincore.
 * Pages never leave memory and files are in it, so much of it is checking the arguments. */
#include "linux/abi/mman.h"
#include "linux/iovec.h"
#include "linux/pidfd.h"
#include "linux/ptrace.h"
#include "linux/sys_priv.h"
#include "linux/vm_range.h"

static struct aspace *current_aspace(void) { return process_current()->aspace; }

/* What advice costs nothing to ignore: it speaks of speed, of core dumps (none are written), or
 * of a state that is ours anyway. Everything else must be obeyed or refused. */
static bool is_harmless(u32 advice)
{
    switch (advice) {
    case LX_MADV_NORMAL: case LX_MADV_RANDOM: case LX_MADV_SEQUENTIAL: case LX_MADV_WILLNEED:
    case LX_MADV_MERGEABLE: case LX_MADV_UNMERGEABLE: case LX_MADV_HUGEPAGE: case LX_MADV_NOHUGEPAGE:
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

static bool is_discard(u32 advice)
{
    return advice == LX_MADV_DONTNEED || advice == LX_MADV_FREE || advice == LX_MADV_DONTNEED_LOCKED;
}

static bool is_populate(u32 advice) { return advice == LX_MADV_POPULATE_READ || advice == LX_MADV_POPULATE_WRITE; }

/* Mappings that the advice is refused for. */
static unsigned refused_by(u32 advice)
{
    switch (advice) {
    case LX_MADV_FREE: return VM_LOCKED | VM_SHARED;
    case LX_MADV_DONTNEED: case LX_MADV_COLD: case LX_MADV_PAGEOUT: return VM_LOCKED;
    default: return 0;
    }
}

/* What speaks of speed only; still the range must be there. */
static long advise_harmless(struct aspace *as, u64 addr, u64 size, u32 advice)
{
    unsigned any;
    int r = aspace_examine(as, addr, size, &any);
    return any & refused_by(advice) ? -EINVAL : r;
}

static long advise(u64 addr, u64 size, u32 advice)
{
    struct aspace *as = current_aspace();
    if (is_about_fork(advice))
        return advise_fork(addr, size, advice);
    if (is_populate(advice))
        return aspace_populate(as, addr, size, advice == LX_MADV_POPULATE_WRITE);
    if (is_discard(advice))
        return aspace_discard(as, addr, size, refused_by(advice));
    return advise_harmless(as, addr, size, advice);
}

long sys_madvise(u64 addr, u64 len, u64 uadvice, u64, u64, u64)
{
    u32 advice = (u32)uadvice;
    u64 size;
    if (!is_discard(advice) && !is_about_fork(advice) && !is_populate(advice) && !is_harmless(advice))
        return lx_missing(advice, -EINVAL);
    if (!IS_ALIGNED(addr, PAGE_SIZE) || !vm_range_round(addr, len, &size))
        return -EINVAL;
    return size ? advise(addr, size, advice) : 0;
}

/* --- of another process's memory --- */

static bool is_for_others(u32 advice)
{
    return advice == LX_MADV_WILLNEED || advice == LX_MADV_COLD || advice == LX_MADV_PAGEOUT;
}

/* Bytes that were advised before the first piece that cannot be, or why that is. */
static long advise_pieces(struct aspace *as, const struct lx_iovec *iov, u64 n, u32 advice)
{
    u64 done = 0, size;
    long r = 0;
    for (u64 i = 0; i < n && r == 0; i++) {
        bool whole = IS_ALIGNED(iov[i].base, PAGE_SIZE) && vm_range_round(iov[i].base, iov[i].len, &size);
        r = !whole ? -EINVAL : size ? advise_harmless(as, iov[i].base, size, advice) : 0;
        done += r == 0 ? iov[i].len : 0;
    }
    return done ? (long)done : r;
}

static long advise_process(struct process *p, const struct lx_iovec *iov, u64 n, u32 advice)
{
    struct aspace *as;
    if (!is_for_others(advice))
        return lx_missing(advice, -EINVAL);
    int r = lx_aspace_of(p, &as);
    if (r == 0 && !as)
        r = -ESRCH;
    if (r < 0)
        return r;
    long done = as == current_aspace() || lx_capable(LX_CAP_SYS_NICE) ? advise_pieces(as, iov, n, advice) : -EPERM;
    aspace_put(as);
    return done;
}

long sys_process_madvise(u64 pidfd, u64 uvec, u64 n, u64 advice, u64 flags, u64)
{
    struct lx_iovec *iov;
    struct file *f;
    u64 total;
    if ((u32)flags)
        return -EINVAL;
    long r = lx_vector_get(uvec, n, &iov, &total);
    if (r < 0)
        return r;
    r = lx_file_get((int)pidfd, &f);
    if (r == 0) {
        struct process *p = lx_pidfd_process(f);
        r = p ? advise_process(p, iov, n, (u32)advice) : -EBADF;
        file_put(f);
    }
    kfree(iov);
    return r;
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
    unsigned any;
    int r = size ? aspace_examine(current_aspace(), addr, size, &any) : 0;
    return size && (any & VM_LOCKED) && ((u32)flags & LX_MS_INVALIDATE) ? -EBUSY : r;
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
