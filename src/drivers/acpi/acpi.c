/* From the root pointer to a table.
 *
 * The boot loader hands the root pointer over; if it does not, the places of ACPI 5.2.5.1 are
 * searched. Tables may lie in memory that the direct map does not cover, so each one is mapped:
 * its header first, then as many bytes as the header says. */
#include "acpi.h"
#include "dev/boot_device.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"

#define EBDA_SEGMENT_PTR 0x40eu /* BIOS data area: segment of the extended area */
#define EBDA_SEARCH 1024u
#define BIOS_AREA 0xe0000u
#define BIOS_AREA_SIZE 0x20000u
#define MEM_CACHED 0u

static const u8 *root; /* XSDT or RSDT, mapped for good; NULL: none */
static u32 root_len;

void acpi_table_unmap(const u8 *table, u32 len) { kmem_unmap_phys((void *)table, len); }

int acpi_table_map(paddr_t pa, const u8 **table, u32 *len)
{
    const u8 *head = kmem_map_phys(pa, ACPI_HEADER_LEN, MEM_CACHED);
    if (!head)
        return -ENOMEM;
    u32 n = acpi_table_len(head);
    acpi_table_unmap(head, ACPI_HEADER_LEN);
    if (!n)
        return -EINVAL;
    const u8 *whole = kmem_map_phys(pa, n, MEM_CACHED);
    if (!whole)
        return -ENOMEM;
    if (!acpi_checksum_ok(whole, n)) {
        kwarn("acpi: bad checksum of %.4s at %#llx", (const char *)whole, (unsigned long long)pa);
        acpi_table_unmap(whole, n);
        return -EINVAL;
    }
    *table = whole;
    *len = n;
    return 0;
}

static int search_area(paddr_t base, size_t size, struct acpi_root *out)
{
    const u8 *area = kmem_map_phys(base, size, MEM_CACHED);
    int r = -ENODEV;
    if (!area)
        return r;
    for (size_t at = 0; r && at + ACPI_RSDP_V1_LEN <= size; at += 16)
        if (!acpi_rsdp_parse(area + at, size - at, out))
            r = 0;
    kmem_unmap_phys((void *)area, size);
    return r;
}

static int search_ebda(struct acpi_root *out)
{
    const u8 *p = kmem_map_phys(EBDA_SEGMENT_PTR, 2, MEM_CACHED);
    if (!p)
        return -ENODEV;
    paddr_t base = (paddr_t)(p[0] | p[1] << 8) << 4;
    kmem_unmap_phys((void *)p, 2);
    if (base < 0x400 || base > 0xa0000 - EBDA_SEARCH)
        return -ENODEV;
    return search_area(base, EBDA_SEARCH, out);
}

static int find_rsdp(struct acpi_root *out)
{
    unsigned len;
    const u8 *given = boot_rsdp(&len);
    if (given && !acpi_rsdp_parse(given, len, out))
        return 0;
    if (!search_ebda(out))
        return 0;
    return search_area(BIOS_AREA, BIOS_AREA_SIZE, out);
}

static int open_root(paddr_t pa, const char *signature)
{
    const u8 *table;
    u32 len;
    if (!pa || acpi_table_map(pa, &table, &len))
        return -ENODEV;
    if (!acpi_table_is(table, signature)) {
        acpi_table_unmap(table, len);
        return -ENODEV;
    }
    root = table;
    root_len = len;
    return 0;
}

/* Once, whichever driver asks first: their order in the linker's table does not matter. */
static int acpi_init(void)
{
    static int result = 1;
    struct acpi_root found;
    const char *option = boot_option("acpi");
    if (result <= 0)
        return result;
    result = -ENODEV;
    if (option && strcmp(option, "off") == 0) {
        kinfo("acpi: off by command line");
        return result;
    }
    if (find_rsdp(&found)) {
        kinfo("acpi: none");
        return result;
    }
    result = open_root(found.xsdt, "XSDT");
    if (result)
        result = open_root(found.rsdt, "RSDT");
    if (!result)
        kinfo("acpi: %.4s with %u bytes", (const char *)root, root_len);
    return result;
}

int acpi_table_find(const char *signature, unsigned nth, const u8 **table, u32 *len)
{
    paddr_t pa;
    int r = acpi_init();
    if (r)
        return r;
    for (unsigned i = 0; (pa = acpi_root_entry(root, root_len, i)); i++) {
        if (acpi_table_map(pa, table, len))
            continue; /* one broken table does not hide the others */
        if (acpi_table_is(*table, signature) && nth-- == 0)
            return 0;
        acpi_table_unmap(*table, *len);
    }
    return -ENOENT;
}

DRIVER(acpi, DRIVER_PLATFORM, acpi_init);
