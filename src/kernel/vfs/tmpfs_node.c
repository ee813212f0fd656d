/* tmpfs: nodes, their attributes, and mounting.
 *
 * A node lives as long as its vnode has references: one for each name, one for each user. struct
 * tmpfs lives as long as the mount, that is until the last vnode of it is gone, also after umount. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

#define TMPFS_MAGIC 0x01021994 /* statfs(2): TMPFS_MAGIC */

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

int tmpfs_node_create(struct tmpfs *fs, u32 mode, u32 uid, u32 gid, struct tmpfs_node **out)
{
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
    list_push_back(&fs->nodes, &n->link);
    fs->nnodes++;
    spin_unlock(&fs->lock);
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
    else if (v->type == V_REG && n->vmo)
        vmo_put(n->vmo);
    if (n->xattrs)
        tmpfs_xattr_free(n);
    kfree(n);
    return held;
}

static u64 tmpfs_number(struct vnode *v) { return tmpfs_node_of(v)->attr.ino; } /* never changes */

static int tmpfs_getattr(struct vnode *v, struct vattr *out)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    mutex_lock(&v->lock);
    *out = n->attr;
    if (v->type == V_REG && n->vmo) {
        out->size = vmo_size(n->vmo);
        out->blocks = vmo_pages_present(n->vmo) * (PAGE_SIZE / 512);
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
    if (!r) {
        struct vattr *a = &n->attr;
        a->ctime_ns = clock_realtime_ns();
        if (what & VSET_SIZE)
            a->mtime_ns = a->ctime_ns;
        if (what & VSET_MODE)
            a->mode = (a->mode & MODE_FMT) | (in->mode & 07777);
        if (what & VSET_UID)
            a->uid = in->uid;
        if (what & VSET_GID)
            a->gid = in->gid;
        if (what & VSET_ATIME)
            a->atime_ns = in->atime_ns;
        if (what & VSET_MTIME)
            a->mtime_ns = in->mtime_ns;
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

/* Options: "mode=OCTAL". Limits (size=, nr_inodes=) are not kept, so they are refused. */
static int parse_options(const char *s, u32 *mode)
{
    if (!s || !*s || strcmp(s, "defaults") == 0)
        return 0;
    if (strncmp(s, "mode=", 5) != 0 || !s[5])
        return -EINVAL;
    u32 value = 0;
    for (s += 5; *s; s++) {
        if (*s < '0' || *s > '7' || value > 07777)
            return -EINVAL;
        value = value * 8 + (u32)(*s - '0');
    }
    *mode = value;
    return value > 07777 ? -EINVAL : 0;
}

int tmpfs_mount(struct mount *m, const char *options)
{
    u32 mode = 0755;
    struct tmpfs_node *root;
    int r = parse_options(options, &mode);
    if (r)
        return r;
    struct tmpfs *fs = kzalloc(sizeof *fs);
    if (!fs)
        return -ENOMEM;
    spin_init(&fs->lock, "tmpfs");
    mutex_init(&fs->rename_lock, "tmpfs_rename");
    list_init(&fs->nodes);
    fs->next_ino = 1;
    fs->mount = m;
    m->ctx = fs;
    r = tmpfs_node_create(fs, MODE_DIR | mode, 0, 0, &root);
    if (r) {
        m->ctx = NULL;
        kfree(fs);
        return r;
    }
    m->root = &root->v;
    return 0;
}

bool tmpfs_busy(struct mount *m)
{
    struct tmpfs *fs = m->ctx;
    bool busy = false;
    spin_lock(&fs->lock);
    struct tmpfs_node *n;
    list_for_each(n, &fs->nodes, link) {
        u32 names = n->v.type == V_DIR ? n->attr.nlink != 0 : n->attr.nlink;
        if (__atomic_load_n(&n->v.refs, __ATOMIC_RELAXED) > names) {
            busy = true;
            break;
        }
    }
    spin_unlock(&fs->lock);
    return busy;
}

/* The first name in a directory, taken out if it is not a directory with names of its own. */
static struct tmpfs_entry *dir_take_first(struct tmpfs_node *d, struct tmpfs_node **deeper)
{
    struct tmpfs_entry *e = NULL;
    *deeper = NULL;
    mutex_lock(&d->v.lock);
    if (!list_empty(&d->dir.entries)) {
        e = list_first(&d->dir.entries, struct tmpfs_entry, order);
        if (e->node->v.type == V_DIR && e->node->dir.count)
            *deeper = e->node;
        else
            tmpfs_dir_remove(&d->dir, e);
    }
    mutex_unlock(&d->v.lock);
    return e;
}

/* Takes the tree apart from the leaves, without recursion: its depth is the programs' choice. */
void tmpfs_unmount(struct mount *m)
{
    struct tmpfs_node *root = tmpfs_node_of(m->root), *d = root, *deeper;
    for (;;) {
        struct tmpfs_entry *e = dir_take_first(d, &deeper);
        if (deeper) {
            d = deeper;
        } else if (e) {
            mutex_lock(&e->node->v.lock);
            e->node->attr.nlink = e->node->v.type == V_DIR ? 0 : e->node->attr.nlink - 1;
            bool kept = tmpfs_name_retire(e);
            mutex_unlock(&e->node->v.lock);
            if (e->node->v.type == V_DIR) {
                spin_lock(&root->fs->lock);
                e->node->dir.parent = NULL;
                __atomic_store_n(&e->node->v.gone, true, __ATOMIC_RELEASE);
                spin_unlock(&root->fs->lock);
            }
            tmpfs_entry_drop(e, kept);
        } else if (d == root) {
            break;
        } else {
            d = d->dir.parent;
        }
    }
    root->attr.nlink = 0;
    vnode_put(m->root);
}

void tmpfs_release(struct mount *m) { kfree(m->ctx); }

void tmpfs_statfs(struct mount *m, struct fs_stat *out)
{
    struct tmpfs *fs = m->ctx;
    struct pmm_stats s = pmm_stats();
    *out = (struct fs_stat){
        .type = TMPFS_MAGIC, .bsize = PAGE_SIZE, .blocks = s.total, .bfree = s.free,
        /* Nodes are limited by memory only: what is free could hold that many. */
        .ffree = s.free * (PAGE_SIZE / 512), .namelen = NAME_MAX_BYTES,
    };
    out->files = __atomic_load_n(&fs->nnodes, __ATOMIC_RELAXED) + out->ffree;
}

u64 tmpfs_pages(struct tmpfs *fs)
{
    u64 pages = 0;
    struct tmpfs_node *n;
    spin_lock(&fs->lock);
    list_for_each(n, &fs->nodes, link) {
        struct vmo *vmo = n->v.type == V_REG ? __atomic_load_n(&n->vmo, __ATOMIC_ACQUIRE) : NULL;
        pages += vmo ? vmo_pages_present(vmo) : 0;
    }
    spin_unlock(&fs->lock);
    return pages;
}

static void add_pages(const struct mount *m, void *ctx)
{
    if (m->type == &tmpfs_type)
        *(u64 *)ctx += tmpfs_pages(m->ctx);
}

u64 vfs_pages_kept(void)
{
    u64 pages = memfd_pages();
    vfs_for_each_mount(add_pages, &pages);
    return pages;
}

const struct fs_type tmpfs_type = {
    .name = "tmpfs", .mount = tmpfs_mount, .unmount = tmpfs_unmount, .release = tmpfs_release,
    .busy = tmpfs_busy, .statfs = tmpfs_statfs,
};
