/* Starting the drivers that the linker collected (section .drivers, bounds from the linker script). */
#include "dev/driver.h"
#include "lib/errno.h"
#include "lib/klog.h"

extern const struct driver __drivers_start[], __drivers_end[];

static void driver_report(const struct driver *d, int r)
{
    if (d->level < DRIVER_PLATFORM) {
        /* klog may not be used yet, and a missing port is no news. */
        if (r && r != -ENODEV) {
            debug_raw("driver failed: ");
            debug_raw(d->name);
            debug_raw("\n");
        }
    } else if (r == -ENODEV) {
        kdebug("driver %s: not there", d->name);
    } else if (r) {
        kerr("driver %s: error %d", d->name, r);
    } else {
        kdebug("driver %s: up", d->name);
    }
}

void drivers_init(enum driver_level level)
{
    for (const struct driver *d = __drivers_start; d < __drivers_end; d++)
        if (d->level == level)
            driver_report(d, d->init());
}
