/* The 8254 timer, channel 2: no interrupt, but a count that can be read at any time. The TSC is
 * measured against it where there is nothing better. (Intel 8254 data sheet) */
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/portio.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CH2_LOHI_ONCE 0xb0 /* channel 2, low then high byte, mode 0: counts down, wraps, goes on */
#define PIT_CH2_LATCH 0x80
#define PIT_GATE 0x61
#define GATE_ON 1
#define SPEAKER_ON 2

static u32 pit_count_read(void)
{
    outb(PIT_COMMAND, PIT_CH2_LATCH);
    u8 low = inb(PIT_CHANNEL2);
    return 0xffffu - (low | (u32)inb(PIT_CHANNEL2) << 8);
}

static const struct tsc_reference reference = { "the PIT", PIT_HZ, 0xffff, pit_count_read };

static int pit_count_init(void)
{
    outb(PIT_GATE, (u8)((inb(PIT_GATE) & ~SPEAKER_ON) | GATE_ON));
    outb(PIT_COMMAND, PIT_CH2_LOHI_ONCE);
    outb(PIT_CHANNEL2, 0xff);
    outb(PIT_CHANNEL2, 0xff);
    tsc_reference_add(&reference);
    return 0;
}
DRIVER(pit_count, DRIVER_PLATFORM, pit_count_init);
