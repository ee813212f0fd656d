/* tmpfs: operations on the names of one directory.
 *
 * What can fail is made before the directory is locked (node, entry); under the lock there are only
 * checks and linking. References are dropped after unlocking. A removed directory has nlink 0 and
 * takes no new names. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

int tmpfs_lookup(struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    struct tmpfs_node *d = tmpfs_node_of(dir);
    mutex_lock(&dir->lock);
    struct tmpfs_entry *e = tmpfs_dir_find(&d->dir, name, len);
    if (e) {
        vnode_get(&e->node->v);
        *out = &e->node->v;
    }
    mutex_unlock(&dir->lock);
    return e ? 0 : -ENOENT;
}

static void set_parent(struct tmpfs_node *child, struct tmpfs_node *parent)
{
    spin_lock(&child->fs->lock);
    child->dir.parent = parent;
    spin_unlock(&child->fs->lock);
}

/* Gives a new node its name. Consumes the reference to n when it fails. */
static int dir_add_node(struct tmpfs_node *d, const char *name, size_t len, struct tmpfs_node *n)
{
    int r = 0;
    struct tmpfs_entry *e = tmpfs_entry_create(name, len, n);
    if (!e) {
        vnode_put(&n->v);
        return -ENOMEM;
    }
    mutex_lock(&d->v.lock);
    if (d->attr.nlink == 0)
        r = -ENOENT;
    else if (tmpfs_dir_find(&d->dir, name, len))
        r = -EEXIST;
    else {
        tmpfs_dir_insert(&d->dir, e);
        tmpfs_name_add(e, d);
        if (n->v.type == V_DIR) {
            set_parent(n, d);
            d->attr.nlink++;
        }
        tmpfs_stamp(d);
    }
    mutex_unlock(&d->v.lock);
    if (r) {
        tmpfs_entry_destroy(e);
        vnode_put(&n->v);
    }
    return r;
}

static int dir_add(struct vnode *dir, const char *name, size_t len, u32 mode, u64 rdev, u32 uid, u32 gid,
                   struct vnode **out)
{
    struct tmpfs_node *d = tmpfs_node_of(dir), *n;
    int r = tmpfs_node_create(d->fs, mode, uid, gid, &n);
    if (r)
        return r;
    n->attr.rdev = rdev;
    r = dir_add_node(d, name, len, n);
    if (!r)
        *out = &n->v;
    return r;
}

int tmpfs_create(struct vnode *dir, const char *name, size_t len, u32 mode, u64 rdev, u32 uid, u32 gid,
                 struct vnode **out)
{
    return dir_add(dir, name, len, mode, rdev, uid, gid, out);
}

int tmpfs_tmpfile(struct vnode *dir, u32 mode, u32 uid, u32 gid, bool linkable, struct vnode **out)
{
    struct tmpfs_node *d = tmpfs_node_of(dir), *n;
    char name[24];
    int r = tmpfs_node_create(d->fs, MODE_REG | mode, uid, gid, &n);
    if (r)
        return r;
    n->attr.nlink = 0;
    n->linkable = linkable;
    format(name, sizeof name, "#%llu", (unsigned long long)n->attr.ino);
    r = tmpfs_name_pretend(n, d, name);
    if (r)
        vnode_put(&n->v);
    else
        *out = &n->v;
    return r;
}

int tmpfs_mkdir(struct vnode *dir, const char *name, size_t len, u32 mode, u32 uid, u32 gid, struct vnode **out)
{
    return dir_add(dir, name, len, (mode & ~MODE_FMT) | MODE_DIR, 0, uid, gid, out);
}

int tmpfs_symlink(struct vnode *dir, const char *name, size_t len, const char *target, u32 uid, u32 gid)
{
    struct tmpfs_node *d = tmpfs_node_of(dir), *n;
    int r = tmpfs_link_create(d->fs, target, uid, gid, &n);
    if (r)
        return r;
    r = dir_add_node(d, name, len, n);
    if (!r)
        vnode_put(&n->v);
    return r;
}

