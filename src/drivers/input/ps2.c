/* The keyboard behind an 8042 controller, real or made up by firmware.
 *
 * Found by asking, never by tables: many machines with a keyboard have no (or a wrong) ACPI flag
 * for it. Every wait is bounded; a controller that does not answer means -ENODEV and nothing else.
 * The controller's translation to scan code set 1 stays on, as firmware left it.
 *
 * Lamps are set without waiting: command, then the interrupt that brings its acknowledgement sends
 * the argument. Controller and bits: IBM PS/2 technical reference, "Keyboard and Auxiliary Device
 * Controller". */
#include "dev/driver.h"
#include "dev/input.h"
#include "dev/irq.h"
#include "dev/lock.h"
#include "dev/portio.h"
#include "lib/errno.h"
#include "ps2_decode.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define PORT_COMMAND 0x64
#define KEYBOARD_IRQ 1

#define STATUS_OUT_FULL 0x01 /* a byte to read */
#define STATUS_IN_FULL 0x02  /* our last byte not yet taken */
#define STATUS_AUX 0x20      /* the byte is the mouse's */
#define STATUS_ABSENT 0xff
#define CMD_READ_CONFIG 0x20
#define CMD_WRITE_CONFIG 0x60
#define CMD_AUX_OFF 0xa7
#define CMD_KBD_OFF 0xad
#define CMD_KBD_ON 0xae
#define CONFIG_KBD_IRQ 0x01
#define CONFIG_AUX_IRQ 0x02
#define CONFIG_KBD_CLOCK_OFF 0x10
#define CONFIG_AUX_CLOCK_OFF 0x20
#define CONFIG_TRANSLATE 0x40
#define KBD_SET_LEDS 0xed
#define KBD_ENABLE 0xf4
#define KBD_ACK 0xfa
#define KBD_RESEND 0xfe

/* A port read takes about a microsecond. */
#define WAIT_READS 50000u      /* 50 ms: a command of the controller, at start only */
#define WAIT_READS_SHORT 100u  /* with the lock held */
#define DRAIN_MAX 64u          /* bytes; the controller holds one, firmware emulations a few */

static struct spinlock lock = SPINLOCK_INIT("ps2");
static struct ps2_decoder decoder;             /* guarded by lock, as are these: */
static enum { LED_IDLE, LED_COMMAND, LED_ARGUMENT } led_state;
static u8 led_argument;

static bool in_wait(unsigned reads)
{
    while (reads--)
        if (!(inb(PORT_STATUS) & STATUS_IN_FULL))
            return true;
    return false;
}

static bool out_wait(unsigned reads)
{
    while (reads--)
        if (inb(PORT_STATUS) & STATUS_OUT_FULL)
            return true;
    return false;
}

static bool command_send(u8 command)
{
    if (!in_wait(WAIT_READS))
        return false;
    outb(PORT_COMMAND, command);
    return true;
}

static bool data_send(u8 byte, unsigned reads)
{
    if (!in_wait(reads))
        return false;
    outb(PORT_DATA, byte);
    return true;
}

static void out_flush(void)
{
    for (unsigned i = 0; i < DRAIN_MAX && (inb(PORT_STATUS) & STATUS_OUT_FULL); i++)
        (void)inb(PORT_DATA);
}

static bool config_read(u8 *config)
{
    if (!command_send(CMD_READ_CONFIG) || !out_wait(WAIT_READS))
        return false;
    *config = inb(PORT_DATA);
    return true;
}

static bool config_write(u8 config)
{
    return command_send(CMD_WRITE_CONFIG) && data_send(config, WAIT_READS);
}

/* The lamps' conversation: eats the keyboard's answers. A byte that is no answer is a key. */
static bool led_answer_locked(u8 byte)
{
    if (byte != KBD_ACK && byte != KBD_RESEND)
        return false;
    if (byte == KBD_ACK && led_state == LED_COMMAND && data_send(led_argument, WAIT_READS_SHORT))
        led_state = LED_ARGUMENT;
    else
        led_state = LED_IDLE;
    return true;
}

static void byte_receive_locked(u8 byte)
{
    u16 code;
    bool pressed;

    if (led_answer_locked(byte))
        return;
    if (ps2_decode(&decoder, byte, &code, &pressed))
        input_key(code, pressed);
}

/* Until the output buffer is empty: the line is an edge and does not come again for what is left. */
static void keyboard_irq(unsigned irq, void *ctx)
{
    u64 state = spin_lock_irqsave(&lock);

    for (unsigned i = 0; i < DRAIN_MAX; i++) {
        u8 status = inb(PORT_STATUS);
        if (status == STATUS_ABSENT || !(status & STATUS_OUT_FULL))
            break;
        u8 byte = inb(PORT_DATA);
        if (!(status & STATUS_AUX))
            byte_receive_locked(byte);
    }
    spin_unlock_irqrestore(&lock, state);
}

/* leds has the bits of KBD_SET_LEDS already. A conversation that hangs is simply begun anew. */
static void leds_set(unsigned leds)
{
    u64 state = spin_lock_irqsave(&lock);

    led_argument = (u8)(leds & 7);
    led_state = data_send(KBD_SET_LEDS, WAIT_READS_SHORT) ? LED_COMMAND : LED_IDLE;
    spin_unlock_irqrestore(&lock, state);
}

/* Both ports quiet, buffer empty, configuration as we need it. Interrupts stay off until the end,
 * so that our own answers do not arrive as keys. */
static int controller_setup(void)
{
    u8 config;

    if (inb(PORT_STATUS) == STATUS_ABSENT)
        return -ENODEV;
    if (!command_send(CMD_KBD_OFF) || !command_send(CMD_AUX_OFF))
        return -ENODEV;
    out_flush();
    if (!config_read(&config) || config == 0xff)
        return -ENODEV;
    config &= (u8)~(CONFIG_KBD_IRQ | CONFIG_AUX_IRQ | CONFIG_KBD_CLOCK_OFF);
    config |= CONFIG_TRANSLATE | CONFIG_AUX_CLOCK_OFF;
    if (!config_write(config) || !command_send(CMD_KBD_ON))
        return -ENODEV;
    /* A keyboard that was told to be silent; if none is plugged in nobody answers, and one that is
     * plugged in later starts by itself. */
    if (data_send(KBD_ENABLE, WAIT_READS))
        (void)out_wait(WAIT_READS);
    out_flush();
    return config_write(config | CONFIG_KBD_IRQ) ? 0 : -ENODEV;
}

static int ps2_init(void)
{
    int r = controller_setup();
    if (r < 0)
        return r;
    r = irq_request(KEYBOARD_IRQ, keyboard_irq, NULL, "keyboard");
    if (r < 0)
        return r;
    input_set_led_fn(leds_set);
    keyboard_irq(KEYBOARD_IRQ, NULL); /* an edge from before the line was open would be the last */
    return 0;
}

DRIVER(ps2_keyboard, DRIVER_DEVICE, ps2_init);
