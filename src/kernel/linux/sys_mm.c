/* Memory calls: arguments to plans, plans to the address space. What exists is decided in
 * mmap_check.c, what happens in vm/; here are limits, files and Linux's error numbers. */
#include "linux/mmap_check.h"
#include "linux/sys_priv.h"
#include "linux/vm_range.h"

static struct aspace *current_aspace(void) { return process_current()->aspace; }

/* RLIMIT_AS, judged before the mapping is made: two threads at once may overshoot it together. */
static bool fits_limit(u64 more)
{
    u64 limit = lx_limit(LX_RLIMIT_AS), used = aspace_stats(current_aspace()).mapped_bytes;
    return used <= limit && more <= limit - used;
}

static long map_vmo(struct vmo *vmo, const struct mmap_plan *plan)
{
    vaddr_t at = plan->addr;
    if (!fits_limit(plan->size))
        return -ENOMEM;
    int r = aspace_map(current_aspace(), vmo, plan->offset, plan->size, plan->prot, plan->may, plan->flags, &at);
    if (r == -EINVAL)
        r = -ENOMEM; /* all but the range was checked: outside user memory */
    return r < 0 ? r : (long)at;
}

static long map_anonymous(const struct mmap_request *rq)
{
    struct mmap_plan plan;
    struct vmo *vmo = NULL;
    int r = mmap_check(rq, &plan);
    if (r == 0 && plan.shared)
        r = vmo_create_anon(plan.size, &vmo);
    if (r < 0)
        return r;
    long at = map_vmo(vmo, &plan);
    if (vmo)
        vmo_put(vmo);
    return at;
}

static long map_file(struct file *f, unsigned rights, struct mmap_request *rq)
{
    struct mmap_plan plan;
    struct vmo *vmo;
    if (f->flags & FILE_PATH)
        return -EBADF;
    rq->is_file = true;
    rq->file_read = rights & RIGHT_READ;
    rq->file_write = rights & RIGHT_WRITE;
    int r = mmap_check(rq, &plan);
    if (r == 0 && !(rights & RIGHT_MAP))
        r = -EACCES; /* given up with handle_restrict */
    if (r == 0)
        r = file_get_vmo(f, &vmo);
    if (r < 0)
        return r;
    long at = map_vmo(vmo, &plan);
    vmo_put(vmo);
    return at;
}

long sys_mmap(u64 addr, u64 len, u64 prot, u64 flags, u64 fd, u64 offset)
{
    struct mmap_request rq = { .addr = addr, .len = len, .offset = offset, .prot = (u32)prot, .flags = (u32)flags };
    if (!IS_ALIGNED(offset, PAGE_SIZE))
        return -EINVAL;
    if (rq.flags & LX_MAP_ANONYMOUS)
        return map_anonymous(&rq);
    struct kobject *obj;
    unsigned rights;
    int r = handle_get(process_current()->handles, (int)fd, KOBJ_FILE, 0, &obj, &rights);
    if (r < 0)
        return r;
    long at = map_file(file_from(obj), rights, &rq);
    kobject_put(obj);
    return at;
}

long sys_munmap(u64 addr, u64 len, u64, u64, u64, u64)
{
    u64 size = ROUND_UP(len, PAGE_SIZE);
    if (!IS_ALIGNED(addr, PAGE_SIZE) || size == 0)
        return -EINVAL;
    return aspace_unmap(current_aspace(), addr, size);
}

long sys_mprotect(u64 addr, u64 len, u64 prot, u64, u64, u64)
{
    const u32 known = LX_PROT_READ | LX_PROT_WRITE | LX_PROT_EXEC | LX_PROT_SEM;
    u64 size = ROUND_UP(len, PAGE_SIZE);
    if (!IS_ALIGNED(addr, PAGE_SIZE) || (u32)prot & ~known) /* also PROT_GROWSDOWN */
        return -EINVAL;
    if (len == 0)
        return 0;
    if (size == 0 || addr + size < addr)
        return -ENOMEM;
    int r = aspace_protect(current_aspace(), addr, size, mmap_prot((u32)prot));
    return r == -EINVAL ? -ENOMEM : r; /* outside user memory: nothing is mapped there */
}

