/* Who is told by a signal that an open file has news: F_SETOWN and its kin, O_ASYNC (fcntl(2)). Private to linux/. */
#pragma once
#include "linux/sys_priv.h"

/* As F_SETOWN has it: a process, or -group; 0: nobody. -ESRCH, -EINVAL, -ENOMEM. */
int lx_owner_set(struct file *f, int id) MUST_CHECK;
int lx_owner_get(struct file *f);
/* With a struct f_owner_ex: LX_F_OWNER_*. */
int lx_owner_set_ex(struct file *f, u64 user) MUST_CHECK;
int lx_owner_get_ex(struct file *f, u64 user) MUST_CHECK;
/* What is sent; 0: SIGIO, without a word on what it is about. -EINVAL, -ENOMEM. */
int lx_owner_set_signal(struct file *f, u64 signo) MUST_CHECK;
int lx_owner_signal(struct file *f);
/* From now on or no more; fd is what the signal will call f. -ENOTTY: f has no such news to tell; -ENOMEM. */
int lx_async_set(struct file *f, int fd, bool on) MUST_CHECK;