int tmpfs_link(struct vnode *dir, const char *name, size_t len, struct vnode *target)
{
    struct tmpfs_node *d = tmpfs_node_of(dir), *n = tmpfs_node_of(target);
    ASSERT(target->type != V_DIR);
    struct tmpfs_entry *e = tmpfs_entry_create(name, len, n);
    if (!e)
        return -ENOMEM;
    struct vnode *held = NULL;
    int r = 0;
    mutex_lock(&dir->lock);
    mutex_lock(&target->lock);
    if (d->attr.nlink == 0 || (n->attr.nlink == 0 && !n->linkable))
        r = -ENOENT;
    else if (n->attr.nlink == ~0u)
        r = -EMLINK;
    else if (tmpfs_dir_find(&d->dir, name, len))
        r = -EEXIST;
    else if (n->attr.nlink && !tmpfs_name_charge(n->fs))
        r = -ENOSPC;
    else {
        tmpfs_dir_insert(&d->dir, e);
        held = tmpfs_name_forget(n);
        tmpfs_name_add(e, d);
        n->linkable = false;
        n->attr.nlink++;
        n->attr.ctime_ns = clock_realtime_ns();
        tmpfs_stamp(d);
    }
    mutex_unlock(&target->lock);
    mutex_unlock(&dir->lock);
    vnode_put(held);
    if (r)
        tmpfs_entry_destroy(e);
    return r;
}

int tmpfs_unlink(struct vnode *dir, const char *name, size_t len)
{
    struct tmpfs_node *d = tmpfs_node_of(dir);
    bool kept = false;
    int r = 0;
    mutex_lock(&dir->lock);
    struct tmpfs_entry *e = tmpfs_dir_find(&d->dir, name, len);
    if (!e)
        r = -ENOENT;
    else if (e->node->v.type == V_DIR)
        r = -EISDIR;
    else {
        tmpfs_dir_remove(&d->dir, e);
        tmpfs_stamp(d);
        mutex_lock(&e->node->v.lock);
        if (--e->node->attr.nlink)
            tmpfs_name_uncharge(d->fs);
        e->node->attr.ctime_ns = d->attr.ctime_ns;
        kept = tmpfs_name_retire(e);
        mutex_unlock(&e->node->v.lock);
    }
    mutex_unlock(&dir->lock);
    if (!r)
        tmpfs_entry_drop(e, kept);
    return r;
}

int tmpfs_rmdir(struct vnode *dir, const char *name, size_t len)
{
    struct tmpfs_node *d = tmpfs_node_of(dir);
    bool kept = false;
    int r = -ENOENT;
    mutex_lock(&dir->lock);
    struct tmpfs_entry *e = tmpfs_dir_find(&d->dir, name, len);
    if (e && e->node->v.type != V_DIR)
        r = -ENOTDIR;
    else if (e) {
        struct tmpfs_node *child = e->node;
        mutex_lock(&child->v.lock);
        r = vnode_is_covered(&child->v) ? -EBUSY : child->dir.count ? -ENOTEMPTY : 0;
        if (!r) {
            child->attr.nlink = 0;
            __atomic_store_n(&child->v.gone, true, __ATOMIC_RELEASE);
            set_parent(child, NULL);
            d->attr.nlink--;
            tmpfs_dir_remove(&d->dir, e);
            tmpfs_stamp(d);
            kept = tmpfs_name_retire(e);
        }
        mutex_unlock(&child->v.lock);
    }
    mutex_unlock(&dir->lock);
    if (!r)
        tmpfs_entry_drop(e, kept);
    return r;
}

int tmpfs_parent(struct vnode *dir, struct vnode **out)
{
    struct tmpfs_node *d = tmpfs_node_of(dir);
    spin_lock(&d->fs->lock);
    struct tmpfs_node *p = d->dir.parent;
    if (p)
        vnode_get(&p->v);
    spin_unlock(&d->fs->lock);
    if (!p)
        return -ENOENT;
    *out = &p->v;
    return 0;
}

int tmpfs_readdir(struct vnode *dir, u64 cookie, dirent_fn fn, void *ctx)
{
    struct tmpfs_node *d = tmpfs_node_of(dir);
    mutex_lock(&dir->lock);
    bool removed = d->attr.nlink == 0;
    mutex_unlock(&dir->lock);
    if (removed)
        return -ENOENT;
    if (cookie == 0) {
        if (!fn(ctx, ".", 1, d->attr.ino, V_DIR, 1))
            return 0;
        cookie = 1;
    }
    if (cookie == 1) {
        struct vnode *up = NULL;
        u64 ino = tmpfs_parent(dir, &up) ? d->attr.ino : tmpfs_node_of(up)->attr.ino;
        vnode_put(up);
        if (!fn(ctx, "..", 2, ino, V_DIR, 2))
            return 0;
        cookie = 2;
    }
    mutex_lock(&dir->lock);
    struct tmpfs_entry *e = tmpfs_dir_seek(&d->dir, cookie);
    for (; e; e = tmpfs_dir_next(&d->dir, e)) {
        d->dir.resume = e;
        if (!fn(ctx, e->name, e->len, e->node->attr.ino, e->node->v.type, e->cookie + 1))
            break;
    }
    mutex_unlock(&dir->lock);
    return 0;
}
