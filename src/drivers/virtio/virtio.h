/* Virtio devices on PCI, for their drivers. (Virtual I/O Device Version 1.2, chapters 2 to 4)
 *
 *     virtio_next -> virtio_open -> virtio_irq_request -> virtio_queue_open... -> virtio_start
 *
 * virtio_close undoes whatever of that was done. None of these from interrupts. A device of either kind serves:
 * modern (registers where capabilities say) and legacy (I/O ports, before version 1.0). */
#pragma once
#include "dev/dma.h"
#include "dev/pci.h"
#include "virtq.h"

enum virtio_type { VIRTIO_CONSOLE = 3 }; /* chapter 5 */

struct virtio_device {
    const struct pci_device *pci;
    const struct virtio_ops *ops;
    u64 features; /* offered and wanted */
    bool has_irq;
    struct pci_irq irq;
    void (*handler)(void *ctx);
    void *ctx;
    unsigned idle; /* interrupts of a shared line in a row that were not this device's */
    struct { u8 *common, *isr, *config; u32 config_len; unsigned notify_cap; } modern;
    struct { u16 port; } legacy;
};

struct virtio_queue {
    struct virtq q;
    struct virtio_device *device;
    unsigned index;
    struct dma mem;
    u8 *notify; /* modern */
};

/* The next function behind `after` that is such a device. */
const struct pci_device *virtio_next(enum virtio_type type, const struct pci_device *after);
/* Resets the device and agrees on features. -ENODEV: no registers that could be used; -EIO: it does not do as it
 * must. v is undefined then. */
int virtio_open(struct virtio_device *v, const struct pci_device *d, u64 wanted) MUST_CHECK;
/* handler: in interrupts, when a queue that is not quiet was given something back. */
int virtio_irq_request(struct virtio_device *v, void (*handler)(void *ctx), void *ctx, const char *name) MUST_CHECK;
/* A queue of `want` entries (a power of two) or what the device has. A quiet one never interrupts. -ENOENT: the
 * device has no such queue; -EINVAL: of a size that cannot be; -EIO; -ENOMEM. To be closed even then. */
int virtio_queue_open(struct virtio_device *v, unsigned index, unsigned want, bool quiet,
                      struct virtio_queue *out) MUST_CHECK;
/* The device was stopped. A queue that was never opened (all zeroes) is ignored. */
void virtio_queue_close(struct virtio_queue *q);
/* All queues are there: the device may work. */
void virtio_start(struct virtio_device *v);
/* It touches no memory any more. Any context. */
void virtio_stop(struct virtio_device *v);
void virtio_close(struct virtio_device *v);

/* Tells the device what was added, if it wants to be told. Any context. */
void virtio_notify(struct virtio_queue *q);
static inline bool virtio_has(const struct virtio_device *v, unsigned feature) { return v->features >> feature & 1; }
/* The device's own configuration; ones where it has none. */
u16 virtio_config_read16(struct virtio_device *v, unsigned offset);
u32 virtio_config_read32(struct virtio_device *v, unsigned offset);
void virtio_config_write32(struct virtio_device *v, unsigned offset, u32 value);
