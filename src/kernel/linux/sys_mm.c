/* Memory calls: arguments to plans, plans to the address space. What exists is decided in
 * mmap_check.c, what happens in vm/; here are limits, files and Linux's error numbers. */
#include "linux/mmap_check.h"
#include "linux/sys_priv.h"
#include "vfs/memfd.h"

static struct aspace *current_aspace(void) { return process_current()->aspace; }

static bool fits(u64 limit, u64 used, u64 more) { return used <= limit && more <= limit - used; }

/* RLIMIT_AS and RLIMIT_DATA, judged before the mapping is made: two threads at once may overshoot
 * them together. */
static bool fits_limits(u64 more, bool data)
{
    u64 all_limit = lx_limit(LX_RLIMIT_AS), data_limit = lx_limit(LX_RLIMIT_DATA);
    if (likely(all_limit == UINT64_MAX && data_limit == UINT64_MAX))
        return true;
    struct aspace_stats s = aspace_stats(current_aspace());
    return fits(all_limit, s.mapped_bytes, more) && (!data || fits(data_limit, s.data_bytes, more));
}

/* RLIMIT_MEMLOCK, for memory that will be locked: 0, -EPERM (wants it, and may lock nothing), -EAGAIN. */
static int check_lock(u64 more, bool wanted)
{
    struct aspace *as = current_aspace();
    if (likely(!wanted && !aspace_lock_future(as)))
        return 0;
    u64 limit = lx_lock_limit();
    if (wanted && limit == 0)
        return -EPERM;
    return fits(limit, aspace_stats(as).locked_bytes, more) ? 0 : -EAGAIN;
}

long lx_map_vmo(struct vmo *vmo, const struct mmap_plan *plan)
{
    vaddr_t at = plan->addr;
    int r = check_lock(plan->size, plan->flags & VM_LOCKED);
    if (r < 0)
        return r;
    if (!fits_limits(plan->size, !plan->shared && (plan->prot & VM_WRITE)))
        return -ENOMEM;
    r = aspace_map(current_aspace(), vmo, plan->offset, plan->size, plan->prot, plan->may, plan->flags, &at);
    if (r == -EINVAL)
        r = -ENOMEM; /* all but the range was checked: outside user memory */
    return r < 0 ? r : (long)at;
}

static long map_anonymous(const struct mmap_request *rq)
{
    struct mmap_plan plan;
    int r = mmap_check(rq, &plan);
    return r < 0 ? r : lx_map_vmo(NULL, &plan);
}

/* A sealed file is not written to, through no mapping either. */
static long map_shared_file(struct file *f, struct vmo *vmo, struct mmap_plan *plan)
{
    bool may_write;
    int r = memfd_map_begin(f, plan->prot & VM_WRITE, &may_write);
    if (r < 0)
        return r;
    if (!may_write)
        plan->may &= ~(unsigned)VM_WRITE;
    long at = lx_map_vmo(vmo, plan);
    memfd_map_end(f);
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
    if (r == 0 && f->vnode && (vnode_mount_flags(file_place(f)) & MOUNT_NOEXEC)) {
        r = plan.prot & VM_EXEC ? -EPERM : 0;
        plan.may &= ~(unsigned)VM_EXEC;
    }
    if (r == 0)
        r = file_get_vmo(f, &vmo);
    if (r < 0)
        return r;
    long at = plan.shared ? map_shared_file(f, vmo, &plan) : lx_map_vmo(vmo, &plan);
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
    bool grows_down = (u32)prot & LX_PROT_GROWSDOWN;
    if (!IS_ALIGNED(addr, PAGE_SIZE) || (u32)prot & LX_PROT_GROWSUP) /* no stack here grows up */
        return -EINVAL;
    if (len == 0)
        return 0;
    if (size == 0 || addr + size < addr)
        return -ENOMEM;
    if ((u32)prot & ~(known | LX_PROT_GROWSDOWN))
        return -EINVAL;
    return (grows_down ? aspace_protect_stack : aspace_protect)(current_aspace(), addr, size, mmap_prot((u32)prot));
}

static int check_remap(u64 addr, u64 old_size, u64 new_size, u32 flags, u64 fixed)
{
    if (flags & ~(LX_MREMAP_MAYMOVE | LX_MREMAP_FIXED | LX_MREMAP_DONTUNMAP) || !IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (new_size == 0)
        return -EINVAL;
    if ((flags & LX_MREMAP_DONTUNMAP) && (!(flags & LX_MREMAP_MAYMOVE) || old_size != new_size))
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
    u64 more = (u32)flags & LX_MREMAP_DONTUNMAP ? new_size : new_size > old_size ? new_size - old_size : 0;
    unsigned any = 0;
    if (more && aspace_examine(current_aspace(), addr, PAGE_SIZE, &any))
        return -EFAULT;
    if (more && (any & VM_LOCKED) && !fits(lx_lock_limit(), aspace_stats(current_aspace()).locked_bytes, more))
        return -EAGAIN;
    if (more && !fits_limits(more, false))
        return -ENOMEM;
    unsigned how = ((u32)flags & LX_MREMAP_MAYMOVE ? REMAP_MAY_MOVE : 0) |
                   ((u32)flags & LX_MREMAP_FIXED ? REMAP_FIXED : 0) |
                   ((u32)flags & LX_MREMAP_DONTUNMAP ? REMAP_LEAVE : 0);
    vaddr_t at;
    r = aspace_remap(current_aspace(), addr, old_size, new_size, how, fixed, &at);
    if (r < 0)
        return r;
    if (new_size > old_size && (any & (VM_LOCKED | VM_ONFAULT)) == VM_LOCKED)
        (void)!aspace_populate(current_aspace(), at + old_size, new_size - old_size, false);
    return (long)at;
}

static u64 room(u64 limit, u64 used) { return used < limit ? limit - used : 0; }

/* Bytes that the heap may grow by. */
static u64 brk_room(struct aspace *as)
{
    u64 all = lx_limit(LX_RLIMIT_AS), data = lx_limit(LX_RLIMIT_DATA);
    bool locks = aspace_lock_future(as);
    if (likely(all == UINT64_MAX && data == UINT64_MAX && !locks))
        return UINT64_MAX;
    struct aspace_stats s = aspace_stats(as);
    u64 most = MIN(room(all, s.mapped_bytes), room(data, s.data_bytes));
    return locks ? MIN(most, room(lx_lock_limit(), s.locked_bytes)) : most;
}

long sys_brk(u64 addr, u64, u64, u64, u64, u64)
{
    struct aspace *as = current_aspace();
    return (long)aspace_brk(as, addr, brk_room(as));
}
