/* COM1, a 16550 UART: 115200 baud, 8 data bits, no parity, 1 stop bit.
 *
 * Output is polled, because it must work in a panic; input comes by interrupt. The lock is held
 * for filling the FIFO once, not for a whole text and not while waiting, so that output on a real
 * line does not keep interrupts off.
 *
 * A port that is not there reads 0xFF everywhere and is found out by scratch register and
 * loopback; a port that stops sending (or is unplugged) is waited for once and from then on only
 * looked at. Register numbers and bits: PC16550D data sheet, section 8. */
#include "dev/clock_dev.h"
#include "dev/console.h"
#include "dev/driver.h"
#include "dev/input.h"
#include "dev/irq.h"
#include "dev/lock.h"
#include "dev/portio.h"
#include "lib/errno.h"

#define COM1 0x3f8
#define COM1_IRQ 4

enum { REG_DATA = 0, REG_IER = 1, REG_FCR = 2, REG_LCR = 3, REG_MCR = 4, REG_LSR = 5, REG_SCRATCH = 7 };
enum { REG_DLL = 0, REG_DLM = 1 }; /* while LCR_DLAB is set */
#define IER_RX 0x01
#define FCR_ENABLE_CLEAR_8 0x87 /* FIFOs on, both emptied, receive interrupt at 8 bytes */
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define MCR_DTR_RTS 0x03
#define MCR_DTR 0x01
#define MCR_OUT2 0x08 /* lets the interrupt through to the PIC on a PC */
#define MCR_LOOP 0x10
#define LSR_DATA 0x01
#define LSR_BREAK 0x10
#define LSR_THRE 0x20 /* transmit FIFO empty */
#define LSR_TEMT 0x40 /* shift register empty too */
#define LSR_ABSENT 0xff
#define DIVISOR_115200 1
#define FIFO_SIZE 16

/* A port read takes about a microsecond: 0.1 s, seventy times what a full FIFO needs. */
#define WAIT_READS 100000u
/* For a line that was seen to work: the other end may be a terminal or an emulator that pauses. */
#define LOOK_EVERY_US 10u /* by the clock: a port read alone takes a tenth of that on some machines */
#define WAIT_LOOKS 500000u
#define RX_MAX 256u /* bytes taken in one interrupt; a mad device must not keep the CPU */

static struct spinlock lock = SPINLOCK_INIT("serial");
static bool present, stuck;

static u8 uart_read(unsigned reg) { return inb((u16)(COM1 + reg)); }
static void uart_write(unsigned reg, u8 v) { outb((u16)(COM1 + reg), v); }

static bool uart_wait(u8 lsr_bits, unsigned reads)
{
    while (reads--)
        if (uart_read(REG_LSR) & lsr_bits)
            return true;
    return false;
}

/* One load of the FIFO, if it is empty: bytes taken, 0 while it is not. */
static size_t fifo_load(const char *bytes, size_t n)
{
    size_t count = MIN(n, (size_t)FIFO_SIZE);

    if (!(uart_read(REG_LSR) & LSR_THRE))
        return 0;
    for (size_t i = 0; i < count; i++)
        uart_write(REG_DATA, (u8)bytes[i]);
    return count;
}

static size_t fifo_load_exclusive(const char *bytes, size_t n)
{
    if (console_in_panic())
        return fifo_load(bytes, n);
    u64 state = spin_lock_irqsave(&lock);
    size_t done = fifo_load(bytes, n);
    spin_unlock_irqrestore(&lock, state);
    return done;
}

/* Waits with the lock free and interrupts as the caller had them. */
static void serial_write(struct console_sink *s, const char *bytes, size_t n)
{
    unsigned looks = stuck ? 1 : WAIT_LOOKS;

    while (n > 0) {
        size_t done = fifo_load_exclusive(bytes, n);
        stuck = !done && --looks == 0;
        if (stuck)
            return;
        if (done)
            looks = WAIT_LOOKS;
        else
            delay_us(LOOK_EVERY_US);
        bytes += done;
        n -= done;
    }
}

static struct console_sink serial_sink = { .name = "ttyS0", .write = serial_write, .piece = 4 * FIFO_SIZE };

static bool scratch_holds(u8 v)
{
    uart_write(REG_SCRATCH, v);
    return uart_read(REG_SCRATCH) == v;
}

/* Sends a byte to itself. Firmware may still be sending: let it finish. */
static bool loopback_works(void)
{
    const u8 probe = 0x5c;

    (void)uart_wait(LSR_TEMT, WAIT_READS);
    uart_write(REG_MCR, MCR_LOOP | MCR_DTR_RTS);
    uart_write(REG_FCR, FCR_ENABLE_CLEAR_8);
    uart_write(REG_DATA, probe);
    return uart_wait(LSR_DATA, WAIT_READS) && uart_read(REG_DATA) == probe;
}

static void line_setup(void)
{
    uart_write(REG_IER, 0);
    uart_write(REG_LCR, LCR_DLAB);
    uart_write(REG_DLL, DIVISOR_115200);
    uart_write(REG_DLM, 0);
    uart_write(REG_LCR, LCR_8N1);
}

static int serial_early_init(void)
{
    if (uart_read(REG_LSR) == LSR_ABSENT || !scratch_holds(0x5a) || !scratch_holds(0xa5))
        return -ENODEV;
    line_setup();
    if (!loopback_works())
        return -ENODEV;
    uart_write(REG_FCR, FCR_ENABLE_CLEAR_8);
    uart_write(REG_MCR, MCR_DTR_RTS | MCR_OUT2);
    present = true;
    console_register(&serial_sink);
    return 0;
}

/* Bytes come faster than they are used: leave them in the FIFO and hold the sender back. */
static bool serial_pause_if_full(void)
{
    u64 state = spin_lock_irqsave(&lock);
    bool full = input_full();
    if (full) {
        uart_write(REG_MCR, MCR_DTR | MCR_OUT2);
        uart_write(REG_IER, 0);
    }
    spin_unlock_irqrestore(&lock, state);
    return full;
}

static void serial_resume(void)
{
    u64 state = spin_lock_irqsave(&lock);
    uart_write(REG_MCR, MCR_DTR_RTS | MCR_OUT2);
    uart_write(REG_IER, IER_RX); /* interrupts at once if bytes are waiting */
    spin_unlock_irqrestore(&lock, state);
}

/* Until the receiver is empty: the line to the PIC is an edge, and an edge comes only after the
 * cause was gone. */
static void serial_drain(void)
{
    for (unsigned i = 0; i < RX_MAX; i++) {
        u8 lsr = uart_read(REG_LSR);
        if (lsr == LSR_ABSENT || !(lsr & LSR_DATA) || serial_pause_if_full())
            return;
        u8 byte = uart_read(REG_DATA);
        if (lsr & LSR_BREAK) /* reads as a zero byte that nobody typed */
            continue;
        input_byte(byte);
    }
}

static void serial_irq(unsigned irq, void *ctx)
{
    serial_drain();
}

static int serial_irq_init(void)
{
    if (!present)
        return -ENODEV;
    int r = irq_request(COM1_IRQ, serial_irq, NULL, "serial");
    if (r < 0)
        return r;
    input_set_resume_fn(serial_resume);
    uart_write(REG_IER, IER_RX);
    return 0;
}

DRIVER(serial16550, DRIVER_EARLY, serial_early_init);
DRIVER(serial16550_irq, DRIVER_DEVICE, serial_irq_init);
