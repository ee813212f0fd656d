/* The PC's way to PCI configuration space: the address goes to one port, the data through another (PCI Local Bus
 * Specification 3.0, 3.2.2.3.2). It reaches 256 buses and the first 256 bytes of each function; PCI Express's memory
 * window shows more of the same and is not used.
 *
 * The lock holds the two ports together. A machine without PCI does not keep the address. */
#include "dev/driver.h"
#include "dev/lock.h"
#include "dev/portio.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "pci_scan.h"

#define ADDRESS 0xcf8
#define DATA 0xcfc
#define ADDRESS_ENABLE 0x80000000u

static struct spinlock lock = SPINLOCK_INIT("pci");
static unsigned ndevices;

static void select_locked(u16 at, unsigned reg) { outl(ADDRESS, ADDRESS_ENABLE | (u32)at << 8 | (reg & 0xfc)); }

static u32 config_read(u16 at, unsigned reg)
{
    u64 state = spin_lock_irqsave(&lock);
    select_locked(at, reg);
    u32 value = inl(DATA);
    spin_unlock_irqrestore(&lock, state);
    return value;
}

static void config_write(u16 at, unsigned reg, u32 value)
{
    u64 state = spin_lock_irqsave(&lock);
    select_locked(at, reg);
    outl(DATA, value);
    spin_unlock_irqrestore(&lock, state);
}

static const struct pci_access by_ports = { config_read, config_write };

static int device_found(const struct pci_device *d)
{
    kdebug("pci: %02x:%02x.%u is %04x:%04x, class %02x%02x", d->at >> 8, d->at >> 3 & 31, d->at & 7u, d->vendor, d->id,
           d->class, d->subclass);
    ndevices++;
    return pci_add(d);
}

static bool keeps_address(void)
{
    outl(ADDRESS, ADDRESS_ENABLE);
    return inl(ADDRESS) == ADDRESS_ENABLE;
}

static int pci_init(void)
{
    if (!keeps_address())
        return -ENODEV;
    pci_set_access(&by_ports);
    int r = pci_scan(&by_ports, device_found);
    if (r)
        kwarn("pci: error %d after %u functions; the rest is not used", -r, ndevices);
    kinfo("pci: %u functions", ndevices);
    return 0;
}
DRIVER(pci, DRIVER_BUS, pci_init);
