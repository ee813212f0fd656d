/* Sources: src/kernel/dev/pci.c */
#include "tests/unit/host.h"
#include "arch/paging.h"
#include "dev/pci.h"
#include "lib/errno.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include <stdlib.h>
#include <string.h>

/* One function's configuration space, what is mapped, and where memory lies. */
static u8 space[256];
static bool gone;
static unsigned reads;
static u64 mapped_pa, mapped_size;
static u64 ram_end = 0x10000000;

void *kmalloc(size_t size) { return malloc(size); }
void *kmem_map_phys(paddr_t pa, size_t size, unsigned flags)
{
    assert_int_equal(flags, PT_UNCACHED);
    mapped_pa = pa;
    mapped_size = size;
    return space;
}
void kmem_unmap_phys(void *p, size_t size) {}
enum page_state pmm_state(paddr_t page) { return page < ram_end ? PAGE_FREE : PAGE_RESERVED; }

static u32 config_read(u16 at, unsigned reg)
{
    u32 v;
    assert_true(reg % 4 == 0 && reg < 256);
    reads++;
    memcpy(&v, space + reg, 4);
    return gone ? ~0u : v;
}
static void config_write(u16 at, unsigned reg, u32 v)
{
    assert_true(reg % 4 == 0 && reg < 256);
    memcpy(space + reg, &v, 4);
}
static const struct pci_access access = { config_read, config_write };
static struct pci_device d;

static int setup(void **state)
{
    static bool is_set;
    if (!is_set)
        pci_set_access(&access);
    is_set = true;
    memset(space, 0, sizeof space);
    d = (struct pci_device){ .at = 0x18, .vendor = 0x1af4 };
    gone = false;
    reads = 0;
    mapped_pa = mapped_size = 0;
    return 0;
}
static void put32(unsigned reg, u32 v) { memcpy(space + reg, &v, 4); }
static void cap(unsigned at, u8 id, u8 next)
{
    space[at] = id;
    space[at + 1] = next;
    put32(PCI_COMMAND, 1u << 20); /* there are capabilities */
}

