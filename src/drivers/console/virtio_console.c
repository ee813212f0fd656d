/* A virtual machine's console: hvc0, by virtio. (Virtual I/O Device Version 1.2, 5.3)
 *
 * Output is copied to a buffer of a ring and left to the device; nobody waits unless all are on their way. Then the
 * clock is looked at, as for a serial line: output must not depend on interrupts. A device that takes nothing for
 * seconds is waited for once and from then on only looked at; what does not fit is lost.
 *
 * Input stays in the buffers where the device put it until a terminal has room; a sender that is faster is held
 * back by the host, for the device runs out of buffers.
 *
 *     the device's --interrupt: input_lines_news()--> arrived --hvc_read--> in hand --all was taken--> the device's
 *
 * Locks: `output` and `input` guard a queue each. In a panic none is respected; if somebody was stopped while he
 * changed the queue, or the device takes nothing, the bytes go through a register that needs no queue, if the device
 * has one: the last resort, for hosts lose more of what comes byte by byte.
 *
 * A device that breaks the queues' rules is stopped: what is written is lost, nothing comes in. */
#include "dev/clock_dev.h"
#include "dev/console.h"
#include "dev/driver.h"
#include "dev/heap.h"
#include "dev/input.h"
#include "dev/lock.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "virtio_ports.h"

enum { F_EMERG_WRITE = 2 }; /* 5.3.3 */
enum { QUEUE_INPUT = 0, QUEUE_OUTPUT = 1 }; /* of port 0; 5.3.2 */
#define CONFIG_EMERG_WRITE 8u /* 5.3.4 */

#define OUTPUTS 32u
#define OUTPUT_SIZE 512u /* what a terminal gives at once */
#define INPUTS 16u
#define INPUT_SIZE 256u
#define LOOK_EVERY_US 10u
#define WAIT_NS (5 * NSEC_PER_SEC) /* the other end may be a terminal that pauses */
#define PANIC_LOOKS 10000u

struct buffers { struct dma mem; u32 size; unsigned n; };

struct hvc {
    struct console_sink sink;
    struct virtio_device dev;
    struct spinlock output, input;
    struct virtio_queue out, in;
    struct buffers out_buf, in_buf; /* one a head: of n chains of one buffer only the first n heads are ever used */
    bool dead, told;                /* atomic */
    bool stuck, waited_in_panic;
    char *hand; /* guarded by input: the buffer that is being read, and how much of it */
    u32 hand_len, hand_at;
};

static char *buffer_of(const struct buffers *b, int head) { return (char *)b->mem.mem + (u32)head * b->size; }

static struct virtq_piece piece_of(const struct buffers *b, int head, u32 len)
{
    return (struct virtq_piece){ b->mem.pa + (u32)head * b->size, len };
}

static bool is_dead(const struct hvc *c) { return __atomic_load_n(&c->dead, __ATOMIC_RELAXED); }

/* Its memory stays: an interrupt may be on its way, and the sink is in the table for ever. */
static void die(struct hvc *c)
{
    if (__atomic_exchange_n(&c->dead, true, __ATOMIC_RELAXED))
        return;
    virtio_stop(&c->dev);
}

/* ---- output ---- */

/* Takes back what has been sent. False: no buffer is free. */
static bool buffer_free(struct hvc *c)
{
    u32 written;
    int r;

    do
        r = virtq_take(&c->out.q, &written);
    while (r >= 0);
    if (r == -EIO)
        die(c);
    return !is_dead(c) && virtq_pending(&c->out.q) < c->out_buf.n;
}

/* Bytes taken; 0: not now. */
static size_t output_load(struct hvc *c, const char *bytes, size_t n)
{
    u32 count = (u32)MIN(n, (size_t)OUTPUT_SIZE);

    if (!buffer_free(c))
        return 0;
    int head = virtq_next_head(&c->out.q);
    struct virtq_piece piece = piece_of(&c->out_buf, head, count);
    memcpy(buffer_of(&c->out_buf, head), bytes, count);
    return virtq_add(&c->out.q, &piece, 1, 0) < 0 ? 0 : count;
}

static size_t output_load_exclusive(struct hvc *c, const char *bytes, size_t n)
{
    if (console_in_panic())
        return output_load(c, bytes, n);
    u64 state = spin_lock_irqsave(&c->output);
    size_t done = output_load(c, bytes, n);
    spin_unlock_irqrestore(&c->output, state);
    return done;
}

static bool has_waited(u64 *since_ns)
{
    u64 now_ns = clock_now_ns();

    if (!*since_ns)
        *since_ns = now_ns;
    return now_ns - *since_ns >= WAIT_NS;
}

static void queue_write(struct hvc *c, const char *bytes, size_t n)
{
    u64 full_since_ns = 0;

    while (n > 0 && !is_dead(c)) {
        size_t done = output_load_exclusive(c, bytes, n);
        c->stuck = !done && (c->stuck || has_waited(&full_since_ns));
        if (c->stuck)
            return;
        if (done) {
            virtio_notify(&c->out);
            full_since_ns = 0;
        } else {
            delay_us(LOOK_EVERY_US);
        }
        bytes += done;
        n -= done;
    }
}

/* First what is under way, or the order would be lost. */
static void wait_for_queue(struct hvc *c)
{
    for (unsigned i = 0; i < PANIC_LOOKS && !c->waited_in_panic && !virtq_is_idle(&c->out.q); i++)
        delay_us(LOOK_EVERY_US);
    c->waited_in_panic = true;
}

static void panic_write(struct hvc *c, const char *bytes, size_t n)
{
    wait_for_queue(c);
    for (size_t i = 0; i < n; i++)
        virtio_config_write32(&c->dev, CONFIG_EMERG_WRITE, (u8)bytes[i]);
}

