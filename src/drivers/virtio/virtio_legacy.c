/* Registers of a device from before virtio 1.0, in I/O ports. A queue has the size the device chose and lies in one
 * piece, named by its page. (Virtual I/O Device Version 1.2, 4.1.4.10) */
#include "dev/portio.h"
#include "lib/errno.h"
#include "virtio_priv.h"

enum {
    DEVICE_FEATURES = 0x00, DRIVER_FEATURES = 0x04, QUEUE_PAGE = 0x08, QUEUE_SIZE = 0x0c, QUEUE_SELECT = 0x0e,
    QUEUE_NOTIFY = 0x10, STATUS = 0x12, ISR = 0x13, QUEUE_VECTOR = 0x16, CONFIG = 0x14, CONFIG_BEHIND_VECTORS = 0x18,
};
#define USED_ALIGN 4096u

static int legacy_open(struct virtio_device *v)
{
    v->legacy.port = v->pci->revision == 0 ? pci_bar_port(v->pci, 0) : 0; /* 4.1.2.3 */
    if (!v->legacy.port)
        return -ENODEV;
    pci_command(v->pci, PCI_IO, 0);
    return 0;
}

static void legacy_close(struct virtio_device *v) {}

static u16 reg(const struct virtio_device *v, unsigned offset) { return (u16)(v->legacy.port + offset); }

static u8 legacy_status_get(struct virtio_device *v) { return inb(reg(v, STATUS)); }
static void legacy_status_set(struct virtio_device *v, u8 status) { outb(reg(v, STATUS), status); }
static u64 legacy_features_get(struct virtio_device *v) { return inl(reg(v, DEVICE_FEATURES)); }
static void legacy_features_set(struct virtio_device *v, u64 features) { outl(reg(v, DRIVER_FEATURES), (u32)features); }
static u8 legacy_isr_take(struct virtio_device *v) { return inb(reg(v, ISR)); }

static unsigned legacy_queue_size(struct virtio_device *v, unsigned index)
{
    outw(reg(v, QUEUE_SELECT), (u16)index);
    return inw(reg(v, QUEUE_SIZE));
}

static int legacy_queue_start(struct virtio_queue *q, const struct virtq_layout *l, u16 vector)
{
    struct virtio_device *v = q->device;

    outw(reg(v, QUEUE_SELECT), (u16)q->index);
    outl(reg(v, QUEUE_PAGE), (u32)(q->mem.pa >> PAGE_SHIFT));
    if (!v->irq.is_message)
        return 0;
    outw(reg(v, QUEUE_VECTOR), vector);
    return inw(reg(v, QUEUE_VECTOR)) == vector ? 0 : -EIO;
}

static void legacy_notify(struct virtio_queue *q) { outw(reg(q->device, QUEUE_NOTIFY), (u16)q->index); }

/* Vectors have registers only while MSI-X is on, and push the rest up. */
static u16 config_reg(const struct virtio_device *v, unsigned offset)
{
    return reg(v, (v->has_irq && v->irq.is_message ? CONFIG_BEHIND_VECTORS : CONFIG) + offset);
}

static u32 legacy_config_read(struct virtio_device *v, unsigned offset, unsigned width)
{
    return width == 2 ? inw(config_reg(v, offset)) : inl(config_reg(v, offset));
}

static void legacy_config_write(struct virtio_device *v, unsigned offset, u32 value)
{
    outl(config_reg(v, offset), value);
}

const struct virtio_ops virtio_legacy_ops = {
    .name = "legacy",
    .is_legacy = true,
    .used_align = USED_ALIGN,
    .open = legacy_open,
    .close = legacy_close,
    .status_get = legacy_status_get,
    .status_set = legacy_status_set,
    .features_get = legacy_features_get,
    .features_set = legacy_features_set,
    .isr_take = legacy_isr_take,
    .queue_size = legacy_queue_size,
    .queue_start = legacy_queue_start,
    .notify = legacy_notify,
    .config_read = legacy_config_read,
    .config_write = legacy_config_write,
};
