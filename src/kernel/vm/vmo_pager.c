/* VMOs whose absent pages a file system supplies. Everything else they share with anonymous ones;
 * once supplied, a page stays until the VMO shrinks or dies. */
#include "vm/vmo_priv.h"
#include "lib/assert.h"

int vmo_create_pager(u64 size, const struct vmo_ops *ops, void *ctx, struct vmo **out)
{
    ASSERT(ops && ops->get_page);
    struct vmo *v;
    int r = vmo_alloc(ops, size, &v);
    if (r)
        return r;
    v->ctx = ctx;
    *out = v;
    return 0;
}

void *vmo_ctx(struct vmo *vmo) { return vmo->ctx; }
