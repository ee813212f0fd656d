/* What a driver may see of PCI: which functions there are, their registers, BARs, capabilities and interrupts.
 *
 * Functions are found once, before drivers of level DRIVER_DEVICE run, and stay: no hotplug. Where they decode and
 * which legacy line they raise is as firmware left it. Any context unless said otherwise. (PCI Local Bus
 * Specification 3.0, chapter 6) */
#pragma once
#include "dev/irq.h"

struct pci_device {
    struct pci_device *next;
    u16 at; /* bus << 8 | device << 3 | function */
    u16 vendor, id;
    u8 class, subclass, revision, header; /* header: its type, without the multi-function bit */
};

enum { PCI_ID = 0x00, PCI_COMMAND = 0x04, PCI_CLASS = 0x08, PCI_HEADER = 0x0c, PCI_BAR = 0x10, PCI_BUSES = 0x18,
       PCI_SUBSYSTEM = 0x2c, PCI_CAPABILITIES = 0x34, PCI_LINE = 0x3c };
enum pci_command { PCI_IO = 1, PCI_MEMORY = 2, PCI_MASTER = 4, PCI_INTX_OFF = 1 << 10 };
enum pci_capability { PCI_CAP_MSI = 0x05, PCI_CAP_VENDOR = 0x09, PCI_CAP_MSIX = 0x11 };

/* Configuration space by dwords: reg is a multiple of 4 below 256. Set once by the bus's driver. */
struct pci_access { u32 (*read)(u16 at, unsigned reg); void (*write)(u16 at, unsigned reg, u32 value); };
void pci_set_access(const struct pci_access *access);
/* -ENOSPC: there are too many; -ENOMEM. For the bus's driver, before any other runs. */
int pci_add(const struct pci_device *found) MUST_CHECK;
/* The next one behind `after` (NULL: the first) with this vendor; NULL: there is none. */
const struct pci_device *pci_next(u16 vendor, const struct pci_device *after);

u32 pci_read32(const struct pci_device *d, unsigned reg);

static inline u16 pci_read16(const struct pci_device *d, unsigned reg)
{
    return (u16)(pci_read32(d, reg & ~3u) >> (reg & 2) * 8);
}

static inline u8 pci_read8(const struct pci_device *d, unsigned reg)
{
    return (u8)(pci_read32(d, reg & ~3u) >> (reg & 3) * 8);
}

void pci_write32(const struct pci_device *d, unsigned reg, u32 value);
/* Bits of the command register. */
void pci_command(const struct pci_device *d, unsigned set, unsigned clear);
/* The capability with this id behind `after` (0: the first): where it begins, 0 if there is none. */
unsigned pci_capability(const struct pci_device *d, enum pci_capability id, unsigned after);

/* I/O BAR n: its first port, 0 if it is none. */
u16 pci_bar_port(const struct pci_device *d, unsigned n);
/* [offset, offset + len) of memory BAR n, mapped uncached. NULL: no such BAR, or not where a device can be. Not from
 * interrupts. */
void *pci_bar_map(const struct pci_device *d, unsigned n, u64 offset, size_t len) MUST_CHECK;
void pci_bar_unmap(void *p, size_t len);

/* One interrupt for the whole function: the first entry of MSI-X, else the legacy line, if firmware wrote an ISA line
 * into the function (ACPI's _PRT is not read). The line may be shared with a device that nobody serves: who finds
 * nothing to do again and again gives it back. -ENODEV: neither works. Not from interrupts. */
struct pci_irq { bool is_message; unsigned line; };
int pci_irq_request(const struct pci_device *d, irq_handler_fn fn, void *ctx, const char *name,
                    struct pci_irq *out) MUST_CHECK;
/* From anywhere, the handler too. */
void pci_irq_release(const struct pci_device *d, const struct pci_irq *irq);
