/* The high precision event timer, as a counter to measure the TSC against. Where firmware left it
 * off it is started; its interrupts are not used. (IA-PC HPET specification 1.0a, 2.3) */
#include "../acpi/acpi.h"
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "lib/errno.h"

#define HPET_TABLE_LEN 56u
#define TABLE_ADDRESS 40u       /* generic address: space id, 3 bytes, 8 bytes of address */
#define REG_PERIOD 0x04         /* upper half of the capabilities: femtoseconds a count */
#define REG_CONFIG 0x10
#define REG_COUNTER 0xf0
#define CONFIG_ENABLE 1u
#define WINDOW 0x400
#define PERIOD_MAX 0x05f5e100u  /* 100 ns, 2.3.4 */
#define FEMTOSECONDS 1000000000000000ull

static u8 *window;
static struct tsc_reference reference;

static u32 hpet_read(void) { return mmio_read32(window + REG_COUNTER); }

/* Of the table's address: 0 if it is none that can be used. */
static paddr_t table_address(const u8 *table, u32 len)
{
    u64 pa = 0;
    if (len < HPET_TABLE_LEN || table[TABLE_ADDRESS] != ACPI_MEMORY)
        return 0;
    for (unsigned i = 0; i < 8; i++)
        pa |= (u64)table[TABLE_ADDRESS + 4 + i] << (8 * i);
    return pa;
}

static int hpet_init(void)
{
    const u8 *table;
    u32 len;
    if (acpi_table_find("HPET", 0, &table, &len))
        return -ENODEV;
    paddr_t pa = table_address(table, len);
    acpi_table_unmap(table, len);
    window = pa ? kmem_map_phys(pa, WINDOW, PT_UNCACHED) : NULL;
    if (!window)
        return -ENODEV;
    u32 period = mmio_read32(window + REG_PERIOD);
    if (period == 0 || period > PERIOD_MAX) { /* all ones, or nothing: not there */
        kmem_unmap_phys(window, WINDOW);
        return -ENODEV;
    }
    u32 config = mmio_read32(window + REG_CONFIG);
    if (!(config & CONFIG_ENABLE))
        mmio_write32(window + REG_CONFIG, config | CONFIG_ENABLE);
    reference = (struct tsc_reference){ "the HPET", FEMTOSECONDS / period, UINT32_MAX, hpet_read };
    tsc_reference_add(&reference);
    return 0;
}
DRIVER(hpet, DRIVER_PLATFORM, hpet_init);
