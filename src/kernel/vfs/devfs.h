/* /dev: device nodes made by their drivers. One instance, mounted by init. */
#pragma once
#include "vfs/file.h"

/* open fills in f->ops and f->ctx; -ENXIO if there is nothing behind the node. */
/* File system type "devtmpfs": a tmpfs filled with a node for every device, now and later. Name has
 * no slash. -EEXIST (name or number taken), -EINVAL, -ENOMEM. */
typedef int (*dev_open_fn)(struct file *f, void *ctx);
int devfs_add(const char *name, u32 mode /* with MODE_CHR */, u64 rdev, dev_open_fn open, void *ctx) MUST_CHECK;
/* The i-th device from 0, for lists of them; false: there are no more. Devices keep their places. */
struct dev_info { const char *name; u64 rdev; };
bool dev_info_at(unsigned i, struct dev_info *out);
/* For a device node on another file system (mknod): the same open by number. -ENXIO. */
int dev_open_by_number(u64 rdev, struct file *f) MUST_CHECK;
void devfs_init(void); /* null zero full random urandom kmsg */
