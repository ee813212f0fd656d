/* Turning off and restarting by the means of ACPI: sleep state S5 through the PM1 control
 * registers, and the reset register. (ACPI 6.4: 4.8.3.2, 4.8.3.6, 7.4.2, 16.1)
 *
 * All that can fail (finding tables, mapping registers) happens at boot; the methods only touch
 * registers. _PTS is not run, for want of an AML interpreter: known machines power off without. */
#include "acpi.h"
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "dev/portio.h"
#include "dev/power.h"
#include "lib/errno.h"
#include "lib/klog.h"

#define PM1_SCI_EN (1u << 0)
#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_MASK (0xfu << PM1_SLP_TYP_SHIFT) /* SLP_TYP and SLP_EN */
#define PM1_SLP_EN (1u << 13)
#define SLEEP_CONTROL_TYP_SHIFT 2 /* hardware-reduced, 4.8.3.7 */
#define SLEEP_CONTROL_EN (1u << 5)
#define ENABLE_WAIT_MS 3000
#define OFF_WAIT_MS 1000

struct control { struct acpi_reg reg; volatile u8 *window; }; /* window: for ACPI_MEMORY */

static struct control pm1a, pm1b, sleep_control, reset;
static struct acpi_fadt fadt;
static u8 s5_type_a, s5_type_b;

static bool present(const struct control *c) { return c->reg.addr != 0; }

static int control_open(struct control *c, struct acpi_reg reg)
{
    *c = (struct control){ .reg = reg };
    if (!reg.addr || reg.space == ACPI_IO)
        return 0;
    c->window = kmem_map_phys(reg.addr, 4, PT_UNCACHED);
    if (c->window)
        return 0;
    c->reg.addr = 0;
    return -ENOMEM;
}

static u16 read16(const struct control *c)
{
    return c->window ? *(volatile u16 *)c->window : inw((u16)c->reg.addr);
}

static void write16(const struct control *c, u16 value)
{
    if (c->window)
        *(volatile u16 *)c->window = value;
    else
        outw((u16)c->reg.addr, value);
}

static void write8(const struct control *c, u8 value)
{
    if (c->window)
        mmio_write8(c->window, value);
    else
        outb((u16)c->reg.addr, value);
}

/* 4.8.2.5: firmware may have left the machine in legacy mode, where SLP_EN does nothing. */
static void enable_acpi_mode(void)
{
    if (read16(&pm1a) & PM1_SCI_EN || !fadt.smi_cmd || !fadt.acpi_enable)
        return;
    outb(fadt.smi_cmd, fadt.acpi_enable);
    for (unsigned ms = 0; ms < ENABLE_WAIT_MS && !(read16(&pm1a) & PM1_SCI_EN); ms++)
        delay_us(1000);
}

static void off_wait(void)
{
    for (unsigned ms = 0; ms < OFF_WAIT_MS; ms++)
        delay_us(1000);
}

/* 16.1: the type first, then the same with SLP_EN; both registers, if there are two. */
static void power_off_s5(void)
{
    enable_acpi_mode();
    u16 a = (u16)((read16(&pm1a) & ~PM1_SLP_MASK) | (unsigned)s5_type_a << PM1_SLP_TYP_SHIFT);
    u16 b = 0;
    write16(&pm1a, a);
    if (present(&pm1b)) {
        b = (u16)((read16(&pm1b) & ~PM1_SLP_MASK) | (unsigned)s5_type_b << PM1_SLP_TYP_SHIFT);
        write16(&pm1b, b);
    }
    write16(&pm1a, a | PM1_SLP_EN);
    if (present(&pm1b))
        write16(&pm1b, b | PM1_SLP_EN);
    off_wait();
}

static void power_off_reduced(void)
{
    write8(&sleep_control, (u8)((unsigned)s5_type_a << SLEEP_CONTROL_TYP_SHIFT | SLEEP_CONTROL_EN));
    off_wait();
}

static void reboot_reset_reg(void)
{
    write8(&reset, fadt.reset_value);
    delay_us(100000);
}

static struct power_method off_s5 = { "ACPI S5", POWER_OFF, 0, power_off_s5, NULL };
static struct power_method off_reduced = { "ACPI sleep control", POWER_OFF, 0, power_off_reduced, NULL };
static struct power_method reboot_reg = { "ACPI reset register", POWER_REBOOT, 0, reboot_reset_reg, NULL };

/* _S5_ is in the DSDT, or, rarely, in an SSDT. */
static int s5_read(void)
{
    const u8 *table;
    u32 len;
    int r = -ENOENT;
    if (fadt.dsdt && !acpi_table_map(fadt.dsdt, &table, &len)) {
        r = acpi_s5_find(table + ACPI_HEADER_LEN, len - ACPI_HEADER_LEN, &s5_type_a, &s5_type_b);
        acpi_table_unmap(table, len);
    }
    for (unsigned i = 0; r && !acpi_table_find("SSDT", i, &table, &len); i++) {
        r = acpi_s5_find(table + ACPI_HEADER_LEN, len - ACPI_HEADER_LEN, &s5_type_a, &s5_type_b);
        acpi_table_unmap(table, len);
    }
    return r;
}

static void register_off(void)
{
    if (s5_read()) {
        kwarn("acpi: no _S5_ package: cannot power off by ACPI");
        return;
    }
    if (fadt.hw_reduced) {
        if (!control_open(&sleep_control, fadt.sleep_control) && present(&sleep_control))
            power_register(&off_reduced);
    } else if (!control_open(&pm1a, fadt.pm1a_cnt) && present(&pm1a) &&
               !control_open(&pm1b, fadt.pm1b_cnt)) {
        power_register(&off_s5);
    }
}

static int acpi_power_init(void)
{
    const u8 *table;
    u32 len;
    int r = acpi_table_find("FACP", 0, &table, &len);
    if (r)
        return r == -ENOENT ? -ENODEV : r;
    r = acpi_fadt_parse(table, len, &fadt);
    acpi_table_unmap(table, len);
    if (r)
        return r;
    register_off();
    if (!control_open(&reset, fadt.reset) && present(&reset))
        power_register(&reboot_reg);
    return 0;
}
DRIVER(acpi_power, DRIVER_DEVICE, acpi_power_init);
