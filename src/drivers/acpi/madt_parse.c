/* A list of entries behind a short head: type, length, then what the type says. Each reader sees an
 * entry that is long enough for it and judges the rest. Section and table numbers are those of the
 * ACPI specification 6.4. */
#include "madt_parse.h"
#include "acpi_parse.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MADT_HEAD 44u          /* table 5.19: header, local APIC address, flags */
#define FLAG_PCAT_COMPAT 1u
#define CPU_ENABLED 1u         /* table 5.22; bit 1 alone is a CPU that may be plugged in later */
#define APIC_ID_NONE 0xffu
#define X2APIC_ID_NONE 0xffffffffu
#define BUS_ISA 0
#define ALL_CPUS 0xff
#define ALL_CPUS_X2APIC 0xffffffffu

enum { CPU_APIC = 0, IO_APIC = 1, OVERRIDE = 2, CPU_NMI = 4, ADDRESS = 5, CPU_X2APIC = 9, CPU_X2APIC_NMI = 10 };

static u64 get(const u8 *p, unsigned nbytes)
{
    u64 v = 0;
    for (unsigned i = 0; i < nbytes; i++)
        v |= (u64)p[i] << (8 * i);
    return v;
}

static void add_cpu(struct madt_info *m, u32 apic_id)
{
    for (unsigned i = 0; i < m->ncpus; i++)
        if (m->cpu[i] == apic_id)
            return;
    if (m->ncpus < MAX_CPUS)
        m->cpu[m->ncpus++] = apic_id;
    else
        m->cpus_dropped++;
}

static void read_cpu(struct madt_info *m, const u8 *e) /* 5.2.12.2 */
{
    if (e[3] != APIC_ID_NONE && get(e + 4, 4) & CPU_ENABLED)
        add_cpu(m, e[3]);
}

static void read_cpu_x2apic(struct madt_info *m, const u8 *e) /* 5.2.12.12 */
{
    u32 id = (u32)get(e + 4, 4);
    if (id != X2APIC_ID_NONE && get(e + 8, 4) & CPU_ENABLED)
        add_cpu(m, id);
}

static void read_ioapic(struct madt_info *m, const u8 *e) /* 5.2.12.3 */
{
    struct madt_ioapic io = { .addr = get(e + 4, 4), .id = e[2], .gsi_base = (u32)get(e + 8, 4) };
    if (!io.addr || m->nioapics == MADT_MAX_IOAPICS)
        return;
    for (unsigned i = 0; i < m->nioapics; i++)
        if (m->ioapic[i].addr == io.addr || m->ioapic[i].gsi_base == io.gsi_base)
            return;
    m->ioapic[m->nioapics++] = io;
}

/* 5.2.12.5: two bits each for polarity and trigger; 0 is the bus's own way, 2 means nothing. */
static void read_override(struct madt_info *m, const u8 *e)
{
    unsigned flags = (unsigned)get(e + 8, 2), polarity = flags & 3, trigger = flags >> 2 & 3;
    if (e[2] != BUS_ISA || e[3] >= MADT_ISA_IRQS || polarity == 2 || trigger == 2)
        return;
    m->isa[e[3]] = (struct madt_isa){ .gsi = (u32)get(e + 4, 4), .active_low = polarity == 3, .level = trigger == 3 };
}

static void set_nmi(struct madt_info *m, u8 lint)
{
    if (lint <= 1)
        m->nmi_lint = lint;
}

static void read_entry(struct madt_info *m, const u8 *e)
{
    static const u8 least[] = { [CPU_APIC] = 8, [IO_APIC] = 12, [OVERRIDE] = 10, [CPU_NMI] = 6, [ADDRESS] = 12,
                                [CPU_X2APIC] = 16, [CPU_X2APIC_NMI] = 12 };
    if (e[0] >= ARRAY_SIZE(least) || e[1] < least[e[0]])
        return;
    switch (e[0]) {
    case CPU_APIC: read_cpu(m, e); break;
    case CPU_X2APIC: read_cpu_x2apic(m, e); break;
    case IO_APIC: read_ioapic(m, e); break;
    case OVERRIDE: read_override(m, e); break;
    case ADDRESS: m->lapic_addr = get(e + 4, 8); break;
    case CPU_NMI: /* 5.2.12.7 */
        if (e[2] == ALL_CPUS)
            set_nmi(m, e[5]);
        break;
    case CPU_X2APIC_NMI: /* 5.2.12.13 */
        if (get(e + 4, 4) == ALL_CPUS_X2APIC)
            set_nmi(m, e[8]);
        break;
    }
}

int madt_parse(const u8 *p, u32 len, struct madt_info *m)
{
    if (len < MADT_HEAD || !acpi_table_is(p, "APIC"))
        return -EINVAL;
    memset(m, 0, sizeof *m);
    m->lapic_addr = get(p + 36, 4);
    m->has_8259 = get(p + 40, 4) & FLAG_PCAT_COMPAT;
    m->nmi_lint = MADT_NO_LINT;
    for (u32 i = 0; i < MADT_ISA_IRQS; i++)
        m->isa[i].gsi = i;
    for (u32 at = MADT_HEAD; len - at >= 2 && p[at + 1] >= 2 && p[at + 1] <= len - at; at += p[at + 1])
        read_entry(m, p + at);
    return 0;
}
