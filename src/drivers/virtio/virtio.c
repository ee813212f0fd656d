/* From a PCI function to a device that works: the steps that all virtio devices share, over either way to their
 * registers. (Virtual I/O Device Version 1.2, 3.1)
 *
 *     reset -> ACKNOWLEDGE, DRIVER -> features -> FEATURES_OK -> queues -> DRIVER_OK
 *
 * A device that does not answer in time, or not as it must, is left reset and without access to memory. */
#include "dev/clock_dev.h"
#include "dev/heap.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "virtio_priv.h"

#define VENDOR 0x1af4u /* 4.1.2 */
#define ID_MODERN 0x1040u
#define ID_TRANSITIONAL_FIRST 0x1000u
#define ID_TRANSITIONAL_LAST 0x103fu
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 }; /* 2.1 */
#define F_VERSION_1 (1ul << 32)      /* 6 */
#define F_ACCESS_PLATFORM (1ul << 33) /* addresses are what the platform says: here, physical ones */
#define RESET_LOOKS 10000u
#define LOOK_EVERY_US 10u
#define IDLE_MAX 10000u /* a line that others share interrupts in vain now and then, not that often in a row */

const struct pci_device *virtio_next(enum virtio_type type, const struct pci_device *after)
{
    for (const struct pci_device *d = after; (d = pci_next(VENDOR, d));) {
        bool transitional = d->id >= ID_TRANSITIONAL_FIRST && d->id <= ID_TRANSITIONAL_LAST;
        if (transitional ? pci_read16(d, PCI_SUBSYSTEM + 2) == type : d->id == ID_MODERN + type)
            return d;
    }
    return NULL;
}

static int registers_open(struct virtio_device *v)
{
    v->ops = &virtio_modern_ops;
    if (v->ops->open(v) == 0)
        return 0;
    v->ops = &virtio_legacy_ops;
    return v->ops->open(v);
}

static int reset(struct virtio_device *v)
{
    v->ops->status_set(v, 0);
    for (unsigned i = 0; i < RESET_LOOKS; i++) {
        if (v->ops->status_get(v) == 0)
            return 0;
        delay_us(LOOK_EVERY_US);
    }
    return -EIO;
}

static void status_add(struct virtio_device *v, u8 bits) { v->ops->status_set(v, v->ops->status_get(v) | bits); }

static int features_agree(struct virtio_device *v, u64 wanted)
{
    u64 offered = v->ops->features_get(v);

    if (!v->ops->is_legacy) {
        if (!(offered & F_VERSION_1))
            return -EIO;
        wanted |= F_VERSION_1 | F_ACCESS_PLATFORM;
    }
    v->features = offered & wanted;
    v->ops->features_set(v, v->features);
    if (v->ops->is_legacy)
        return 0;
    status_add(v, FEATURES_OK);
    return v->ops->status_get(v) & FEATURES_OK ? 0 : -EIO;
}

int virtio_open(struct virtio_device *v, const struct pci_device *d, u64 wanted)
{
    *v = (struct virtio_device){ .pci = d };
    int r = registers_open(v);
    if (r)
        return r;
    r = reset(v);
    if (r)
        goto undo_open;
    status_add(v, ACKNOWLEDGE);
    status_add(v, DRIVER);
    r = features_agree(v, wanted);
    if (r)
        goto undo_status;
    pci_command(d, PCI_MASTER, 0);
    kdebug("virtio: %04x is %s, features %#lx", d->id, v->ops->name, v->features);
    return 0;

undo_status:
    v->ops->status_set(v, FAILED);
undo_open:
    v->ops->close(v);
    return r;
}

/* A line that is shared may be held down by a device that nobody serves, and would interrupt for ever. */
static void not_ours(struct virtio_device *v)
{
    if (++v->idle < IDLE_MAX)
        return;
    kerr("virtio: interrupt line %u is held by another device; given up", v->irq.line);
    pci_irq_release(v->pci, &v->irq);
    v->has_irq = false;
}

static void interrupted(unsigned irq, void *ctx)
{
    struct virtio_device *v = ctx;

    if (!v->irq.is_message && !v->ops->isr_take(v)) {
        not_ours(v);
        return;
    }
    v->idle = 0;
    v->handler(v->ctx);
}

int virtio_irq_request(struct virtio_device *v, void (*handler)(void *ctx), void *ctx, const char *name)
{
    v->handler = handler;
    v->ctx = ctx;
    int r = pci_irq_request(v->pci, interrupted, v, name, &v->irq);
    v->has_irq = r == 0;
    return r;
}

static int queue_memory(struct virtio_queue *q, const struct virtq_layout *l, unsigned n)
{
    struct virtq_slot *slot = kmalloc(n * sizeof(*slot));

    if (!slot || !dma_alloc((l->size + PAGE_SIZE - 1) / PAGE_SIZE, &q->mem)) {
        kfree(slot);
        return -ENOMEM;
    }
    virtq_init(&q->q, n, q->mem.mem, l, slot);
    return 0;
}

int virtio_queue_open(struct virtio_device *v, unsigned index, unsigned want, bool quiet, struct virtio_queue *q)
{
    unsigned has = v->ops->queue_size(v, index), n = v->ops->is_legacy ? has : MIN(has, want);

    *q = (struct virtio_queue){ .device = v, .index = index };
    if (has == 0)
        return -ENOENT;
    if (n > VIRTQ_MAX || (n & (n - 1)))
        return -EINVAL;
    struct virtq_layout l = virtq_layout(n, v->ops->used_align);
    int r = queue_memory(q, &l, n);
    if (r)
        return r;
    if (quiet)
        virtq_be_quiet(&q->q);
    return v->ops->queue_start(q, &l, quiet || !v->has_irq || !v->irq.is_message ? VIRTIO_VECTOR_NONE : VIRTIO_VECTOR);
}

void virtio_queue_close(struct virtio_queue *q)
{
    if (!q->device)
        return;
    if (q->notify)
        pci_bar_unmap(q->notify, sizeof(u16));
    dma_free(&q->mem);
    kfree(q->q.slot);
    *q = (struct virtio_queue){ 0 };
}

void virtio_start(struct virtio_device *v) { status_add(v, DRIVER_OK); }

void virtio_stop(struct virtio_device *v)
{
    v->ops->status_set(v, 0);
    pci_command(v->pci, 0, PCI_MASTER);
}

void virtio_close(struct virtio_device *v)
{
    (void)reset(v); /* in vain: then it has no way to memory all the same */
    pci_command(v->pci, 0, PCI_MASTER);
    if (v->has_irq)
        pci_irq_release(v->pci, &v->irq);
    v->ops->close(v);
}

void virtio_notify(struct virtio_queue *q)
{
    if (virtq_wants_notice(&q->q))
        q->device->ops->notify(q);
}

u16 virtio_config_read16(struct virtio_device *v, unsigned offset) { return (u16)v->ops->config_read(v, offset, 2); }
u32 virtio_config_read32(struct virtio_device *v, unsigned offset) { return v->ops->config_read(v, offset, 4); }

void virtio_config_write32(struct virtio_device *v, unsigned offset, u32 value)
{
    v->ops->config_write(v, offset, value);
}
