/* A PCI function's interrupt: a message if it can send one, else its wire.
 *
 * Of MSI-X one entry is used, the first; the others stay masked, as reset left them, and the function raises no entry
 * that its driver has not chosen. The wire ends at a line that only firmware knows: it writes the 8259's into the
 * function, where the 8259 works, and on many machines the IO-APIC's input of that number too.
 * (PCI Local Bus Specification 3.0, 6.2.4 and 6.8.2) */
#include "dev/mmio.h"
#include "dev/pci.h"
#include "lib/errno.h"

#define CONTROL_ENABLE (1u << 31) /* message control is the upper half of the capability's first dword */
#define CONTROL_MASK_ALL (1u << 30)
#define MSI_ENABLE (1u << 16)
#define TABLE_BAR 7u
#define ENTRY_SIZE 16u
enum { ENTRY_LOW = 0, ENTRY_HIGH = 4, ENTRY_DATA = 8, ENTRY_CONTROL = 12 };
#define ENTRY_MASKED 1u
#define LINES_ISA 16u

static void entry_write(u8 *entry, const struct irq_message *m)
{
    mmio_write32(entry + ENTRY_CONTROL, ENTRY_MASKED);
    mmio_write32(entry + ENTRY_LOW, (u32)m->address);
    mmio_write32(entry + ENTRY_HIGH, (u32)(m->address >> 32));
    mmio_write32(entry + ENTRY_DATA, m->data);
    mmio_write32(entry + ENTRY_CONTROL, 0);
}

static void control_set(const struct pci_device *d, unsigned cap, u32 bits)
{
    u32 old = pci_read32(d, cap) & ~(CONTROL_ENABLE | CONTROL_MASK_ALL);

    pci_write32(d, cap, old | bits);
}

static int message_request(const struct pci_device *d, irq_handler_fn fn, void *ctx, const char *name, unsigned *line)
{
    struct irq_message m;
    unsigned cap = pci_capability(d, PCI_CAP_MSIX, 0);
    u32 table = cap ? pci_read32(d, cap + 4) : 0;
    u8 *entry = cap ? pci_bar_map(d, table & TABLE_BAR, table & ~TABLE_BAR, ENTRY_SIZE) : NULL;

    if (!entry)
        return -ENODEV;
    int r = irq_request_message(fn, ctx, name, line, &m);
    if (r == 0) {
        pci_command(d, PCI_MEMORY, 0); /* the table is there, whatever the driver uses */
        control_set(d, cap, CONTROL_ENABLE | CONTROL_MASK_ALL);
        entry_write(entry, &m);
        control_set(d, cap, CONTROL_ENABLE);
    }
    pci_bar_unmap(entry, ENTRY_SIZE);
    return r;
}

/* A function that may send messages leaves its wire alone; firmware may have let it. (6.8.1.3, 6.8.2.3) */
static void messages_off(const struct pci_device *d)
{
    unsigned msi = pci_capability(d, PCI_CAP_MSI, 0), msix = pci_capability(d, PCI_CAP_MSIX, 0);

    if (msi)
        pci_write32(d, msi, pci_read32(d, msi) & ~MSI_ENABLE);
    if (msix)
        control_set(d, msix, 0);
}

static int wire_request(const struct pci_device *d, irq_handler_fn fn, void *ctx, const char *name, unsigned *line)
{
    *line = pci_read8(d, PCI_LINE);
    if (*line == 0 || *line >= LINES_ISA || !pci_read8(d, PCI_LINE + 1)) /* the second byte: which pin, 0 is none */
        return -ENODEV;
    int r = irq_request(*line, fn, ctx, name);
    if (r)
        return r;
    messages_off(d);
    pci_command(d, 0, PCI_INTX_OFF);
    return 0;
}

int pci_irq_request(const struct pci_device *d, irq_handler_fn fn, void *ctx, const char *name, struct pci_irq *out)
{
    out->is_message = message_request(d, fn, ctx, name, &out->line) == 0;
    return out->is_message ? 0 : wire_request(d, fn, ctx, name, &out->line);
}

void pci_irq_release(const struct pci_device *d, const struct pci_irq *irq)
{
    if (irq->is_message)
        control_set(d, pci_capability(d, PCI_CAP_MSIX, 0), 0);
    pci_command(d, PCI_INTX_OFF, 0);
    irq_release(irq->line);
}
