/* tmpfs: nodes and their attributes.
 *
 * A node lives as long as its vnode has references: one for each name, one for each user. struct
 * tmpfs lives as long as the mount, that is until the last vnode of it is gone, also after umount.
 *
 * Nodes, names and extended attributes stay like contents when who made them has ended, and nobody can be
 * killed for them: none is made of the memory that vmo_kept_room keeps. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

static enum vtype vtype_of_mode(u32 mode)
{
    switch (mode & MODE_FMT) {
    case MODE_DIR: return V_DIR;
    case MODE_LNK: return V_LNK;
    case MODE_CHR: return V_CHR;
    case MODE_BLK: return V_BLK;
    case MODE_FIFO: return V_FIFO;
    case MODE_SOCK: return V_SOCK;
    default: return V_REG;
    }
}

bool tmpfs_name_charge(struct tmpfs *fs)
{
    if (!vmo_kept_room(1))
        return false;
    spin_lock(&fs->lock);
    bool room = fs->nnodes < fs->max_nodes;
    fs->nnodes += room;
    spin_unlock(&fs->lock);
    return room;
}

void tmpfs_name_uncharge(struct tmpfs *fs)
{
    spin_lock(&fs->lock);
    fs->nnodes--;
    spin_unlock(&fs->lock);
}

int tmpfs_node_create(struct tmpfs *fs, u32 mode, u32 uid, u32 gid, struct tmpfs_node **out)
{
    if (!vmo_kept_room(1))
        return -ENOSPC;
    struct tmpfs_node *n = kzalloc(sizeof *n);
    if (!n)
        return -ENOMEM;
    enum vtype type = vtype_of_mode(mode);
    u64 now = clock_realtime_ns();
    vnode_init(&n->v, type, &tmpfs_ops, fs->mount, fs);
    n->fs = fs;
    n->seals = SEAL_SEAL;
    n->attr = (struct vattr){
        .ino = __atomic_fetch_add(&fs->next_ino, 1, __ATOMIC_RELAXED),
        .mode = mode, .nlink = type == V_DIR ? 2 : 1, .uid = uid, .gid = gid,
        .atime_ns = now, .mtime_ns = now, .ctime_ns = now, .btime_ns = now,
    };
    if (type == V_REG)
        n->attr.mode = (mode & ~MODE_FMT) | MODE_REG;
    if (type == V_DIR)
        tmpfs_dir_init(&n->dir);
    spin_lock(&fs->lock);
    bool full = fs->nnodes >= fs->max_nodes;
    if (!full) {
        list_push_back(&fs->nodes, &n->link);
        fs->nnodes++;
    }
    spin_unlock(&fs->lock);
    if (full) {
        mount_put(fs->mount);
        kfree(n);
        return -ENOSPC;
    }
    *out = n;
    return 0;
}

static struct vnode *tmpfs_destroy(struct vnode *v)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    struct vnode *held = tmpfs_name_forget(n);
    ASSERT(!n->names);
    spin_lock(&n->fs->lock);
    list_remove(&n->link);
    n->fs->nnodes--;
    spin_unlock(&n->fs->lock);
    if (v->type == V_DIR)
        tmpfs_dir_fini(&n->dir);
    else if (v->type == V_LNK)
        kfree(n->target);
    else if (v->type == V_REG && n->vmo) {
        vmo_budget_leave(n->vmo); /* the object may outlive fs */
        vmo_put(n->vmo);
    }
    if (n->xattrs)
        tmpfs_xattr_free(n);
    kfree(n);
    return held;
}

static u64 tmpfs_number(struct vnode *v) { return tmpfs_node_of(v)->attr.ino; } /* never changes */

#define ACCESS_DAY_NS (24 * 3600 * NSEC_PER_SEC) /* mount(8), relatime */

static NOINLINE void accessed_now(struct vnode *v, struct vattr *a, bool only_daily)
{
    u64 now = clock_realtime_ns();
    if (only_daily && (i64)(now - __atomic_load_n(&a->atime_ns, __ATOMIC_RELAXED)) < (i64)ACCESS_DAY_NS)
        return;
    mutex_lock(&v->lock);
    a->atime_ns = now;
    mutex_unlock(&v->lock);
}

/* The times are looked at without the lock: who comes between is as good as earlier or later. */
static void tmpfs_accessed(struct vnode *v, enum access_rule rule)
{
    struct vattr *a = &tmpfs_node_of(v)->attr;
    u64 atime = __atomic_load_n(&a->atime_ns, __ATOMIC_RELAXED);
    bool since = atime > __atomic_load_n(&a->mtime_ns, __ATOMIC_RELAXED) &&
                 atime > __atomic_load_n(&a->ctime_ns, __ATOMIC_RELAXED);
    if (!since || rule != ACCESS_CHANGED)
        accessed_now(v, a, since && rule != ACCESS_ALWAYS);
}

static int tmpfs_getattr(struct vnode *v, struct vattr *out)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    mutex_lock(&v->lock);
    *out = n->attr;
    if (v->type == V_REG && n->vmo) {
        out->size = vmo_size(n->vmo);
        out->blocks = vmo_pages_stored(n->vmo) * (PAGE_SIZE / 512);
    } else if (v->type == V_DIR) {
        out->size = 40 + 20 * (u64)n->dir.count; /* grows with the names, as Linux's tmpfs shows it */
    }
    mutex_unlock(&v->lock);
    return 0;
}

static int tmpfs_setattr(struct vnode *v, const struct vattr *in, unsigned what)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    int r = 0;
    mutex_lock(&v->lock);
    if (what & VSET_SIZE)
        r = v->type == V_REG ? tmpfs_resize_locked(n, in->size) : -EINVAL;
    if (!r)
        vattr_change(&n->attr, in, what, clock_realtime_ns());
    if (!r && (what & VSET_SIZE)) {
        vattr_contents_change(&n->attr);
        n->attr.mtime_ns = n->attr.ctime_ns;
    }
    mutex_unlock(&v->lock);
    return r;
}

const struct vnode_ops tmpfs_ops = {
    .name = "tmpfs",
    .steady = true,
    .lookup = tmpfs_lookup,
    .create = tmpfs_create,
    .tmpfile = tmpfs_tmpfile,
    .mkdir = tmpfs_mkdir,
    .symlink = tmpfs_symlink,
    .link = tmpfs_link,
    .unlink = tmpfs_unlink,
    .rmdir = tmpfs_rmdir,
    .rename = tmpfs_rename,
    .readdir = tmpfs_readdir,
    .readlink = tmpfs_readlink,
    .parent = tmpfs_parent,
    .name_of = tmpfs_name_of,
    .number = tmpfs_number,
    .accessed = tmpfs_accessed,
    .getattr = tmpfs_getattr,
    .setattr = tmpfs_setattr,
    .get_vmo = tmpfs_get_vmo,
    .write_begin = tmpfs_write_begin,
    .allocate = tmpfs_allocate,
    .xattr_get = tmpfs_xattr_get,
    .xattr_set = tmpfs_xattr_set,
    .xattr_list = tmpfs_xattr_list,
    .destroy = tmpfs_destroy,
};
