/* Exceptions and interrupts: the table of gates, and sorting what arrives.
 *
 * Every one of the 256 vectors has a gate before interrupts are ever enabled. Gates are interrupt
 * gates: IF is off on entry. Only #BP and #OF may be raised by a program with INT n. */
#include "arch/trap.h"
#include "arch/cpu.h"
#include "arch/gdt.h"
#include "arch/lapic.h"
#include "arch/msr.h"
#include "arch/percpu.h"
#include "arch/smp_call.h"
#include "arch/smp_nmi.h"
#include "arch/spinlock.h"
#include "arch/tlb.h"

struct gate { u16 off0; u16 sel; u8 ist; u8 type; u16 off1; u32 off2; u32 zero; };
_Static_assert(sizeof(struct gate) == 16, "SDM vol. 3, figure 6-8");

#define GATE_INTERRUPT 0x8e
#define GATE_DPL3 0x60

/* RFLAGS that SYSCALL clears: TF IF DF IOPL NT AC. */
#define SYSCALL_FLAGS_CLEARED 0x47700ul

static struct gate idt[256];

extern char trap_stubs[];       /* entry.asm: 16 bytes each */
extern char syscall_entry[];
void trap_dispatch(struct trap_frame *f);

static void gate_set(unsigned vector)
{
    u64 to = (u64)trap_stubs + vector * 16ul;
    u8 ist = vector == VEC_DF ? TRAP_STACK_DF : vector == VEC_NMI ? TRAP_STACK_NMI : vector == VEC_MC ? TRAP_STACK_MC : 0;
    u8 type = GATE_INTERRUPT | (vector == VEC_BP || vector == VEC_OF ? GATE_DPL3 : 0);

    idt[vector] = (struct gate){
        .off0 = (u16)to, .off1 = (u16)(to >> 16), .off2 = (u32)(to >> 32),
        .sel = SEL_KCODE, .ist = ist, .type = type,
    };
}

void trap_init_cpu(u32 cpu, void *tables, const struct trap_stacks *stacks)
{
    gdt_init(cpu, tables, stacks);
    for (unsigned v = 0; v < 256 && !tables; v++)
        gate_set(v);
    struct PACKED { u16 limit; u64 base; } p = { sizeof idt - 1, (u64)idt };
    __asm__ volatile("lidt %0" : : "m"(p));

    /* SYSCALL: CS/SS from bits 47:32; SYSRET: SS = 63:48 + 8, CS = 63:48 + 16 (SDM vol. 3, 5.8.8). */
    wrmsr(MSR_STAR, (u64)(SEL_UDATA - 8) << 48 | (u64)SEL_KCODE << 32);
    wrmsr(MSR_LSTAR, (u64)syscall_entry);
    wrmsr(MSR_SFMASK, SYSCALL_FLAGS_CLEARED);
}

void trap_set_kernel_stack(vaddr_t top)
{
    this_cpu()->user_frame = top - sizeof(struct trap_frame);
    gdt_set_kernel_stack(top);
}

static void interrupt_deliver(u64 vector)
{
    if (vector < VEC_IRQ_BASE + VEC_IRQ_COUNT) {
        upcall_irq((unsigned)vector - VEC_IRQ_BASE);
        return;
    }
    if (vector == VEC_SPURIOUS || !lapic_in_use())
        return; /* nothing was asked for, and no end is expected */
    lapic_eoi();
    if (vector == VEC_LAPIC_TIMER)
        upcall_local_timer();
    else if (vector == VEC_IPI_CALL)
        smp_call_answer();
    else if (vector == VEC_LAPIC_ERROR)
        lapic_error();
}

static void interrupt(struct trap_frame *f)
{
    struct cpu *c = this_cpu();

    if (unlikely(c->tlb_idle))
        tlb_idle_leave();
    c->interrupts[f->vector & 255]++;
    c->irq_depth++;
    c->irq_frame = f;
    interrupt_deliver(f->vector);
    c->irq_depth--;
    if (!frame_from_user(f) && c->need_resched && c->preempt_count == 0 && c->irq_depth == 0)
        upcall_preempt();
}

void trap_dispatch(struct trap_frame *f)
{
    if (f->vector == VEC_NMI) {
        this_cpu()->interrupts[VEC_NMI]++;
        if (!smp_nmi_answer(f))
            upcall_nmi();
        return;
    }
    irqs_went_off();
    if (f->vector >= VEC_IRQ_BASE) {
        interrupt(f);
        return;
    }
    if (f->vector == VEC_PF) {
        vaddr_t addr = read_cr2();
        if (f->rflags & RFLAGS_IF)
            irq_enable();
        upcall_page_fault(f, addr);
        irq_disable();
        return;
    }
    if (!frame_from_user(f) || f->vector == VEC_DF || f->vector == VEC_MC)
        upcall_kernel_exception(f);
    if (f->vector == VEC_NM) {
        upcall_fpu_needed();
        return;
    }
    irq_enable();
    upcall_exception(f);
    irq_disable();
}

u32 trap_count(u32 cpu, unsigned vector)
{
    ASSERT(cpu < MAX_CPUS && vector < 256);
    const u32 *taken = __atomic_load_n(&cpus[cpu].interrupts, __ATOMIC_ACQUIRE);
    return taken ? __atomic_load_n(&taken[vector], __ATOMIC_RELAXED) : 0;
}

const char *trap_name(u64 vector)
{
    static const char *const names[] = {
        [VEC_DE] = "#DE divide error", [VEC_DB] = "#DB debug", [VEC_NMI] = "NMI",
        [VEC_BP] = "#BP breakpoint", [VEC_OF] = "#OF overflow", [VEC_BR] = "#BR bound range",
        [VEC_UD] = "#UD invalid opcode", [VEC_NM] = "#NM device not available",
        [VEC_DF] = "#DF double fault", [VEC_TS] = "#TS invalid TSS",
        [VEC_NP] = "#NP segment not present", [VEC_SS] = "#SS stack fault",
        [VEC_GP] = "#GP general protection", [VEC_PF] = "#PF page fault",
        [VEC_MF] = "#MF x87 error", [VEC_AC] = "#AC alignment check",
        [VEC_MC] = "#MC machine check", [VEC_XM] = "#XM SIMD error",
    };
    if (vector < ARRAY_SIZE(names) && names[vector])
        return names[vector];
    return vector == TRAP_SYSCALL ? "system call" : vector >= VEC_IRQ_BASE ? "interrupt" : "reserved exception";
}
