/* Registers of a virtio 1.x device: four windows into its memory BARs, each named by a capability.
 * (Virtual I/O Device Version 1.2, 4.1.4) */
#include "dev/mmio.h"
#include "lib/errno.h"
#include "virtio_priv.h"

enum { CAP_COMMON = 1, CAP_NOTIFY = 2, CAP_ISR = 3, CAP_DEVICE = 4 }; /* 4.1.4 */
enum { CAP_TYPE = 3, CAP_BAR = 4, CAP_OFFSET = 8, CAP_LENGTH = 12, CAP_MULTIPLIER = 16 };
enum { /* 4.1.4.3 */
    DEVICE_FEATURE_SELECT = 0x00, DEVICE_FEATURE = 0x04, DRIVER_FEATURE_SELECT = 0x08, DRIVER_FEATURE = 0x0c,
    MSIX_CONFIG = 0x10, STATUS = 0x14, QUEUE_SELECT = 0x16, QUEUE_SIZE = 0x18, QUEUE_VECTOR = 0x1a, QUEUE_ENABLE = 0x1c,
    QUEUE_NOTIFY_OFF = 0x1e, QUEUE_DESC = 0x20, QUEUE_DRIVER = 0x28, QUEUE_DEVICE = 0x30, COMMON_LENGTH = 0x38,
};
#define ISR_LENGTH 1u
#define NOTIFY_LENGTH 2u
#define CONFIG_LENGTH_MAX 256u /* no driver here looks further */

static unsigned cap_find(const struct pci_device *d, u8 type)
{
    unsigned cap = 0;

    while ((cap = pci_capability(d, PCI_CAP_VENDOR, cap)))
        if (pci_read8(d, cap + CAP_TYPE) == type)
            return cap;
    return 0;
}

/* len bytes from `skip` on of the window; NULL if it is not so large. */
static u8 *cap_map(const struct pci_device *d, unsigned cap, u64 skip, u32 len)
{
    if (!cap || skip + len > pci_read32(d, cap + CAP_LENGTH))
        return NULL;
    return pci_bar_map(d, pci_read8(d, cap + CAP_BAR), pci_read32(d, cap + CAP_OFFSET) + skip, len);
}

static void modern_close(struct virtio_device *v)
{
    pci_bar_unmap(v->modern.common, COMMON_LENGTH);
    pci_bar_unmap(v->modern.isr, ISR_LENGTH);
    pci_bar_unmap(v->modern.config, v->modern.config_len);
}

static int modern_open(struct virtio_device *v)
{
    const struct pci_device *d = v->pci;
    unsigned config = cap_find(d, CAP_DEVICE);

    v->modern.notify_cap = cap_find(d, CAP_NOTIFY);
    v->modern.common = cap_map(d, cap_find(d, CAP_COMMON), 0, COMMON_LENGTH);
    v->modern.isr = cap_map(d, cap_find(d, CAP_ISR), 0, ISR_LENGTH);
    v->modern.config_len = config ? MIN(pci_read32(d, config + CAP_LENGTH), CONFIG_LENGTH_MAX) : 0;
    v->modern.config = cap_map(d, config, 0, v->modern.config_len);
    if (v->modern.notify_cap && v->modern.common && v->modern.isr) {
        pci_command(d, PCI_MEMORY, 0);
        return 0;
    }
    modern_close(v);
    return -ENODEV;
}

static u8 modern_status_get(struct virtio_device *v) { return mmio_read8(v->modern.common + STATUS); }
static void modern_status_set(struct virtio_device *v, u8 status) { mmio_write8(v->modern.common + STATUS, status); }

static u64 modern_features_get(struct virtio_device *v)
{
    mmio_write32(v->modern.common + DEVICE_FEATURE_SELECT, 1);
    u64 high = mmio_read32(v->modern.common + DEVICE_FEATURE);
    mmio_write32(v->modern.common + DEVICE_FEATURE_SELECT, 0);
    return high << 32 | mmio_read32(v->modern.common + DEVICE_FEATURE);
}

static void modern_features_set(struct virtio_device *v, u64 features)
{
    for (u32 half = 0; half < 2; half++) {
        mmio_write32(v->modern.common + DRIVER_FEATURE_SELECT, half);
        mmio_write32(v->modern.common + DRIVER_FEATURE, (u32)(features >> (32 * half)));
    }
}

static u8 modern_isr_take(struct virtio_device *v) { return mmio_read8(v->modern.isr); }

static unsigned modern_queue_size(struct virtio_device *v, unsigned index)
{
    mmio_write16(v->modern.common + QUEUE_SELECT, (u16)index);
    return mmio_read16(v->modern.common + QUEUE_SIZE);
}

static void address_write(struct virtio_device *v, unsigned reg, paddr_t pa)
{
    mmio_write32(v->modern.common + reg, (u32)pa);
    mmio_write32(v->modern.common + reg + 4, (u32)(pa >> 32));
}

static int modern_queue_start(struct virtio_queue *q, const struct virtq_layout *l, u16 vector)
{
    struct virtio_device *v = q->device;
    u8 *common = v->modern.common;

    mmio_write16(common + QUEUE_SELECT, (u16)q->index);
    u64 skip = (u64)mmio_read16(common + QUEUE_NOTIFY_OFF) * pci_read32(v->pci, v->modern.notify_cap + CAP_MULTIPLIER);
    q->notify = cap_map(v->pci, v->modern.notify_cap, skip, NOTIFY_LENGTH);
    if (!q->notify)
        return -EIO;
    mmio_write16(common + QUEUE_SIZE, (u16)q->q.n);
    mmio_write16(common + QUEUE_VECTOR, vector);
    if (mmio_read16(common + QUEUE_VECTOR) != vector && v->irq.is_message) /* it has no room for it; 4.1.5.1.2 */
        return -EIO;
    address_write(v, QUEUE_DESC, q->mem.pa);
    address_write(v, QUEUE_DRIVER, q->mem.pa + l->avail);
    address_write(v, QUEUE_DEVICE, q->mem.pa + l->used);
    mmio_write16(common + QUEUE_ENABLE, 1);
    return 0;
}

static void modern_notify(struct virtio_queue *q) { mmio_write16(q->notify, (u16)q->index); }

static bool in_config(const struct virtio_device *v, unsigned offset, unsigned width)
{
    return v->modern.config && offset + width <= v->modern.config_len;
}

static u32 modern_config_read(struct virtio_device *v, unsigned offset, unsigned width)
{
    if (!in_config(v, offset, width))
        return ~0u;
    return width == 2 ? mmio_read16(v->modern.config + offset) : mmio_read32(v->modern.config + offset);
}

static void modern_config_write(struct virtio_device *v, unsigned offset, u32 value)
{
    if (in_config(v, offset, 4))
        mmio_write32(v->modern.config + offset, value);
}

const struct virtio_ops virtio_modern_ops = {
    .name = "modern",
    .used_align = 4,
    .open = modern_open,
    .close = modern_close,
    .status_get = modern_status_get,
    .status_set = modern_status_set,
    .features_get = modern_features_get,
    .features_set = modern_features_set,
    .isr_take = modern_isr_take,
    .queue_size = modern_queue_size,
    .queue_start = modern_queue_start,
    .notify = modern_notify,
    .config_read = modern_config_read,
    .config_write = modern_config_write,
};
