/* The MADT, handed on. */
#include "acpi.h"
#include "dev/driver.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "madt_parse.h"

static struct madt_info info; /* too large for a stack */

static int madt_init(void)
{
    const u8 *table;
    u32 len;
    int r = acpi_table_find("APIC", 0, &table, &len);
    if (r)
        return r == -ENOENT ? -ENODEV : r;
    r = madt_parse(table, len, &info);
    acpi_table_unmap(table, len);
    if (r)
        return r;
    kinfo("acpi: %u CPUs, %u IO-APICs%s", info.ncpus + info.cpus_dropped, info.nioapics,
          info.has_8259 ? ", 8259s" : "");
    madt_set(&info);
    return 0;
}
DRIVER(madt, DRIVER_PLATFORM, madt_init);
