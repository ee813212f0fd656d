/* Restarting without ACPI, as PCs always could, and turning off the virtual machines that have a
 * port for it. Nothing here writes to a port whose meaning is not known on this machine. */
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/portio.h"
#include "dev/power.h"
#include "lib/string.h"

#define KBC_STATUS 0x64
#define KBC_INPUT_FULL 0x02u
#define KBC_PULSE_RESET 0xfe /* 8042 command: pulse output bit 0, the CPU's reset line */
#define KBC_POLLS 10000
#define RESET_CONTROL 0xcf9 /* PCI chipsets (Intel ICH data sheet, RST_CNT) */
#define RESET_SYSTEM 0x02
#define RESET_NOW 0x04
#define BOCHS_SHUTDOWN 0x8900 /* takes the word "Shutdown", ignores all else */

static void reboot_8042(void)
{
    for (unsigned i = 0; i < KBC_POLLS && inb(KBC_STATUS) & KBC_INPUT_FULL; i++)
        ;
    outb(KBC_STATUS, KBC_PULSE_RESET);
    delay_us(100000);
}

static void reboot_cf9(void)
{
    outb(RESET_CONTROL, RESET_SYSTEM);
    delay_us(50);
    outb(RESET_CONTROL, RESET_SYSTEM | RESET_NOW);
    delay_us(100000);
}

static void off_bochs(void)
{
    for (const char *p = "Shutdown"; *p; p++)
        outb(BOCHS_SHUTDOWN, (u8)*p);
    delay_us(10000);
}

/* Hypervisors name themselves in CPUID 0x40000000 if bit 31 of leaf 1 is set. */
static bool hypervisor_is(const char *signature)
{
    if (!(cpuid(1, 0).ecx >> 31))
        return false;
    struct cpuid_regs r = cpuid(0x40000000, 0);
    u32 name[3] = { r.ebx, r.ecx, r.edx };
    return memcmp(name, signature, sizeof(name)) == 0;
}

static void off_virtualbox(void)
{
    outw(0x4004, 0x3400); /* its PM1a control register: S5 and SLP_EN */
    delay_us(10000);
}

static struct power_method by_8042 = { "8042 reset line", POWER_REBOOT, 10, reboot_8042, NULL };
static struct power_method by_cf9 = { "port 0xCF9", POWER_REBOOT, 20, reboot_cf9, NULL };
static struct power_method by_bochs = { "Bochs shutdown port", POWER_OFF, 20, off_bochs, NULL };
static struct power_method by_virtualbox = { "VirtualBox PM port", POWER_OFF, 10, off_virtualbox, NULL };

static int legacy_power_init(void)
{
    power_register(&by_8042);
    power_register(&by_cf9);
    power_register(&by_bochs);
    if (hypervisor_is("VBoxVBoxVBox"))
        power_register(&by_virtualbox);
    return 0;
}
DRIVER(legacy_power, DRIVER_DEVICE, legacy_power_init);