static bool queue_is_sound(const struct hvc *c) { return spin_is_free(&c->output) && !c->stuck && !is_dead(c); }

static void hvc_write(struct console_sink *s, const char *bytes, size_t n)
{
    struct hvc *c = container_of(s, struct hvc, sink);

    if (console_in_panic() && virtio_has(&c->dev, F_EMERG_WRITE) && !queue_is_sound(c))
        panic_write(c, bytes, n);
    else
        queue_write(c, bytes, n);
}

/* ---- input ---- */

static void arrived(void *ctx) { input_lines_news(); }

/* The device may fill one more. */
static void input_give(struct hvc *c)
{
    struct virtq_piece piece = piece_of(&c->in_buf, virtq_next_head(&c->in.q), INPUT_SIZE);

    if (virtq_add(&c->in.q, &piece, 0, 1) < 0)
        die(c);
}

/* The head is free in the queue while its buffer is in hand, and the next to be added: there is one hand. */
static bool hand_fill(struct hvc *c)
{
    u32 written;
    int head = virtq_take(&c->in.q, &written);

    if (head == -EIO)
        die(c);
    if (head < 0)
        return false;
    c->hand = buffer_of(&c->in_buf, head);
    c->hand_len = written;
    c->hand_at = 0;
    return true;
}

/* Adds to what was read; *given: buffers that went back. False: there is no more. */
static bool read_piece(struct hvc *c, char *bytes, size_t n, size_t *done, unsigned *given)
{
    if (!c->hand && !hand_fill(c))
        return false;
    u32 count = (u32)MIN(n - *done, (size_t)(c->hand_len - c->hand_at));
    memcpy(bytes + *done, c->hand + c->hand_at, count);
    *done += count;
    c->hand_at += count;
    if (c->hand_at == c->hand_len) {
        c->hand = NULL;
        input_give(c);
        ++*given;
    }
    return true;
}

/* Here, for a sink that writes must not log. */
static void death_tell(struct hvc *c)
{
    if (!__atomic_exchange_n(&c->told, true, __ATOMIC_RELAXED))
        kerr("hvc0: the device does not keep the rules of its queues; it was stopped");
}

static size_t hvc_read(struct console_sink *s, char *bytes, size_t n)
{
    struct hvc *c = container_of(s, struct hvc, sink);
    unsigned given = 0;
    size_t done = 0;

    u64 state = spin_lock_irqsave(&c->input);
    while (done < n && !is_dead(c) && given < INPUTS && read_piece(c, bytes, n, &done, &given))
        ;
    spin_unlock_irqrestore(&c->input, state);
    if (is_dead(c))
        death_tell(c);
    else if (given)
        virtio_notify(&c->in);
    return done;
}

/* ---- start ---- */

static int buffers_alloc(const struct virtio_queue *q, struct buffers *b, unsigned want, u32 size)
{
    b->n = MIN(want, q->q.n);
    b->size = size;
    return dma_alloc((b->n * size + PAGE_SIZE - 1) / PAGE_SIZE, &b->mem) ? 0 : -ENOMEM;
}

static int queues_open(struct hvc *c)
{
    int r = virtio_queue_open(&c->dev, QUEUE_INPUT, INPUTS, false, &c->in);

    if (r == 0)
        r = buffers_alloc(&c->in, &c->in_buf, INPUTS, INPUT_SIZE);
    if (r == 0)
        r = virtio_queue_open(&c->dev, QUEUE_OUTPUT, OUTPUTS, true, &c->out);
    if (r == 0)
        r = buffers_alloc(&c->out, &c->out_buf, OUTPUTS, OUTPUT_SIZE);
    return r;
}

static int device_open(struct hvc *c, const struct pci_device *found)
{
    int r = virtio_open(&c->dev, found, 1ul << F_EMERG_WRITE);

    if (r)
        return r;
    if (virtio_irq_request(&c->dev, arrived, c, "hvc0"))
        kwarn("hvc0: no interrupt: nothing can be typed there");
    r = queues_open(c);
    if (r == 0)
        return 0;
    virtio_close(&c->dev);
    virtio_queue_close(&c->in);
    virtio_queue_close(&c->out);
    dma_free(&c->in_buf.mem);
    dma_free(&c->out_buf.mem);
    return r;
}

static void device_start(struct hvc *c)
{
    for (unsigned i = 0; i < c->in_buf.n; i++)
        input_give(c);
    virtio_start(&c->dev);
    virtio_notify(&c->in);
    console_register(&c->sink);
}

/* The first that has a console; *r says why there is none. */
static const struct pci_device *device_find(int *r)
{
    const struct pci_device *d = NULL;
    bool is_console = false;

    *r = -ENODEV;
    while ((d = virtio_next(VIRTIO_CONSOLE, d))) {
        *r = virtio_port_is_console(d, &is_console);
        if (*r == 0 && is_console)
            return d;
        *r = *r ? *r : -ENODEV;
    }
    return NULL;
}

static int hvc_init(void)
{
    int r;
    const struct pci_device *found = device_find(&r);

    if (!found)
        return r;
    struct hvc *c = kzalloc(sizeof(*c));
    if (!c)
        return -ENOMEM;
    spin_init(&c->output, "hvc output");
    spin_init(&c->input, "hvc input");
    c->sink = (struct console_sink){ .name = "hvc0", .write = hvc_write, .read = hvc_read, .piece = OUTPUT_SIZE };
    r = device_open(c, found);
    if (r)
        kfree(c);
    else
        device_start(c);
    return r;
}
DRIVER(virtio_console, DRIVER_DEVICE, hvc_init);
