/* One directory record: header, name, terminator, zeroes up to a multiple of 8. Pure. */
#include "linux/dirent_pack.h"
#include "lib/string.h"

size_t dirent64_pack(void *buf, size_t space, const struct dirent_item *d)
{
    size_t size = ROUND_UP(sizeof(struct lx_dirent64) + d->len + 1, 8);
    if (size > space)
        return 0;
    memset(buf, 0, size);
    struct lx_dirent64 *e = buf;
    e->ino = d->ino;
    e->off = (i64)d->next;
    e->reclen = (u16)size;
    e->type = d->type;
    memcpy((char *)buf + sizeof(*e), d->name, d->len);
    return size;
}

size_t dirent_pack(void *buf, size_t space, const struct dirent_item *d)
{
    size_t size = ROUND_UP(sizeof(struct lx_dirent) + d->len + 2, 8);
    if (size > space)
        return 0;
    memset(buf, 0, size);
    struct lx_dirent *e = buf;
    e->ino = d->ino;
    e->off = (i64)d->next;
    e->reclen = (u16)size;
    memcpy((char *)buf + sizeof(*e), d->name, d->len);
    ((u8 *)buf)[size - 1] = d->type;
    return size;
}
