/* F_GET_SEALS and F_ADD_SEALS, for fcntl. Private to linux/. */
#pragma once
#include "vfs/file.h"

long lx_seals_get(struct file *f);
long lx_seals_add(struct file *f, u64 seals);
