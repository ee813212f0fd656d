/* Two ways to the same registers: a page of memory (xAPIC) or MSRs (x2APIC). Which one is decided
 * once, on the boot CPU: as firmware left it, except that ids above 254 need MSRs. The other CPUs
 * follow. (SDM vol. 3, 11.4 and 11.12) */
#include "arch/lapic.h"
#include "arch/cpu.h"
#include "arch/msr.h"
#include "arch/trap.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"

/* Offsets in the page; the MSR is MSR_X2APIC + offset / 16. (SDM vol. 3, table 11-1) */
enum {
    REG_ID = 0x20, REG_VERSION = 0x30, REG_TPR = 0x80, REG_EOI = 0xb0, REG_SVR = 0xf0, REG_ISR = 0x100,
    REG_ESR = 0x280, REG_LVT_CMCI = 0x2f0, REG_ICR = 0x300, REG_ICR_HIGH = 0x310, REG_LVT_TIMER = 0x320,
    REG_LVT_THERMAL = 0x330, REG_LVT_PMC = 0x340, REG_LVT_LINT0 = 0x350, REG_LVT_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370, REG_TIMER_INITIAL = 0x380, REG_TIMER_CURRENT = 0x390, REG_TIMER_DIVIDE = 0x3e0,
};
#define MSR_X2APIC 0x800u
#define MSR_TSC_DEADLINE 0x6e0u

#define BASE_X2APIC (1ul << 10) /* IA32_APIC_BASE, SDM vol. 3, figure 11-26 */
#define BASE_ENABLE (1ul << 11)
#define BASE_ADDR 0x000ffffffffff000ul

#define SVR_ENABLE (1u << 8)
#define LVT_MASKED (1u << 16)
#define LVT_NMI (4u << 8)
#define LVT_EXTINT (7u << 8)
#define LVT_DELIVERY (7u << 8)
#define LVT_SMI (2u << 8)
#define TIMER_DIVIDE_BY_1 0xbu

#define ICR_FIXED 0u
#define ICR_NMI (4u << 8)
#define ICR_INIT (5u << 8)
#define ICR_STARTUP (6u << 8)
#define ICR_PENDING (1u << 12)
#define ICR_ASSERT (1u << 14)
#define PENDING_SPINS 1000000u /* a delivery takes microseconds */

static enum lapic_mode mode;
static volatile u32 *registers; /* LAPIC_MMIO */
static enum lapic_timer_mode timer; /* the same on every CPU */

static u32 reg_read(u32 offset)
{
    return mode == LAPIC_MSR ? (u32)rdmsr(MSR_X2APIC + offset / 16) : registers[offset / 4];
}

static void reg_write(u32 offset, u32 value)
{
    if (mode == LAPIC_MSR)
        wrmsr(MSR_X2APIC + offset / 16, value);
    else
        registers[offset / 4] = value;
}

enum lapic_mode lapic_probe(paddr_t *window)
{
    *window = 0;
    if (!(cpuid(1, 0).edx >> 9 & 1))
        return LAPIC_NONE;
    u64 base = rdmsr(MSR_APIC_BASE);
    if (!(base & BASE_ENABLE))
        return LAPIC_NONE;
    if (base & BASE_X2APIC)
        return LAPIC_MSR;
    *window = base & BASE_ADDR;
    return LAPIC_MMIO;
}

/* --- each CPU ------------------------------------------------------------------------------- */

/* Interrupts that were being served when somebody else gave the CPU up would block ours. */
static void finish_old_interrupts(void)
{
    for (unsigned left = 256, i = 0; i < 8 && left; i++)
        while (reg_read(REG_ISR + i * 16) && left--)
            reg_write(REG_EOI, 0);
}

static void mask_sources(bool boot_cpu)
{
    u32 max_lvt = reg_read(REG_VERSION) >> 16 & 0xff;

    reg_write(REG_LVT_TIMER, LVT_MASKED | VEC_LAPIC_TIMER);
    reg_write(REG_LVT_LINT0, LVT_EXTINT | (boot_cpu ? 0 : LVT_MASKED));
    reg_write(REG_LVT_LINT1, LVT_NMI);
    if (max_lvt >= 4)
        reg_write(REG_LVT_PMC, LVT_MASKED);
    if (max_lvt >= 5 && (reg_read(REG_LVT_THERMAL) & LVT_DELIVERY) != LVT_SMI) /* that one is firmware's */
        reg_write(REG_LVT_THERMAL, LVT_MASKED);
    if (max_lvt >= 6)
        reg_write(REG_LVT_CMCI, LVT_MASKED);
    if (max_lvt >= 3)
        reg_write(REG_LVT_ERROR, VEC_LAPIC_ERROR);
}

static void enable(bool boot_cpu)
{
    reg_write(REG_TPR, 0);
    reg_write(REG_SVR, SVR_ENABLE | VEC_SPURIOUS);
    mask_sources(boot_cpu);
    finish_old_interrupts();
    reg_write(REG_ESR, 0); /* twice: the first write latches, the second clears (SDM vol. 3, 11.5.3) */
    reg_write(REG_ESR, 0);
}

