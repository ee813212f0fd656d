/* The interrupt controller inside each CPU: interrupts between CPUs, its timer, end of interrupt.
 *
 * The boot CPU: lapic_probe, map the window if there is one, lapic_init. Each other CPU:
 * lapic_init_cpu, which takes it to the boot CPU's mode. All functions below these need
 * lapic_in_use(); they act on the CPU that calls. (SDM vol. 3, chapter 11) */
#pragma once
#include "lib/types.h"

enum lapic_mode {
    LAPIC_NONE,  /* the CPU has none, or firmware switched it off: the 8259 and one CPU */
    LAPIC_MMIO,  /* xAPIC: registers in memory, ids of 8 bits */
    LAPIC_MSR,   /* x2APIC: registers are MSRs, ids of 32 bits */
};

/* What firmware left. *window: physical address of the registers (LAPIC_MMIO). Changes nothing. */
enum lapic_mode lapic_probe(paddr_t *window);
/* window: the page at that address, mapped uncached; NULL for LAPIC_MSR. */
void lapic_init(volatile void *window);
void lapic_init_cpu(void);
bool lapic_in_use(void);
/* Changes to MSRs and ids of 32 bits, before other CPUs start. -ENODEV: the CPU cannot. */
int lapic_use_msr(void) MUST_CHECK;
/* The highest id that an interrupt can be sent to in this mode. */
u32 lapic_id_max(void);

u32 lapic_id(void);
void lapic_eoi(void);
/* Boot CPU: do interrupts of the 8259 reach it (LINT0)? On after lapic_init. */
void lapic_accept_8259(bool on);

/* The four kinds of interrupt for another CPU, by its APIC id. Any context. What was written to
 * memory before is seen by who takes the interrupt. */
void lapic_send_ipi(u32 apic_id, u8 vector);
void lapic_send_nmi(u32 apic_id);
void lapic_send_init(u32 apic_id);
void lapic_send_startup(u32 apic_id, u8 page); /* starts at page * 4096 in real mode */

/* The timer raises VEC_LAPIC_TIMER (upcall_local_timer). lapic_timer_mode first, on each CPU. */
enum lapic_timer_mode { LAPIC_TIMER_ONCE, LAPIC_TIMER_PERIODIC, LAPIC_TIMER_DEADLINE };
bool lapic_timer_has_deadline(void); /* the TSC's value as the time to fire */
void lapic_timer_mode(enum lapic_timer_mode mode); /* stopped afterwards */
void lapic_timer_arm_count(u32 count); /* ONCE, PERIODIC: input clock cycles; > 0 */
u32 lapic_timer_left(void);            /* of them */
void lapic_timer_arm_tsc(u64 tsc);     /* DEADLINE: at once if that has passed */
void lapic_timer_stop(void);

/* For trap.c: says what the controller complains about. */
void lapic_error(void);
