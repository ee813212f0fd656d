/* The two ways to a virtio device's registers. */
#pragma once
#include "virtio.h"

#define VIRTIO_VECTOR_NONE 0xffffu /* 4.1.5.1.2 */
#define VIRTIO_VECTOR 0u           /* the one that dev/pci.h gives */

struct virtio_ops {
    const char *name;
    bool is_legacy;
    size_t used_align;
    int (*open)(struct virtio_device *v); /* -ENODEV: not this way */
    void (*close)(struct virtio_device *v);
    u8 (*status_get)(struct virtio_device *v);
    void (*status_set)(struct virtio_device *v, u8 status);
    u64 (*features_get)(struct virtio_device *v);
    void (*features_set)(struct virtio_device *v, u64 features);
    u8 (*isr_take)(struct virtio_device *v); /* why it raised its line, which falls */
    unsigned (*queue_size)(struct virtio_device *v, unsigned index); /* 0: there is none */
    int (*queue_start)(struct virtio_queue *q, const struct virtq_layout *l, u16 vector);
    void (*notify)(struct virtio_queue *q);
    /* width: bytes, 2 or 4 */
    u32 (*config_read)(struct virtio_device *v, unsigned offset, unsigned width);
    void (*config_write)(struct virtio_device *v, unsigned offset, u32 value);
};
extern const struct virtio_ops virtio_modern_ops, virtio_legacy_ops;
