/* Asking a virtio console device what it carries. (Virtual I/O Device Version 1.2, 5.3.6)
 *
 * With the feature MULTIPORT a device says by messages which ports it has and which of them are consoles. Without it
 * there is port 0 alone, and that is one. Serving it needs no messages: so the feature is used for the question, and
 * given up again by a reset. Consoles at other ports are not looked for.
 *
 *     DEVICE_READY --> PORT_ADD 0; PORT_READY 0 --> CONSOLE_PORT 0
 *
 * All of it is polled, for a short while: devices answer while they take the question. */
#include "dev/clock_dev.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "virtio_ports.h"

enum { F_MULTIPORT = 1 }; /* 5.3.3 */
enum { QUEUE_FROM_DEVICE = 2, QUEUE_TO_DEVICE = 3 };
enum { DEVICE_READY = 0, PORT_ADD = 1, PORT_READY = 3, CONSOLE_PORT = 4 };
struct message { u32 port; u16 event, value; };

#define BUFFERS 32u /* as many ports as devices have: messages without a buffer are lost */
#define BUFFER_SIZE 64u
#define LOOK_EVERY_US 10u
#define TAKEN_LOOKS 10000u
#define ANSWER_LOOKS 1000u

struct asking {
    struct virtio_device dev;
    struct virtio_queue from, to;
    struct dma mem; /* BUFFERS, and one to send from */
    bool is_there, is_console;
};

static char *buffer_of(struct asking *a, unsigned i) { return (char *)a->mem.mem + i * BUFFER_SIZE; }

static int buffer_give(struct asking *a)
{
    int head = virtq_next_head(&a->from.q);
    struct virtq_piece piece = { a->mem.pa + (u32)head * BUFFER_SIZE, BUFFER_SIZE };

    return virtq_add(&a->from.q, &piece, 0, 1);
}

static void message_read(struct asking *a, const char *bytes, u32 len)
{
    struct message m;

    if (len < sizeof(m))
        return;
    memcpy(&m, bytes, sizeof(m));
    if (m.port == 0 && m.event == PORT_ADD)
        a->is_there = true;
    if (m.port == 0 && m.event == CONSOLE_PORT)
        a->is_console = m.value;
}

/* Until the answer has come, or enough time has passed, or so many other messages. */
static int answer_wait(struct asking *a, const bool *answer)
{
    u32 len;

    for (unsigned looks = 0; looks < ANSWER_LOOKS && !*answer; looks++) {
        int head = virtq_take(&a->from.q, &len);
        if (head == -EAGAIN) {
            delay_us(LOOK_EVERY_US);
            continue;
        }
        if (head < 0)
            return head;
        message_read(a, buffer_of(a, (unsigned)head), len);
        if (buffer_give(a) < 0)
            return -EIO;
        virtio_notify(&a->from);
    }
    return 0;
}

static int message_send(struct asking *a, u16 event)
{
    struct message m = { .port = 0, .event = event, .value = 1 };
    struct virtq_piece piece = { a->mem.pa + BUFFERS * BUFFER_SIZE, sizeof(m) };
    u32 len;

    memcpy(buffer_of(a, BUFFERS), &m, sizeof(m));
    int r = virtq_add(&a->to.q, &piece, 1, 0);
    if (r < 0)
        return r;
    virtio_notify(&a->to);
    r = -EAGAIN;
    for (unsigned looks = 0; looks < TAKEN_LOOKS && r == -EAGAIN; looks++) {
        r = virtq_take(&a->to.q, &len);
        if (r == -EAGAIN)
            delay_us(LOOK_EVERY_US);
    }
    return r < 0 ? -EIO : 0;
}

static int ask(struct asking *a)
{
    int r = message_send(a, DEVICE_READY);

    if (r == 0)
        r = answer_wait(a, &a->is_there);
    if (r || !a->is_there)
        return r;
    r = message_send(a, PORT_READY);
    return r ? r : answer_wait(a, &a->is_console);
}

static int queues_open(struct asking *a)
{
    int r = virtio_queue_open(&a->dev, QUEUE_FROM_DEVICE, BUFFERS, true, &a->from);

    if (r == 0)
        r = virtio_queue_open(&a->dev, QUEUE_TO_DEVICE, 1, true, &a->to);
    if (r == 0 && !dma_alloc(1, &a->mem))
        r = -ENOMEM;
    for (unsigned i = 0; r == 0 && i < MIN(BUFFERS, a->from.q.n); i++)
        r = MIN(buffer_give(a), 0);
    return r;
}

int virtio_port_is_console(const struct pci_device *d, bool *answer)
{
    struct asking a = { 0 };
    int r = virtio_open(&a.dev, d, 1ul << F_MULTIPORT);

    if (r)
        return r;
    *answer = !virtio_has(&a.dev, F_MULTIPORT);
    if (!*answer) {
        r = queues_open(&a);
        if (r == 0) {
            virtio_start(&a.dev);
            virtio_notify(&a.from);
            r = ask(&a);
            *answer = a.is_console;
        }
    }
    virtio_close(&a.dev);
    virtio_queue_close(&a.from);
    virtio_queue_close(&a.to);
    dma_free(&a.mem);
    return r;
}
