/* The 8254 timer, channel 0: one interrupt at a time for the boot CPU, where there is nothing
 * better. It counts no further than 54 ms. (Intel 8254 data sheet) */
#include "dev/driver.h"
#include "dev/irq.h"
#include "dev/portio.h"
#include "dev/tick.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_CH0_LOHI_ONCE 0x30 /* channel 0, low then high byte, mode 0: interrupt on terminal count */
#define PIT_IRQ 0
#define WAIT_MAX_NS 54000000u  /* below 65536 counts */

/* A new count begins anew, whatever the old one has come to. */
static void pit_arm(u64 deadline_ns)
{
    u64 now = clock_now_ns();
    u64 wait = deadline_ns > now ? MIN(deadline_ns - now, WAIT_MAX_NS) : 0;
    u32 count = (u32)((wait * PIT_HZ + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
    count = MAX(count, 2u);
    outb(PIT_COMMAND, PIT_CH0_LOHI_ONCE);
    outb(PIT_CHANNEL0, (u8)count);
    outb(PIT_CHANNEL0, (u8)(count >> 8));
}

static const struct clock_event pit_event = { .name = "pit", .arm = pit_arm };

static void pit_interrupt(unsigned irq, void *ctx)
{
    clock_event_interrupt();
}

static int pit_init(void)
{
    if (clock_event_of(0))
        return 0; /* the CPU has a better one */
    int r = irq_request(PIT_IRQ, pit_interrupt, NULL, "pit");
    if (r == 0)
        clock_event_use(&pit_event);
    return r;
}
DRIVER(pit, DRIVER_IRQCHIP, pit_init);
