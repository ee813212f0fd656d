/* The two 8259A interrupt controllers of the PC: lines 0..7 on the master, 8..15 on the slave,
 * which is wired to the master's line 2. (Intel 8259A data sheet; ICW/OCW numbering is theirs)
 *
 * All lines start masked except the cascade. A line that drops before it is acknowledged shows up
 * as 7 or 15 without its in-service bit: such spurious ones get no end-of-interrupt.
 *
 * It is silenced before anything else: what firmware left open (the PIT's line, mostly) would still
 * stand at the CPU's input when the local APIC closes that, and some machines deliver it then. */
#include "dev/driver.h"
#include "dev/irq.h"
#include "dev/portio.h"

#define MASTER_CMD 0x20
#define MASTER_DATA 0x21
#define SLAVE_CMD 0xa0
#define SLAVE_DATA 0xa1

#define ICW1_INIT_ICW4 0x11
#define ICW4_8086 0x01
#define OCW2_EOI 0x20      /* non-specific */
#define OCW3_READ_ISR 0x0b
#define CASCADE 2u
#define VECTOR_BASE 0x20   /* arch/trap.h: VEC_IRQ_BASE */

static u16 masked = 0xffff & ~(1u << CASCADE); /* guarded by dev/irq's lock */

static void mask_write(void)
{
    outb(MASTER_DATA, (u8)masked);
    outb(SLAVE_DATA, (u8)(masked >> 8));
}

static void pic_mask(unsigned irq)
{
    if (irq == CASCADE)
        return;
    masked |= (u16)(1u << irq);
    mask_write();
}

static void pic_unmask(unsigned irq)
{
    masked &= (u16)~(1u << irq);
    mask_write();
}

static void pic_eoi(unsigned irq)
{
    if (irq >= 8)
        outb(SLAVE_CMD, OCW2_EOI);
    outb(MASTER_CMD, OCW2_EOI);
}

static bool in_service(u16 cmd_port, unsigned bit)
{
    outb(cmd_port, OCW3_READ_ISR);
    return inb(cmd_port) >> bit & 1;
}

static bool pic_spurious(unsigned irq)
{
    if (irq == 7)
        return !in_service(MASTER_CMD, 7);
    if (irq != 15 || in_service(SLAVE_CMD, 7))
        return false;
    outb(MASTER_CMD, OCW2_EOI); /* the master saw a real interrupt: the slave's */
    return true;
}

/* Also the cascade: nothing gets through any more. */
static void pic_retire(void)
{
    masked = 0xffff;
    mask_write();
}

static const struct irqchip pic = {
    .name = "8259",
    .nlines = 16,
    .rank = 1,
    .retire = pic_retire,
    .mask = pic_mask,
    .unmask = pic_unmask,
    .eoi = pic_eoi,
    .spurious = pic_spurious,
};

/* Old chips want a moment between commands; port 0x80 (POST codes) takes about 1 us. */
static void command(u16 port, u8 value)
{
    outb(port, value);
    outb(0x80, 0);
}

static int pic_init(void)
{
    command(MASTER_CMD, ICW1_INIT_ICW4);
    command(SLAVE_CMD, ICW1_INIT_ICW4);
    command(MASTER_DATA, VECTOR_BASE);
    command(SLAVE_DATA, VECTOR_BASE + 8);
    command(MASTER_DATA, 1u << CASCADE); /* ICW3 of the master: bit mask */
    command(SLAVE_DATA, CASCADE);        /* ICW3 of the slave: number */
    command(MASTER_DATA, ICW4_8086);
    command(SLAVE_DATA, ICW4_8086);
    mask_write();
    irq_set_chip(&pic);
    return 0;
}
DRIVER(pic8259, DRIVER_PLATFORM, pic_init);
