/* tmpfs: contents. A regular file is a VMO, made when first needed; its size is the file's size, so
 * there is one truth for read, write, mmap and exec. An empty file has no VMO and no page. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

static int vmo_make_locked(struct tmpfs_node *n)
{
    ASSERT(mutex_held(&n->v.lock));
    if (n->vmo)
        return 0;
    struct vmo *vmo;
    int r = vmo_create_kept(0, &n->fs->budget, &vmo);
    if (r)
        return r;
    vnode_own_vmo(&n->v, vmo);
    __atomic_store_n(&n->vmo, vmo, __ATOMIC_RELEASE);
    return 0;
}

int tmpfs_get_vmo(struct vnode *v, struct vmo **out)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    if (v->type != V_REG)
        return -ENODEV;
    mutex_lock(&v->lock);
    int r = vmo_make_locked(n);
    if (!r) {
        vmo_get(n->vmo);
        *out = n->vmo;
    }
    mutex_unlock(&v->lock);
    return r;
}

int tmpfs_write_begin(struct vnode *v, u64 pos, size_t n)
{
    struct tmpfs_node *node = tmpfs_node_of(v);
    ASSERT(mutex_held(&v->lock));
    if (node->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))
        return -EPERM;
    if ((node->seals & SEAL_GROW) && pos + n > (node->vmo ? vmo_size(node->vmo) : 0))
        return -EPERM;
    if (n >= PAGE_SIZE && !vmo_kept_room(n >> PAGE_SHIFT)) /* less is asked for when a page is made */
        return -ENOSPC;
    vattr_contents_change(&node->attr);
    tmpfs_stamp(node);
    return 0;
}

int tmpfs_resize_locked(struct tmpfs_node *n, u64 size)
{
    if (size > FILE_SIZE_MAX)
        return -EFBIG;
    u64 now = n->vmo ? vmo_size(n->vmo) : 0;
    if ((size < now && (n->seals & SEAL_SHRINK)) || (size > now && (n->seals & SEAL_GROW)))
        return -EPERM;
    if (!n->vmo && size == 0)
        return 0;
    int r = vmo_make_locked(n);
    return r ? r : vmo_resize(n->vmo, size);
}

static int hole_make_locked(struct tmpfs_node *n, u64 pos, u64 len)
{
    u64 size = n->vmo ? vmo_size(n->vmo) : 0;
    if (n->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))
        return -EPERM;
    return pos < size ? vmo_punch(n->vmo, pos, MIN(len, size - pos)) : 0;
}

/* Whether the budget has room for all of a range, as far as it is not there: what is there behind its end counts,
 * too. */
static bool budget_has(const struct tmpfs_node *n, u64 pos, u64 len)
{
    const struct vmo_budget *b = &n->fs->budget;
    u64 there = n->vmo ? vmo_pages_stored(n->vmo) : 0, want = ((pos + len - 1) >> PAGE_SHIFT) - (pos >> PAGE_SHIFT) + 1;
    u64 limit = __atomic_load_n(&b->limit, __ATOMIC_RELAXED), used = __atomic_load_n(&b->used, __ATOMIC_RELAXED);
    return limit == UINT64_MAX || want <= there + (limit > used ? limit - used : 0);
}

/* What was grown for storage that is not to be had shrinks again. Storage behind the end (KEEP_SIZE) cannot
 * be kept: only that there is some is looked at. */
static int storage_make_locked(struct tmpfs_node *n, u64 pos, u64 len, bool keep_size)
{
    u64 size = n->vmo ? vmo_size(n->vmo) : 0, end = pos + len;
    if (!vmo_kept_room(len >> PAGE_SHIFT) || !budget_has(n, pos, len))
        return -ENOSPC;
    int r = end > size && !keep_size ? tmpfs_resize_locked(n, end) : 0;
    u64 now = n->vmo ? vmo_size(n->vmo) : 0;
    if (!r && pos < now)
        r = vmo_populate(n->vmo, pos, MIN(end, now) - pos);
    if (r && now > size && vmo_resize(n->vmo, size))
        kwarn("tmpfs: cannot shrink a file after a failed fallocate");
    return r == -ENOMEM ? -ENOSPC : r;
}

int tmpfs_allocate(struct vnode *v, u64 pos, u64 len, unsigned how)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    mutex_lock(&v->lock);
    int r = how & ALLOCATE_HOLE ? hole_make_locked(n, pos, len) : storage_make_locked(n, pos, len, how & ALLOCATE_KEEP_SIZE);
    if (!r) {
        vattr_contents_change(&n->attr);
        tmpfs_stamp(n);
    }
    mutex_unlock(&v->lock);
    return r;
}

int tmpfs_readlink(struct vnode *v, char *buf, size_t size)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    if (v->type != V_LNK)
        return -EINVAL;
    size_t len = MIN(n->attr.size, size);
    memcpy(buf, n->target, len);
    return (int)len;
}

int tmpfs_link_create(struct tmpfs *fs, const char *target, u32 uid, u32 gid, struct tmpfs_node **out)
{
    struct tmpfs_node *n;
    int r = tmpfs_node_create(fs, MODE_LNK | 0777, uid, gid, &n);
    if (r)
        return r;
    n->target = kstrdup(target);
    if (!n->target) {
        vnode_put(&n->v);
        return -ENOMEM;
    }
    n->attr.size = strlen(target);
    *out = n;
    return 0;
}
