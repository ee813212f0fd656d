/* The ACPI power management timer: a counter to measure the TSC against. (ACPI 6.4, 4.8.3.3) */
#include "../acpi/acpi.h"
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/portio.h"
#include "lib/errno.h"

#define PM_TIMER_HZ 3579545u
#define MASK_24 0x00ffffffu /* 32 bits where the FADT says so; these are always there */

static u16 port;

static u32 pm_timer_read(void) { return inl(port); }

static const struct tsc_reference reference = { "the ACPI timer", PM_TIMER_HZ, MASK_24, pm_timer_read };

static int pm_timer_init(void)
{
    const u8 *table;
    u32 len;
    struct acpi_fadt fadt;
    if (acpi_table_find("FACP", 0, &table, &len))
        return -ENODEV;
    int r = acpi_fadt_parse(table, len, &fadt);
    acpi_table_unmap(table, len);
    if (r || !fadt.pm_timer.addr || fadt.pm_timer.space != ACPI_IO)
        return -ENODEV;
    port = (u16)fadt.pm_timer.addr;
    tsc_reference_add(&reference);
    return 0;
}
DRIVER(pm_timer, DRIVER_PLATFORM, pm_timer_init);
