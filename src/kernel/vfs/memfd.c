/* memfd: nodes of a tmpfs that is mounted nowhere. */
#include "vfs/memfd.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "vfs/file_priv.h"
#include "vfs/tmpfs_priv.h"

static struct tmpfs nowhere = {
    .lock = SPINLOCK_INIT("memfd"),
    .rename_lock = MUTEX_INIT(nowhere.rename_lock, "memfd"),
    .nodes = LIST_INIT(nowhere.nodes),
    .next_ino = 1,
    .max_nodes = UINT64_MAX,
    .budget.limit = UINT64_MAX,
};

int memfd_create(const char *name, u32 uid, u32 gid, u32 mode, bool sealable, struct file **out)
{
    struct tmpfs_node *n;
    int r = tmpfs_node_create(&nowhere, MODE_REG | mode, uid, gid, &n);
    if (r)
        return r;
    n->seals = sealable ? 0 : SEAL_SEAL;
    n->attr.nlink = 0;
    r = tmpfs_name_pretend(n, NULL, name);
    if (r) {
        vnode_put(&n->v);
        return r;
    }
    r = file_alloc(&n->v, FILE_READ | FILE_WRITE | FILE_UNCOUNTED, out);
    vnode_put(&n->v);
    if (r)
        return r;
    r = file_open_vnode(*out);
    if (r)
        file_put(*out);
    return r;
}

u64 memfd_pages(void) { return __atomic_load_n(&nowhere.budget.used, __ATOMIC_RELAXED); }

static struct tmpfs_node *node_of(const struct file *f)
{
    struct vnode *v = f->vnode;
    return v && v->ops == &tmpfs_ops && v->type == V_REG ? tmpfs_node_of(v) : NULL;
}

int memfd_seals_get(struct file *f, u32 *out)
{
    struct tmpfs_node *n = node_of(f);
    if (!n)
        return -EINVAL;
    *out = __atomic_load_n(&n->seals, __ATOMIC_RELAXED);
    return 0;
}

static int seals_add_locked(struct tmpfs_node *n, u32 seals)
{
    ASSERT(mutex_held(&n->v.lock));
    if (n->seals & SEAL_SEAL)
        return -EPERM;
    if ((seals & SEAL_WRITE) && !(n->seals & SEAL_WRITE) && n->vmo && vmo_is_mapped_writable(n->vmo))
        return -EBUSY;
    __atomic_store_n(&n->seals, n->seals | seals, __ATOMIC_RELAXED);
    return 0;
}

int memfd_seals_add(struct file *f, u32 seals)
{
    struct tmpfs_node *n = node_of(f);
    if (!file_has(f, FILE_WRITE))
        return -EPERM;
    if (!n || (seals & ~SEALS_ALL))
        return -EINVAL;
    mutex_lock(&n->v.lock);
    int r = seals_add_locked(n, seals);
    mutex_unlock(&n->v.lock);
    return r;
}

int memfd_map_begin(struct file *f, bool write, bool *may_write)
{
    struct tmpfs_node *n = node_of(f);
    *may_write = true;
    if (!n)
        return 0;
    mutex_lock(&n->v.lock);
    *may_write = !(n->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE));
    if (*may_write || !write)
        return 0;
    mutex_unlock(&n->v.lock);
    return -EPERM;
}

void memfd_map_end(struct file *f)
{
    struct tmpfs_node *n = node_of(f);
    if (n)
        mutex_unlock(&n->v.lock);
}
