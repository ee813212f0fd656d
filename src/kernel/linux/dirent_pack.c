/* One directory record: header, name, terminator, zeroes up to a multiple of 8. Pure. */
#include "linux/dirent_pack.h"
#include "lib/string.h"

/* Zeroes for what follows the name. The old record has two bytes there at least, so that its
 * terminator may lie before the last eight. */
static void pad(void *buf, size_t size)
{
    memset((u8 *)buf + size - 8, 0, 8);
}

size_t dirent64_pack(void *buf, size_t space, const struct dirent_item *d)
{
    size_t size = ROUND_UP(sizeof(struct lx_dirent64) + d->len + 1, 8);
    if (size > space)
        return 0;
    pad(buf, size);
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
    pad(buf, size);
    struct lx_dirent *e = buf;
    e->ino = d->ino;
    e->off = (i64)d->next;
    e->reclen = (u16)size;
    memcpy((char *)buf + sizeof(*e), d->name, d->len);
    ((char *)buf)[sizeof(*e) + d->len] = 0;
    ((u8 *)buf)[size - 1] = d->type;
    return size;
}
