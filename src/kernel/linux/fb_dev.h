/* /dev/fb0: the screen's pixels as a file. */
#pragma once
#include "vfs/file.h"

void fb_dev_init(void); /* makes the node, if there are pixels */
/* Its requests. False: f is no such file. */
bool lx_fb_ioctl(struct file *f, u32 cmd, u64 arg, long *result);
