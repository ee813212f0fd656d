/* PCI functions and their configuration space. How that is reached is the bus driver's business.
 *
 * The list is made at boot by one CPU and never changes. A device that went away reads all ones, which is no
 * capability, no BAR and no line: nothing here loops or maps on its word alone. */
#include "dev/pci.h"

#include "arch/cpu.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define DEVICES_MAX 256u
#define CAPABILITIES_MAX 48u         /* those of 4 bytes that fit between 0x40 and 0xff */
#define CAPABILITIES_FIRST 0x40u     /* PCI 3.0, 6.7 */
#define STATUS_CAPABILITIES (1u << 4) /* of the upper half of PCI_COMMAND; 6.2.3 */
#define BAR_IO 1u                     /* 6.2.5.1 */
#define BAR_TYPE 6u
#define BAR_64 4u
#define BARS 6u
#define ADDRESS_BITS_MIN 36u

static const struct pci_access *access;
static struct pci_device *first, **last = &first;
static unsigned ndevices;

void pci_set_access(const struct pci_access *a)
{
    ASSERT(!access);
    access = a;
}

int pci_add(const struct pci_device *found)
{
    if (ndevices == DEVICES_MAX)
        return -ENOSPC;
    struct pci_device *d = kmalloc(sizeof(*d));
    if (!d)
        return -ENOMEM;
    *d = *found;
    d->next = NULL;
    *last = d;
    last = &d->next;
    ndevices++;
    return 0;
}

const struct pci_device *pci_next(u16 vendor, const struct pci_device *after)
{
    const struct pci_device *d = after ? after->next : first;

    while (d && d->vendor != vendor)
        d = d->next;
    return d;
}

u32 pci_read32(const struct pci_device *d, unsigned reg) { return access->read(d->at, reg); }
void pci_write32(const struct pci_device *d, unsigned reg, u32 value) { access->write(d->at, reg, value); }

/* The status beside it is cleared by ones: zeroes leave it. */
void pci_command(const struct pci_device *d, unsigned set, unsigned clear)
{
    u32 old = pci_read32(d, PCI_COMMAND) & 0xffff;

    pci_write32(d, PCI_COMMAND, (old & ~clear) | set);
}

/* A chain that bites its own tail ends by count. */
unsigned pci_capability(const struct pci_device *d, enum pci_capability id, unsigned after)
{
    if (!(pci_read32(d, PCI_COMMAND) >> 16 & STATUS_CAPABILITIES))
        return 0;
    unsigned at = pci_read8(d, after ? after + 1 : PCI_CAPABILITIES) & ~3u;

    for (unsigned i = 0; i < CAPABILITIES_MAX && at >= CAPABILITIES_FIRST; i++) {
        u32 head = pci_read32(d, at);
        if (head == ~0u)
            return 0;
        if ((head & 0xff) == id)
            return at;
        at = head >> 8 & 0xfc;
    }
    return 0;
}

static unsigned bars_of(const struct pci_device *d) { return d->header == 0 ? BARS : d->header == 1 ? 2 : 0; }

u16 pci_bar_port(const struct pci_device *d, unsigned n)
{
    if (n >= bars_of(d))
        return 0;
    u32 bar = pci_read32(d, PCI_BAR + 4 * n);
    return bar != ~0u && (bar & BAR_IO) && bar <= 0xffff ? (u16)(bar & ~3u) : 0;
}

/* 0: no memory BAR, or firmware gave it no address. */
static u64 bar_address(const struct pci_device *d, unsigned n)
{
    if (n >= bars_of(d))
        return 0;
    u32 low = pci_read32(d, PCI_BAR + 4 * n), high = 0;
    if (low == ~0u || (low & BAR_IO))
        return 0;
    if ((low & BAR_TYPE) == BAR_64 && n + 1 < bars_of(d))
        high = pci_read32(d, PCI_BAR + 4 * (n + 1));
    return (u64)high << 32 | (low & ~0xfu);
}

/* An address that the CPU does not have would fault when it is used. (SDM vol. 2, CPUID 80000008H) */
static u64 address_end(void)
{
    unsigned bits = cpuid(0x80000000, 0).eax >= 0x80000008 ? cpuid(0x80000008, 0).eax & 0xff : ADDRESS_BITS_MIN;

    return 1ul << MIN(MAX(bits, ADDRESS_BITS_MIN), 52u);
}

void *pci_bar_map(const struct pci_device *d, unsigned n, u64 offset, size_t len)
{
    u64 base = bar_address(d, n), end = address_end();

    if (!base || !len || base >= end || offset >= end - base || len > end - base - offset)
        return NULL;
    if (pmm_state(base + offset) != PAGE_RESERVED || pmm_state(base + offset + len - 1) != PAGE_RESERVED)
        return NULL; /* memory, whatever firmware says */
    return kmem_map_phys(base + offset, len, PT_UNCACHED);
}

void pci_bar_unmap(void *p, size_t len) { kmem_unmap_phys(p, len); }
