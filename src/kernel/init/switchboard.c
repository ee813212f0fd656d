/* The switchboard: upcalls that arch declares are answered here, because only this room sees both
 * ends. Each is a short way on to the room that knows. */
#include "arch/fpu.h"
#include "arch/spinlock.h"
#include "arch/trap.h"
#include "dev/irq.h"
#include "dev/tick.h"
#include "init/panic.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/linux.h"
#include "mm/slab.h"
#include "sched/thread.h"
#include "task/process.h"
#include "vm/fault.h"

/* An NMI comes from a watchdog, a bus error or a curious hypervisor, and none of them can be asked
 * here. It is counted, and said at the next interrupt: after the 1st, the 2nd, the 4th... */
static u64 nmis, nmis_said;

void upcall_nmi(void) { __atomic_add_fetch(&nmis, 1, __ATOMIC_RELAXED); }

static void nmi_report(void)
{
    u64 n = __atomic_load_n(&nmis, __ATOMIC_RELAXED), said = __atomic_load_n(&nmis_said, __ATOMIC_RELAXED);

    if (likely(n < said * 2 || n == 0))
        return;
    if (__atomic_compare_exchange_n(&nmis_said, &said, n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        kwarn("NMI: %lu until now, nobody says why: ignored", n);
}

void upcall_irq(unsigned irq)
{
    irq_dispatch(irq);
    nmi_report();
}

void upcall_local_timer(void) { clock_event_interrupt(); }

void upcall_preempt(void) { sched_preempt(); }

void upcall_page_fault(struct trap_frame *f, vaddr_t addr)
{
    struct process *p = this_cpu()->current ? process_current() : NULL;
    int r = vm_handle_fault(p ? p->aspace : NULL, f, addr);

    if (r == 0) {
        thread_current()->nfaults += p != NULL;
        return;
    }
    if (!frame_from_user(f))
        panic_page_fault(f, addr);
    linux_bad_access(f, addr, r);
}

void upcall_exception(struct trap_frame *f) { linux_exception(f); }
void upcall_kernel_exception(struct trap_frame *f) { panic_exception(f); }

/* The save area is made at the first use: most threads of the kernel never need one. */
void upcall_fpu_needed(void)
{
    struct thread *t = thread_current();

    if (!t->fpu) {
        void *area = kmalloc(fpu_area_size());
        if (!area) { /* it will trap again; meanwhile others may free memory */
            irq_enable();
            thread_yield();
            irq_disable();
            return;
        }
        t->fpu = area;
        t->fpu_fresh = true;
    }
    if (t->fpu_fresh) {
        fpu_area_init(t->fpu);
        t->fpu_fresh = false;
    }
    fpu_load(t->fpu);
}

void upcall_user_return(struct trap_frame *f)
{
    irq_disable();
    /* Forgotten first, looked at afterwards: what another CPU asks for in between is either seen
     * below or says user_work again. The exchange keeps the loads behind the store. */
    (void)__atomic_exchange_n(&this_cpu()->user_work, 0, __ATOMIC_SEQ_CST);
    bool resched = this_cpu()->need_resched;
    irq_enable();
    if (resched)
        sched_preempt();
    if (thread_current()->work & (WORK_SIGNAL | WORK_EXIT | WORK_CPU_TIME))
        linux_user_return(f);
}

bool upcall_syscall_enter(struct trap_frame *f) { return linux_syscall_enter(f); }
void upcall_syscall_leave(struct trap_frame *f) { linux_syscall_leave(f); }
