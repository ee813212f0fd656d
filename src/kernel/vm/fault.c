/* Page faults: from a trap to the mapping, and to what becomes of it. The page itself is found in
 * fault_page.c. */
#include "vm/fault.h"
#include "arch/cpu.h"
#include "arch/user_copy.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "sched/clock.h"
#include "vm/aspace_priv.h"

/* The mapping above addr, made to reach down to it, if it is a stack with room below. */
static struct mapping *stack_grow(struct mapping *m, vaddr_t addr)
{
    vaddr_t start = ROUND_DOWN(addr, PAGE_SIZE);
    struct mapping *below = mapping_prev(m);
    vaddr_t floor = below ? below->end + STACK_GUARD_BYTES : USER_MIN;
    if (!(m->flags & VM_GROWSDOWN) || start < floor || m->end - start > m->as->stack_limit ||
        m->start - start > m->as->size_limit - MIN(m->as->stats.mapped_bytes, m->as->size_limit) ||
        !mapping_can_cover(m, start, m->end))
        return NULL;
    mapping_resize(m, start, m->end);
    return m;
}

struct mapping *mapping_for_access(struct aspace *as, vaddr_t addr)
{
    struct mapping *m = mapping_at_or_above(as, addr);
    return !m || m->start <= addr ? m : stack_grow(m, addr);
}

static bool prot_allows(unsigned prot, u64 error)
{
    if (error & PF_FETCH)
        return prot & VM_EXEC;
    if (error & PF_WRITE)
        return prot & VM_WRITE;
    return prot != 0; /* x86 can read whatever it may write or execute */
}

static int fault_locked(struct aspace *as, vaddr_t addr, u64 error)
{
    struct mapping *m = mapping_for_access(as, addr);
    if (!m)
        return -EFAULT;
    if (!prot_allows(m->prot, error))
        return -EACCES;
    return mapping_fault(m, addr, error & PF_WRITE);
}

int aspace_fault(struct aspace *as, vaddr_t addr, u64 error)
{
    if (addr < USER_MIN || addr >= USER_TOP || (error & PF_RESERVED))
        return -EFAULT;
    mutex_lock(&as->lock);
    int r = fault_locked(as, addr, error);
    mutex_unlock(&as->lock);
    return r;
}

static vm_memory_wait memory_wait;

void vm_set_memory_wait(vm_memory_wait wait) { memory_wait = wait; }

bool vm_wait_for_memory(bool from_user, u64 since_ns) { return memory_wait && memory_wait(from_user, since_ns); }

/* The lock is free while waiting: whoever dies to make room may need it. */
static int fault_until_memory(struct aspace *as, vaddr_t addr, u64 error, bool from_user)
{
    int r = aspace_fault(as, addr, error);
    if (likely(r != -ENOMEM) || !memory_wait)
        return r;
    u64 since_ns = clock_now_ns();
    while (r == -ENOMEM && vm_wait_for_memory(from_user, since_ns))
        r = aspace_fault(as, addr, error);
    return r;
}

/* Turns interrupts on for the time of the work if they were on at the fault. */
static int resolve(struct aspace *as, const struct trap_frame *f, vaddr_t addr)
{
    if (!as || !(f->rflags & RFLAGS_IF))
        return -EFAULT;
    irq_enable();
    int r = sched_may_sleep() ? fault_until_memory(as, addr, f->error, frame_from_user(f)) : -EFAULT;
    irq_disable();
    return r;
}

int vm_handle_fault(struct aspace *as, struct trap_frame *f, vaddr_t addr)
{
    vaddr_t fixup = frame_from_user(f) ? 0 : user_copy_fixup(f->rip);
    if (!frame_from_user(f) && !fixup)
        return -EFAULT;
    int r = resolve(as, f, addr);
    if (!r || !fixup)
        return r;
    f->rip = fixup;
    return 0;
}
