/* Descriptors of processes (sys_pidfd.c). */
#pragma once
#include "vfs/file.h"

struct process;

/* clone's: a descriptor of p, not yet started, for the caller; its number goes to user memory.
 * -EMFILE, -ENOMEM, -EFAULT with nothing left. */
int lx_pidfd_give(struct process *p, u64 user) MUST_CHECK;
/* The process that a file is a pidfd of, no reference; NULL: it is something else. */
struct process *lx_pidfd_process(const struct file *f);
