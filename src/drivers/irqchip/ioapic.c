/* The IO-APICs: each input has an entry that says which vector it raises on which CPU, and how it
 * is wired. (Intel 82093AA data sheet, chapter 3)
 *
 * Lines 0..15 are the ISA bus's, at the inputs and with the polarity and trigger that the MADT
 * says; from 16 on a line is an input by ACPI's numbering (GSI), wired as PCI is: low, by level.
 * All arrive at the boot CPU. An input shared by level keeps its line asserted until the device is
 * served; the end of interrupt goes to the CPU's local APIC, which tells the IO-APIC.
 *
 * Promises: no input is open that nobody asked for. Refuses: `noapic`, a machine without MADT or
 * local APIC, and a boot CPU whose number does not fit in an entry; the 8259 works there. */
#include "dev/boot_device.h"
#include "dev/driver.h"
#include "dev/irq.h"
#include "dev/lapic.h"
#include "dev/madt.h"
#include "dev/mmio.h"
#include "lib/errno.h"
#include "lib/klog.h"

#define REG_SELECT 0x00
#define REG_WINDOW 0x10
#define REGS_SIZE 0x20
#define IOAPIC_VERSION 0x01
#define IOAPIC_ENTRY(pin) (0x10 + 2 * (pin))
#define ENTRY_LOW (1u << 13)   /* active low */
#define ENTRY_LEVEL (1u << 15)
#define ENTRY_MASKED (1u << 16)
#define ENTRY_CPU_SHIFT 24
#define CPU_MAX 254u
#define VECTOR_BASE 0x20       /* arch/trap.h: VEC_IRQ_BASE */
#define LINES_MAX 208          /* arch/trap.h: VEC_IRQ_COUNT */
#define ISA_LINES 16

struct ioapic { u8 *regs; u32 gsi_base, npins; };

static struct ioapic ioapics[MADT_MAX_IOAPICS];
static unsigned nioapics;
static u32 boot_cpu;

/* Registers are reached through an index: guarded by dev/irq's lock once interrupts are in use. */
static u32 ioapic_read(const struct ioapic *a, u32 reg)
{
    mmio_write32(a->regs + REG_SELECT, reg);
    return mmio_read32(a->regs + REG_WINDOW);
}

static void ioapic_write(const struct ioapic *a, u32 reg, u32 value)
{
    mmio_write32(a->regs + REG_SELECT, reg);
    mmio_write32(a->regs + REG_WINDOW, value);
}

static struct madt_isa wiring_of(unsigned irq)
{
    if (irq < ISA_LINES)
        return madt_get()->isa[irq];
    return (struct madt_isa){ .gsi = irq, .active_low = true, .level = true };
}

/* NULL: no IO-APIC has that input. */
static const struct ioapic *find(u32 gsi, u32 *pin)
{
    for (unsigned i = 0; i < nioapics; i++) {
        *pin = gsi - ioapics[i].gsi_base;
        if (gsi >= ioapics[i].gsi_base && *pin < ioapics[i].npins)
            return &ioapics[i];
    }
    return NULL;
}

static void entry_write(unsigned irq, u32 mask)
{
    struct madt_isa wiring = wiring_of(irq);
    u32 pin;
    const struct ioapic *a = find(wiring.gsi, &pin);
    if (!a)
        return;
    u32 low = (VECTOR_BASE + irq) | mask | (wiring.active_low ? ENTRY_LOW : 0) | (wiring.level ? ENTRY_LEVEL : 0);
    if (!mask) /* whom first: the input opens with the other half */
        ioapic_write(a, IOAPIC_ENTRY(pin) + 1, boot_cpu << ENTRY_CPU_SHIFT);
    ioapic_write(a, IOAPIC_ENTRY(pin), low);
}

static void ioapic_mask(unsigned irq) { entry_write(irq, ENTRY_MASKED); }
static void ioapic_unmask(unsigned irq) { entry_write(irq, 0); }
static void ioapic_eoi(unsigned irq) { lapic_eoi(); }

static struct irqchip chip = {
    .name = "IO-APIC",
    .mask = ioapic_mask,
    .unmask = ioapic_unmask,
    .eoi = ioapic_eoi,
    .rank = 2,
};

static bool ioapic_open(const struct madt_ioapic *found)
{
    struct ioapic *a = &ioapics[nioapics];
    a->regs = kmem_map_phys(found->addr, REGS_SIZE, PT_UNCACHED);
    if (!a->regs)
        return false;
    u32 version = ioapic_read(a, IOAPIC_VERSION);
    if (version == ~0u || version == 0) { /* nobody answers at that address */
        kmem_unmap_phys(a->regs, REGS_SIZE);
        return false;
    }
    a->npins = (version >> 16 & 0xff) + 1;
    a->gsi_base = found->gsi_base;
    for (u32 pin = 0; pin < a->npins; pin++)
        ioapic_write(a, IOAPIC_ENTRY(pin), ENTRY_MASKED);
    chip.nlines = MAX(chip.nlines, MIN(a->gsi_base + a->npins, LINES_MAX));
    nioapics++;
    return true;
}

/* Without all of them a line may be out of reach that the 8259 would bring. */
static bool isa_in_reach(void)
{
    u32 pin;
    for (unsigned irq = 0; irq < ISA_LINES; irq++)
        if (irq != 2 && !find(wiring_of(irq).gsi, &pin))
            return false;
    return true;
}

static int ioapic_init(void)
{
    const struct madt_info *madt = madt_get();
    if (boot_option("noapic") || !madt || !madt->nioapics || !lapic_in_use())
        return -ENODEV;
    boot_cpu = lapic_id();
    for (unsigned i = 0; i < madt->nioapics; i++)
        if (!ioapic_open(&madt->ioapic[i]))
            kwarn("ioapic: none at %#llx", (unsigned long long)madt->ioapic[i].addr);
    if (boot_cpu > CPU_MAX || !isa_in_reach()) {
        kwarn("ioapic: not used, ISA interrupts would be lost");
        return -ENODEV;
    }
    irq_set_chip(&chip);
    lapic_accept_8259(false);
    kinfo("ioapic: %u with %u inputs", nioapics, chip.nlines);
    return 0;
}
DRIVER(ioapic, DRIVER_IRQCHIP, ioapic_init);
