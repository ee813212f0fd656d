/* Terminals and sessions: what open and ioctl do for job control. Private to linux/. */
#pragma once
#include "linux/lx.h"

/* A terminal opened without O_NOCTTY becomes that of a session leader who has none. */
void lx_tty_opened(struct file *f);
/* The TIOC* requests about sessions and groups; -ENOTTY for any other. */
long lx_tty_job_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg);
