/* The old directory record: header, name, terminator, zeroes up to a multiple of 8, the type in the last byte. Pure. */
#include "linux/dirent_pack.h"

size_t dirent_pack(void *buf, size_t space, const struct dirent_item *d)
{
    size_t size = ROUND_UP(sizeof(struct lx_dirent) + d->len + 2, 8);
    if (size > space)
        return 0;
    dirent_pad(buf, size);
    struct lx_dirent *e = buf;
    e->ino = d->ino;
    e->off = (i64)d->next;
    e->reclen = (u16)size;
    memcpy((char *)buf + sizeof(*e), d->name, d->len);
    ((char *)buf)[sizeof(*e) + d->len] = 0;
    ((u8 *)buf)[size - 1] = d->type;
    return size;
}