static int check_remap(u64 addr, u64 old_size, u64 new_size, u32 flags, u64 fixed)
{
    if (flags & ~(LX_MREMAP_MAYMOVE | LX_MREMAP_FIXED) || !IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (new_size == 0 || old_size == 0) /* old size 0 would double a shared mapping: not offered */
        return -EINVAL;
    if (addr + old_size < addr)
        return -EFAULT;
    if (!(flags & LX_MREMAP_FIXED))
        return 0;
    if (!(flags & LX_MREMAP_MAYMOVE) || fixed == 0 || !IS_ALIGNED(fixed, PAGE_SIZE) || fixed + new_size < fixed)
        return -EINVAL;
    return fixed < addr + old_size && addr < fixed + new_size ? -EINVAL : 0;
}

long sys_mremap(u64 addr, u64 old_len, u64 new_len, u64 flags, u64 fixed, u64)
{
    u64 old_size = ROUND_UP(old_len, PAGE_SIZE), new_size = ROUND_UP(new_len, PAGE_SIZE);
    int r = check_remap(addr, old_size, new_size, (u32)flags, fixed);
    if (r < 0)
        return r;
    if (new_size > old_size && !fits_limit(new_size - old_size))
        return -ENOMEM;
    vaddr_t at;
    r = aspace_remap(current_aspace(), addr, old_size, new_size, (u32)flags & LX_MREMAP_MAYMOVE,
                     (u32)flags & LX_MREMAP_FIXED ? fixed : 0, &at);
    return r < 0 ? r : (long)at;
}

long sys_brk(u64 addr, u64, u64, u64, u64, u64)
{
    struct aspace *as = current_aspace();
    vaddr_t now = aspace_brk(as, 0);
    if (addr > now && !fits_limit(addr - now))
        return (long)now;
    return addr ? (long)aspace_brk(as, addr) : (long)now;
}

/* --- advice --- */

/* What advice costs nothing to ignore: it speaks of speed, of core dumps (none are written), or
 * of a state that is ours anyway. Everything else must be obeyed or refused. */
static bool is_harmless(u32 advice)
{
    switch (advice) {
    case LX_MADV_NORMAL: case LX_MADV_RANDOM: case LX_MADV_SEQUENTIAL: case LX_MADV_WILLNEED:
    case LX_MADV_DOFORK: case LX_MADV_UNMERGEABLE: case LX_MADV_HUGEPAGE: case LX_MADV_NOHUGEPAGE:
    case LX_MADV_DONTDUMP: case LX_MADV_DODUMP: case LX_MADV_KEEPONFORK: case LX_MADV_COLD: case LX_MADV_PAGEOUT:
        return true;
    default: return false;
    }
}

long sys_madvise(u64 addr, u64 len, u64 advice, u64, u64, u64)
{
    bool discard = (u32)advice == LX_MADV_DONTNEED || (u32)advice == LX_MADV_FREE;
    u64 size;
    if (!discard && !is_harmless((u32)advice))
        return -EINVAL;
    if (!IS_ALIGNED(addr, PAGE_SIZE) || !vm_range_round(addr, len, &size))
        return -EINVAL;
    if (size == 0)
        return 0;
    struct vm_range_facts facts = vm_range_examine(current_aspace(), addr, size);
    if ((u32)advice == LX_MADV_FREE && facts.shared)
        return -EINVAL; /* only private memory */
    int r = discard ? aspace_discard(current_aspace(), addr, size) : 0;
    if (r < 0)
        return r;
    return facts.mapped_bytes == size ? 0 : -ENOMEM; /* holes: done where mapped, and said */
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

/* --- locking: no page ever leaves memory, so only the arguments can be wrong --- */

static long lock_range(u64 addr, u64 len)
{
    u64 start = ROUND_DOWN(addr, PAGE_SIZE), size;
    if (len > UINT64_MAX - (addr - start) || !vm_range_round(start, len + (addr - start), &size))
        return -EINVAL;
    return vm_range_examine(current_aspace(), start, size).mapped_bytes == size ? 0 : -ENOMEM;
}

long sys_mlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len); }
long sys_munlock(u64 addr, u64 len, u64, u64, u64, u64) { return lock_range(addr, len); }
long sys_munlockall(u64, u64, u64, u64, u64, u64) { return 0; }

long sys_mlockall(u64 flags, u64, u64, u64, u64, u64)
{
    const u32 known = LX_MCL_CURRENT | LX_MCL_FUTURE | LX_MCL_ONFAULT;
    return (u32)flags == 0 || (u32)flags & ~known || (u32)flags == LX_MCL_ONFAULT ? -EINVAL : 0;
}
