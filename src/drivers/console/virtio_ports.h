/* What is at port 0 of a virtio console device. */
#pragma once
#include "../virtio/virtio.h"

/* Is it a console? A device may carry other channels only, as of a guest's agent. The device is reset afterwards.
 * 0, or -errno if it cannot be asked. */
int virtio_port_is_console(const struct pci_device *d, bool *answer) MUST_CHECK;
