/* The 8254 timer, channel 0: the tick of the boot CPU. (Intel 8254 data sheet) */
#include "dev/driver.h"
#include "dev/irq.h"
#include "dev/portio.h"
#include "dev/tick.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_CH0_LOHI_RATE 0x34 /* channel 0, low then high byte, mode 2, binary */
#define PIT_IRQ 0

static void pit_interrupt(unsigned irq, void *ctx)
{
    tick_interrupt();
}

static int pit_init(void)
{
    unsigned divisor = (PIT_HZ + TICK_HZ / 2) / TICK_HZ;
    outb(PIT_COMMAND, PIT_CH0_LOHI_RATE);
    outb(PIT_CHANNEL0, (u8)divisor);
    outb(PIT_CHANNEL0, (u8)(divisor >> 8));
    return irq_request(PIT_IRQ, pit_interrupt, NULL, "pit");
}
DRIVER(pit, DRIVER_IRQCHIP, pit_init);
