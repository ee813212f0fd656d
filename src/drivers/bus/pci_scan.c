/* The walk over the buses, starting at 0, by the numbers that firmware gave the bridges.
 *
 * A bus is due when a bridge names it, and is done once: bridges that name each other, or all the same bus, cost
 * nothing. Roots beside bus 0 (ACPI knows them) are not found. A place where nothing is reads all ones.
 * (PCI Local Bus Specification 3.0, 6.1; PCI-to-PCI Bridge Architecture 1.2, 3.2.5) */
#include "pci_scan.h"

#define BUSES 256u
#define DEVICES 32u
#define FUNCTIONS 8u
#define HEADER_MANY 0x80u /* more than one function */
#define HEADER_BRIDGE 1u

struct scan {
    const struct pci_access *a;
    int (*found)(const struct pci_device *d);
    bool due[BUSES], done[BUSES];
};

/* 0: none there; else *many says whether there may be more of the device, and a bridge's bus is due. */
static int function_look(struct scan *s, u16 at, bool *many)
{
    u32 id = s->a->read(at, PCI_ID);

    if ((id & 0xffff) == 0xffff || id == 0)
        return 0;
    u32 class = s->a->read(at, PCI_CLASS), header = s->a->read(at, PCI_HEADER) >> 16;
    struct pci_device d = {
        .at = at, .vendor = (u16)id, .id = (u16)(id >> 16), .class = (u8)(class >> 24), .subclass = (u8)(class >> 16),
        .revision = (u8)class, .header = header & 0x7f,
    };
    *many = header & HEADER_MANY;
    if (d.header == HEADER_BRIDGE)
        s->due[s->a->read(at, PCI_BUSES) >> 8 & 0xff] = true;
    return s->found(&d);
}

static int bus_look(struct scan *s, unsigned bus)
{
    for (unsigned device = 0; device < DEVICES; device++) {
        bool many = false, rest = false;
        u16 at = (u16)(bus << 8 | device << 3);
        int r = function_look(s, at, &many);
        for (unsigned f = 1; r == 0 && many && f < FUNCTIONS; f++)
            r = function_look(s, at | (u16)f, &rest);
        if (r)
            return r;
    }
    return 0;
}

static int next_due(const struct scan *s)
{
    for (unsigned bus = 0; bus < BUSES; bus++)
        if (s->due[bus] && !s->done[bus])
            return (int)bus;
    return -1;
}

int pci_scan(const struct pci_access *a, int (*found)(const struct pci_device *d))
{
    struct scan s = { .a = a, .found = found, .due = { [0] = true } };

    for (int bus; (bus = next_due(&s)) >= 0;) {
        s.done[bus] = true;
        int r = bus_look(&s, (unsigned)bus);
        if (r)
            return r;
    }
    return 0;
}
