/* Device memory as a VMO: the pages are where they are, belong to nobody and are not counted. They
 * can be mapped shared, not read or written through the VMO. */
#include "vm/vmo_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

static int phys_get_page(struct vmo *vmo, u64 index, paddr_t *page) { return -EIO; }

const struct vmo_ops vmo_phys_ops = { .name = "phys", .get_page = phys_get_page };

int vmo_create_phys(paddr_t base, u64 size, unsigned pt_flags, struct vmo **out)
{
    if (!IS_ALIGNED(base, PAGE_SIZE) || !size || base + size < base)
        return -EINVAL;
    struct vmo *v;
    int r = vmo_alloc(&vmo_phys_ops, size, &v);
    if (r)
        return r;
    v->phys_base = base;
    v->pt_flags = pt_flags;
    *out = v;
    return 0;
}
