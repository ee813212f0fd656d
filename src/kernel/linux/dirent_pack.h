/* Directory records in Linux's two layouts; pure (dirent_pack.c). Private to linux/. */
#pragma once
#include "linux/abi/dirent.h"

struct dirent_item { const char *name; size_t len; u64 ino, next; u8 type; };
/* Puts one record in buf: its length, or 0 if space does not suffice. */
size_t dirent64_pack(void *buf, size_t space, const struct dirent_item *d);
size_t dirent_pack(void *buf, size_t space, const struct dirent_item *d);
