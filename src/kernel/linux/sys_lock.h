/* fcntl's half of file locks. */
#pragma once
#include "linux/sys_priv.h"

/* F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ forms. */
long lx_fcntl_lock(int fd, struct file *f, u32 cmd, u64 user);
