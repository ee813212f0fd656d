/* Directory records in Linux's two layouts; pure. Private to linux/. */
#pragma once
#include "lib/string.h"
#include "linux/abi/dirent.h"

struct dirent_item { const char *name; size_t len; u64 ino, next; u8 type; };

/* Zeroes for what follows the name. The old record has two bytes there at least, so that its
 * terminator may lie before the last eight. */
static inline void dirent_pad(void *buf, size_t size) { memset((u8 *)buf + size - 8, 0, 8); }

/* Puts one record in buf: its length, or 0 if space does not suffice. */
static inline size_t dirent64_pack(void *buf, size_t space, const struct dirent_item *d)
{
    size_t size = ROUND_UP(sizeof(struct lx_dirent64) + d->len + 1, 8);
    if (size > space)
        return 0;
    dirent_pad(buf, size);
    struct lx_dirent64 *e = buf;
    e->ino = d->ino;
    e->off = (i64)d->next;
    e->reclen = (u16)size;
    e->type = d->type;
    memcpy((char *)buf + sizeof(*e), d->name, d->len);
    return size;
}
size_t dirent_pack(void *buf, size_t space, const struct dirent_item *d);
