/* What firmware says of the machine's interrupt controllers and CPUs. Filled by the ACPI driver
 * before drivers of level DRIVER_DEVICE; init starts the CPUs, the IO-APIC's driver takes the rest. */
#pragma once
#include "arch/percpu.h"

#define MADT_MAX_IOAPICS 16
#define MADT_ISA_IRQS 16
#define MADT_NO_LINT 0xff

struct madt_ioapic { paddr_t addr; u32 id, gsi_base; };
/* Where an ISA interrupt arrives. Without word from firmware: at the input of its own number, high
 * and by edge, as the ISA bus has it. */
struct madt_isa { u32 gsi; bool active_low, level; };

struct madt_info {
    paddr_t lapic_addr;
    bool has_8259;                 /* the two 8259 are there too, and must be masked */
    u8 nmi_lint;                   /* input of every local APIC that brings NMIs; MADT_NO_LINT */
    unsigned ncpus, cpus_dropped;  /* usable ones; those that found no room here */
    u32 cpu[MAX_CPUS];             /* APIC ids, each once, as listed; the boot CPU among them */
    unsigned nioapics;
    struct madt_ioapic ioapic[MADT_MAX_IOAPICS];
    struct madt_isa isa[MADT_ISA_IRQS];
};

void madt_set(const struct madt_info *info);
const struct madt_info *madt_get(void); /* NULL: firmware has none that can be believed */
