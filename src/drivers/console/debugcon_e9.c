/* Port 0xE9, the debug console of Bochs and QEMU: every byte written appears on the host. Reading
 * the port gives 0xE9 where it exists (Bochs documentation, "port_e9_hack") and 0xFF on machines
 * without it. One instruction a byte, so it needs no lock of its own. */
#include "dev/console.h"
#include "dev/driver.h"
#include "dev/portio.h"
#include "lib/errno.h"

#define PORT_E9 0xe9

static void e9_write(struct console_sink *s, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        outb(PORT_E9, (u8)bytes[i]);
}

static struct console_sink e9_sink = { .name = "e9", .write = e9_write };

static int e9_init(void)
{
    if (inb(PORT_E9) != PORT_E9)
        return -ENODEV;
    console_register(&e9_sink);
    return 0;
}

DRIVER(debugcon_e9, DRIVER_EARLY, e9_init);