static void widths(void **state)
{
    put32(0x20, 0x44332211);
    assert_true(pci_read8(&d, 0x20) == 0x11 && pci_read8(&d, 0x23) == 0x44);
    assert_true(pci_read16(&d, 0x20) == 0x2211 && pci_read16(&d, 0x22) == 0x4433);
}
static void command(void **state)
{
    put32(PCI_COMMAND, 0xffff0000 | PCI_IO | PCI_INTX_OFF);
    pci_command(&d, PCI_MASTER, PCI_INTX_OFF);
    assert_int_equal(pci_read32(&d, PCI_COMMAND), PCI_IO | PCI_MASTER); /* no one for the status: it would clear it */
}
static void capabilities(void **state)
{
    space[PCI_CAPABILITIES] = 0x50;
    assert_int_equal(pci_capability(&d, PCI_CAP_VENDOR, 0), 0); /* the status does not say that there are any */
    cap(0x50, PCI_CAP_VENDOR, 0x43); /* the low bits do not count */
    cap(0x40, PCI_CAP_MSIX, 0xf0);
    cap(0xf0, PCI_CAP_VENDOR, 0);
    assert_int_equal(pci_capability(&d, PCI_CAP_VENDOR, 0), 0x50);
    assert_int_equal(pci_capability(&d, PCI_CAP_VENDOR, 0x50), 0xf0);
    assert_int_equal(pci_capability(&d, PCI_CAP_VENDOR, 0xf0), 0);
    assert_int_equal(pci_capability(&d, PCI_CAP_MSIX, 0), 0x40);
    assert_int_equal(pci_capability(&d, PCI_CAP_MSI, 0), 0);
}
static void capabilities_in_a_circle(void **state)
{
    space[PCI_CAPABILITIES] = 0x40;
    cap(0x40, 1, 0x44);
    cap(0x44, 2, 0x40);
    assert_int_equal(pci_capability(&d, PCI_CAP_MSIX, 0), 0);
    cap(0x40, 1, 0x10); /* into the header */
    assert_int_equal(pci_capability(&d, PCI_CAP_MSIX, 0), 0);
    assert_true(reads < 200);
    gone = true;
    assert_int_equal(pci_capability(&d, PCI_CAP_MSIX, 0), 0);
}
static void memory_bars(void **state)
{
    put32(PCI_BAR + 4, 0xfebd1008); /* prefetchable */
    assert_non_null(pci_bar_map(&d, 1, 0x800, 16));
    assert_true(mapped_pa == 0xfebd1800 && mapped_size == 16);
    put32(PCI_BAR + 16, 0xc000000c); /* 64 bits */
    put32(PCI_BAR + 20, 0x8);
    assert_non_null(pci_bar_map(&d, 4, 0, 4));
    assert_true(mapped_pa == 0x8c0000000);
}
static void no_memory_bars(void **state)
{
    assert_null(pci_bar_map(&d, 0, 0, 4)); /* no address */
    assert_null(pci_bar_map(&d, 6, 0, 4));
    assert_null(pci_bar_map(&d, 7, 0, 4));
    put32(PCI_BAR, 0xc001);
    assert_null(pci_bar_map(&d, 0, 0, 4)); /* ports */
    put32(PCI_BAR, 0xfebd1000);
    assert_null(pci_bar_map(&d, 0, 0, 0));
    assert_null(pci_bar_map(&d, 0, ~0ul, 16));
    assert_null(pci_bar_map(&d, 0, 1ul << 52, 16));
    assert_null(pci_bar_map(&d, 0, 0, ~0ul));
    put32(PCI_BAR, 0xfebd1004);
    put32(PCI_BAR + 4, 0xffffffff); /* an address that no CPU has */
    assert_null(pci_bar_map(&d, 0, 0, 4));
    put32(PCI_BAR, 0x00100000);
    assert_null(pci_bar_map(&d, 0, 0, 4)); /* memory */
    put32(PCI_BAR, 0xfebd1000);
    d.header = 1; /* a bridge has two, */
    assert_non_null(pci_bar_map(&d, 0, 0, 4));
    put32(PCI_BAR + 8, 0xfebd1000);
    assert_null(pci_bar_map(&d, 2, 0, 4));
    d.header = 2; /* and a CardBus bridge none */
    assert_null(pci_bar_map(&d, 0, 0, 4));
    d.header = 0;
    gone = true;
    assert_null(pci_bar_map(&d, 0, 0, 4));
    assert_int_equal(mapped_size, 4);
}
static void ports(void **state)
{
    put32(PCI_BAR, 0xc0a1);
    assert_int_equal(pci_bar_port(&d, 0), 0xc0a0);
    put32(PCI_BAR, 0x1c0a1);
    assert_int_equal(pci_bar_port(&d, 0), 0);
    put32(PCI_BAR, 0xfebd1000);
    assert_int_equal(pci_bar_port(&d, 0), 0);
    gone = true;
    assert_int_equal(pci_bar_port(&d, 0), 0);
}
static void list(void **state)
{
    assert_null(pci_next(0x1af4, NULL));
    for (u16 i = 0; i < 256; i++) {
        struct pci_device new = { .at = i, .vendor = i % 100 ? 0x8086 : 0x1af4 };
        assert_int_equal(pci_add(&new), 0);
    }
    assert_int_equal(pci_add(&d), -ENOSPC);
    const struct pci_device *p = NULL;
    for (u16 i = 0; i < 300; i += 100) {
        p = pci_next(0x1af4, p);
        assert_int_equal(p->at, i);
    }
    assert_null(pci_next(0x1af4, p));
}
int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(widths), T(command), T(capabilities), T(capabilities_in_a_circle), T(memory_bars), T(no_memory_bars), T(ports), T(list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