void lapic_init(volatile void *window)
{
    registers = window;
    mode = window ? LAPIC_MMIO : LAPIC_MSR;
    enable(true);
}

/* From MSRs back to memory leads only through "off". (SDM vol. 3, figure 11-27) */
static void follow_mode(void)
{
    u64 base = rdmsr(MSR_APIC_BASE);

    if (mode == LAPIC_MSR) {
        wrmsr(MSR_APIC_BASE, base | BASE_ENABLE);
        wrmsr(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2APIC);
    } else {
        if (base & BASE_X2APIC)
            wrmsr(MSR_APIC_BASE, base & ~(BASE_ENABLE | BASE_X2APIC));
        wrmsr(MSR_APIC_BASE, (base & ~BASE_X2APIC) | BASE_ENABLE);
    }
}

void lapic_init_cpu(void)
{
    ASSERT(mode != LAPIC_NONE);
    follow_mode();
    enable(false);
}

int lapic_use_msr(void)
{
    if (mode == LAPIC_MSR)
        return 0;
    if (mode == LAPIC_NONE || !(cpuid(1, 0).ecx >> 21 & 1))
        return -ENODEV;
    u64 irq = irq_save();
    mode = LAPIC_MSR;
    follow_mode();
    irq_restore(irq);
    return 0;
}

bool lapic_in_use(void) { return mode != LAPIC_NONE; }
u32 lapic_id_max(void) { return mode == LAPIC_MSR ? 0xfffffffeu : 0xfe; }
u32 lapic_id(void) { return mode == LAPIC_MSR ? reg_read(REG_ID) : reg_read(REG_ID) >> 24; }
void lapic_eoi(void) { reg_write(REG_EOI, 0); }
void lapic_accept_8259(bool on) { reg_write(REG_LVT_LINT0, LVT_EXTINT | (on ? 0 : LVT_MASKED)); }

/* --- to other CPUs -------------------------------------------------------------------------- */

static void wait_sent(void)
{
    for (unsigned i = 0; i < PENDING_SPINS && (registers[REG_ICR / 4] & ICR_PENDING); i++)
        cpu_relax();
}

/* In memory the command is two registers: nobody may come in between. Writing an MSR does not wait
 * for earlier stores by itself. (SDM vol. 3, 11.12.3) */
static void send(u32 apic_id, u32 command)
{
    if (mode == LAPIC_MSR) {
        __asm__ volatile("mfence; lfence" : : : "memory");
        wrmsr(MSR_X2APIC + REG_ICR / 16, (u64)apic_id << 32 | command);
        return;
    }
    u64 irq = irq_save();
    wait_sent();
    registers[REG_ICR_HIGH / 4] = apic_id << 24;
    registers[REG_ICR / 4] = command;
    irq_restore(irq);
}

void lapic_send_ipi(u32 apic_id, u8 vector) { send(apic_id, ICR_FIXED | ICR_ASSERT | vector); }
void lapic_send_nmi(u32 apic_id) { send(apic_id, ICR_NMI | ICR_ASSERT); }
void lapic_send_init(u32 apic_id) { send(apic_id, ICR_INIT | ICR_ASSERT); }
void lapic_send_startup(u32 apic_id, u8 page) { send(apic_id, ICR_STARTUP | ICR_ASSERT | page); }

/* --- timer ---------------------------------------------------------------------------------- */

bool lapic_timer_has_deadline(void) { return cpuid(1, 0).ecx >> 24 & 1; }

void lapic_timer_mode(enum lapic_timer_mode timer_mode)
{
    timer = timer_mode;
    reg_write(REG_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
    reg_write(REG_TIMER_INITIAL, 0);
    reg_write(REG_LVT_TIMER, VEC_LAPIC_TIMER | (u32)timer_mode << 17);
    if (timer_mode == LAPIC_TIMER_DEADLINE) /* before the first deadline is written (SDM vol. 3, 11.5.4.1) */
        __asm__ volatile("mfence" : : : "memory");
}

void lapic_timer_arm_count(u32 count) { reg_write(REG_TIMER_INITIAL, count); }
u32 lapic_timer_left(void) { return reg_read(REG_TIMER_CURRENT); }
void lapic_timer_arm_tsc(u64 tsc) { wrmsr(MSR_TSC_DEADLINE, MAX(tsc, 1ul)); }

void lapic_timer_stop(void)
{
    if (timer == LAPIC_TIMER_DEADLINE)
        wrmsr(MSR_TSC_DEADLINE, 0);
    else
        reg_write(REG_TIMER_INITIAL, 0);
}

/* --- errors --------------------------------------------------------------------------------- */

void lapic_error(void)
{
    static u64 count; /* atomic */

    reg_write(REG_ESR, 0);
    u32 status = reg_read(REG_ESR);
    u64 n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    if ((n & (n - 1)) == 0)
        kwarn("lapic: error status %#x on APIC %u, %lu until now", status, lapic_id(), n);
}
