/* An NMI may strike anywhere, so its handler reads only what is certainly there: the interrupted
 * registers, and the stack from where it was up to its top, along the chain of frames. It takes no
 * lock and writes to a place of its own CPU, which the asker reads when told.
 *
 *   slot.wish: NONE --smp_where--> WHERE --the other CPU's NMI--> NONE
 *                                    `---- no answer in time ---> NONE
 */
#include "arch/smp_nmi.h"
#include "arch/cpu.h"
#include "arch/lapic.h"
#include "arch/spinlock.h"
#include "arch/tsc.h"

#define ANSWER_US 50000u
#define STOP_US 100000u
#define POLL_US 10u
/* No kernel stack is smaller: so much is mapped below any frame from ring 3, whatever SP says. */
#define STACK_SURE ((16ul << 10) - sizeof(struct trap_frame))

enum wish { WISH_NONE, WISH_WHERE };

static struct slot {
    u32 wish; /* atomic; enum wish */
    struct cpu_where where;
} ALIGNED(64) slots[MAX_CPUS];

static struct spinlock ask_lock = SPINLOCK_INIT("smp_where"); /* irqsave: one asker at a time */
static u32 stopper;                                           /* atomic; its number + 1 */
static cpu_mask stopped;                                      /* atomic */

/* Is [SP, *top) mapped: the part of the current thread's kernel stack above the interrupted SP? */
static bool stack_part(const struct trap_frame *f, vaddr_t *top)
{
    *top = this_cpu()->user_frame;
    return f->rsp < *top && *top - f->rsp <= STACK_SURE;
}

static void where_fill(struct cpu_where *w, const struct trap_frame *f)
{
    vaddr_t top, low = f->rsp, frame = f->rbp;

    w->thread = this_cpu()->current;
    w->in_user = frame_from_user(f);
    w->pc[0] = f->rip;
    w->n = 1;
    if (w->in_user || !stack_part(f, &top))
        return;
    while (w->n < CPU_WHERE_MAX && frame >= low && frame <= top - 16 && IS_ALIGNED(frame, 8)) {
        const u64 *link = (const u64 *)frame;
        w->pc[w->n++] = link[1];
        low = frame + 8;
        frame = link[0];
    }
}

static NORETURN void stop_here(const struct trap_frame *f)
{
    where_fill(&slots[this_cpu()->id].where, f);
    __atomic_or_fetch(&stopped, cpu_bit(this_cpu()->id), __ATOMIC_RELEASE);
    cpu_halt_forever();
}

bool smp_nmi_answer(const struct trap_frame *f)
{
    u32 me = this_cpu()->id, by = __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);
    struct slot *s = &slots[me];

    if (by && by != me + 1)
        stop_here(f);
    if (__atomic_load_n(&s->wish, __ATOMIC_ACQUIRE) != WISH_WHERE)
        return false;
    where_fill(&s->where, f);
    __atomic_store_n(&s->wish, WISH_NONE, __ATOMIC_RELEASE);
    return true;
}

static bool wait_answer(const struct slot *s)
{
    for (u32 us = 0; us < ANSWER_US; us += POLL_US) {
        if (__atomic_load_n(&s->wish, __ATOMIC_ACQUIRE) == WISH_NONE)
            return true;
        tsc_delay_us(POLL_US);
    }
    return false;
}

bool smp_where(u32 cpu, struct cpu_where *out)
{
    struct slot *s = &slots[cpu];
    bool done = false;

    u64 irq = spin_lock_irqsave(&ask_lock);
    if (cpu_online(cpu) && cpu != this_cpu()->id) {
        __atomic_store_n(&s->wish, WISH_WHERE, __ATOMIC_SEQ_CST);
        lapic_send_nmi(cpus[cpu].lapic_id);
        done = wait_answer(s);
        if (done)
            *out = s->where;
        else
            __atomic_store_n(&s->wish, WISH_NONE, __ATOMIC_SEQ_CST);
    }
    spin_unlock_irqrestore(&ask_lock, irq);
    return done;
}

cpu_mask smp_stop_others(void)
{
    cpu_mask others = cpus_running_mask() & ~cpu_bit(this_cpu()->id), seen = 0;

    __atomic_store_n(&stopper, this_cpu()->id + 1, __ATOMIC_SEQ_CST);
    for (cpu_mask m = others; m; m &= m - 1)
        lapic_send_nmi(cpus[__builtin_ctzl(m)].lapic_id);
    for (u32 us = 0; us < STOP_US && seen != others; us += POLL_US) {
        tsc_delay_us(POLL_US);
        seen = __atomic_load_n(&stopped, __ATOMIC_ACQUIRE);
    }
    return seen;
}

const struct cpu_where *smp_stopped_where(u32 cpu) { return &slots[cpu].where; }
