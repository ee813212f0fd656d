/* A file of the initrd whose data lie in the archive, on no whole pages: they stay there, and the file's
 * pages are copies, made when somebody wants them and given back when memory is short (vm/vmo_pager.h).
 *
 * The source has a reference to every page in which data of its own lie. Where two files meet in a page both
 * have one; whoever goes last frees the page. */
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vfs/initrd_priv.h"
#include "vm/vmo_pager.h"

struct source {
    const u8 *data;
    u64 bytes;
    paddr_t first, end; /* pages */
};

static void pages_release(struct source *s, paddr_t to)
{
    while (s->end > to)
        page_put(s->end -= PAGE_SIZE);
}

static int source_fill(void *ctx, u64 index, void *to)
{
    const struct source *s = ctx;
    u64 at = index * PAGE_SIZE, n = MIN(s->bytes - at, PAGE_SIZE);
    memcpy(to, s->data + at, n);
    memset((u8 *)to + n, 0, PAGE_SIZE - n);
    return 0;
}

static void source_cut(void *ctx, u64 bytes)
{
    struct source *s = ctx;
    s->bytes = bytes;
    pages_release(s, bytes ? ROUND_UP(virt_to_phys(s->data) + bytes, PAGE_SIZE) : s->first);
}

static void source_destroy(void *ctx)
{
    struct source *s = ctx;
    pages_release(s, s->first);
    kfree(s);
}

static const struct vmo_pager_ops source_ops = { .fill = source_fill, .cut = source_cut, .destroy = source_destroy };

/* The file before ends in our first page, or nobody's does. */
static int pages_take(const struct source *s)
{
    bool shared = pmm_state(s->first) == PAGE_ALLOCATED;
    paddr_t own = s->first + (shared ? PAGE_SIZE : 0);
    int r = pmm_adopt(own, (s->end - own) >> PAGE_SHIFT);
    if (!r && shared)
        page_get(s->first);
    return r;
}

int archive_source_attach(const struct archive_entry *e, struct vmo *vmo, paddr_t *last)
{
    paddr_t base = virt_to_phys(e->data);
    struct source *s = kmalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct source){ e->data, e->size, ROUND_DOWN(base, PAGE_SIZE), ROUND_UP(base + e->size, PAGE_SIZE) };
    int r = pages_take(s);
    if (r)
        goto free;
    r = vmo_attach_pager(vmo, &source_ops, s, e->size);
    if (r)
        goto release;
    *last = s->end - PAGE_SIZE;
    return 0;
release:
    pages_release(s, s->first);
free:
    kfree(s);
    return r;
}
