/* Data of one CPU, reached through GS in the kernel. arch owns the struct because entry code in
 * assembly reads it; the fields belong to the rooms named beside them. */
#pragma once
#include "arch/lock_check.h"
#include "lib/types.h"

#define MAX_CPUS 64

struct cpu {
    struct cpu *self;          /*  0 arch: gs:0 is this pointer */
    u64 user_rsp;              /*  8 arch: the program's stack pointer during SYSCALL entry */
    u64 user_frame;            /* 16 sched: where the current thread's frame from ring 3 lies */
    void *current;             /* 24 sched: struct thread * */
    u32 user_work;             /* 32 sched: non-zero: call upcall_user_return before ring 3 */
    u32 preempt_count;         /* 36 arch: spinlocks held + explicit; 0: may be switched away */
    u32 irq_depth;             /* 40 arch: nesting of interrupt handlers */
    u32 need_resched;          /* 44 sched: a better thread is ready */
    u32 id;                    /* 48 arch: index from 0, in order of start */
    u32 lapic_id;
    u64 syscall_limit;         /* 56 sched: the current thread's; calls from here on go the slow way */
    void *idle;                /* sched: struct thread * */
    void *runq;                /* sched: struct runq * */
    struct pagetable *pagetable; /* arch: what CR3 points to */
    bool pagetable_borrowed;     /* sched: the current thread does not need it */
    u32 tlb_idle;                /* arch/tlb: atomic: halted, and owes itself a flush or not */
    void *fpu_owner;           /* arch/fpu: whose registers are in the FPU now, or NULL */
    u64 ticks;                 /* sched: timer interrupts taken */
    struct trap_frame *irq_frame; /* arch: what the interrupt being handled interrupted */
    void *gdt;                 /* arch */
    void *tss;                 /* arch */
    u32 *interrupts;           /* arch: how many it took, by vector; NULL before it ever ran */
    void *page_list;           /* mm: struct page_list *, or NULL before the first page */
    void *heap_lists;          /* mm: struct cpu_lists *, or NULL before the first object */
};

#define CPU_OFF_USER_RSP 8
#define CPU_OFF_USER_FRAME 16
#define CPU_OFF_CURRENT 24
#define CPU_OFF_USER_WORK 32
#define CPU_OFF_PREEMPT 36
#define CPU_OFF_IRQ_DEPTH 40
#define CPU_OFF_SYSCALL_LIMIT 56

extern struct cpu cpus[MAX_CPUS];
extern u32 ncpus; /* running ones: numbers 0 to ncpus - 1. Grows while CPUs start, never shrinks */

typedef u64 cpu_mask; /* one bit for each CPU */
_Static_assert(MAX_CPUS <= 64, "cpu_mask");
static inline cpu_mask cpu_bit(u32 id) { return 1ul << id; }
static inline u32 cpus_running(void) { return __atomic_load_n(&ncpus, __ATOMIC_ACQUIRE); }
static inline bool cpu_online(u32 id) { return id < cpus_running(); }
static inline cpu_mask cpus_running_mask(void) { return ~0ul >> (64 - cpus_running()); }

/* The CPU this runs on. Stable only while preemption or interrupts are off. */
static inline struct cpu *this_cpu(void)
{
    struct cpu *c;
    __asm__ volatile("movq %%gs:0, %0" : "=r"(c));
    return c;
}

/* The rest is one instruction each, so that being moved to another CPU in between is harmless.
 * cpu_here->field reads a field straight through GS. */
#define cpu_here ((const volatile struct cpu __seg_gs *)0)

static inline void *cpu_current(void) { return cpu_here->current; }
static inline u32 cpu_preempt_count(void) { return cpu_here->preempt_count; }
static inline u32 cpu_irq_depth(void) { return cpu_here->irq_depth; }
static inline void cpu_user_work_add(u32 bits)
{
    __asm__ volatile("orl %0, %%gs:%c1" : : "ir"(bits), "i"(CPU_OFF_USER_WORK) : "memory", "cc");
}
static inline void preempt_disable(void)
{
    __asm__ volatile("incl %%gs:%c0" : : "i"(CPU_OFF_PREEMPT) : "memory", "cc");
    preempt_went_off();
}
/* Does not reschedule by itself: sched's preempt_enable() in sched/thread.h does. */
static inline void preempt_enable_no_resched(void)
{
    preempt_goes_on();
    __asm__ volatile("decl %%gs:%c0" : : "i"(CPU_OFF_PREEMPT) : "memory", "cc");
}

/* Points GS at cpus[id] and fills in the static part. Before anything that takes a lock. */
void percpu_init(u32 id);
/* The calling CPU, whose number is ncpus, counts as running from now on. */
void percpu_set_running(void);
