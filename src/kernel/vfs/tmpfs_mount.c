/* tmpfs: mounting, limits, and the end.
 *
 * size= counts the pages of files' contents, wherever they come from (write, fallocate, a fault of a mapping);
 * nr_inodes= counts nodes. Without the options memory is the limit. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

#define TMPFS_MAGIC 0x01021994 /* statfs(2): TMPFS_MAGIC */
#define MODE_DEFAULT (MODE_STICKY | 0777u)

int tmpfs_mount(struct mount *m, const char *options)
{
    struct tmpfs_options o = { .pages = UINT64_MAX, .nodes = UINT64_MAX, .mode = m->type == &tmpfs_type ? MODE_DEFAULT : 0755 };
    struct tmpfs_node *root;
    int r = tmpfs_options_parse(options, pmm_total(), &o);
    if (r)
        return r;
    struct tmpfs *fs = kzalloc(sizeof *fs);
    if (!fs)
        return -ENOMEM;
    spin_init(&fs->lock, "tmpfs");
    mutex_init(&fs->rename_lock, "tmpfs_rename");
    list_init(&fs->nodes);
    fs->budget.limit = o.pages;
    fs->max_nodes = o.nodes;
    fs->options = o;
    fs->next_ino = 1;
    fs->mount = m;
    m->ctx = fs;
    r = tmpfs_node_create(fs, MODE_DIR | o.mode, o.uid, o.gid, &root);
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
        if (__atomic_load_n(&n->v.refs, __ATOMIC_RELAXED) > names + __atomic_load_n(&n->v.views, __ATOMIC_RELAXED)) {
            busy = true;
            break;
        }
    }
    spin_unlock(&fs->lock);
    return busy;
}

bool tmpfs_writing(struct mount *m)
{
    struct tmpfs *fs = m->ctx;
    bool writing = false;
    spin_lock(&fs->lock);
    struct tmpfs_node *n;
    list_for_each(n, &fs->nodes, link)
        if (__atomic_load_n(&n->v.writers, __ATOMIC_SEQ_CST) > 0) {
            writing = true;
            break;
        }
    spin_unlock(&fs->lock);
    return writing;
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

/* Less than is used, no. What the options do not name stays. */
static int tmpfs_remount(struct mount *m, const char *options)
{
    struct tmpfs *fs = m->ctx;
    struct tmpfs_options o = fs->options;
    int r = tmpfs_options_parse(options, pmm_total(), &o);
    if (r)
        return r;
    spin_lock(&fs->lock);
    if (o.pages < __atomic_load_n(&fs->budget.used, __ATOMIC_RELAXED) || o.nodes < fs->nnodes) {
        r = -EINVAL;
    } else {
        __atomic_store_n(&fs->budget.limit, o.pages, __ATOMIC_RELAXED);
        fs->max_nodes = fs->options.nodes = o.nodes;
        fs->options.pages = o.pages;
    }
    spin_unlock(&fs->lock);
    return r;
}

int tmpfs_show(struct mount *m, char *buf, size_t size)
{
    struct tmpfs *fs = m->ctx;
    spin_lock(&fs->lock);
    struct tmpfs_options o = fs->options;
    spin_unlock(&fs->lock);
    return tmpfs_options_show(&o, m->type == &tmpfs_type ? MODE_DEFAULT : ~0u, buf, size);
}

void tmpfs_statfs(struct mount *m, struct fs_stat *out)
{
    struct tmpfs *fs = m->ctx;
    struct pmm_stats s = pmm_stats();
    u64 used = __atomic_load_n(&fs->budget.used, __ATOMIC_RELAXED);
    u64 limit = __atomic_load_n(&fs->budget.limit, __ATOMIC_RELAXED);
    u64 nodes = __atomic_load_n(&fs->nnodes, __ATOMIC_RELAXED), max = __atomic_load_n(&fs->max_nodes, __ATOMIC_RELAXED);
    *out = (struct fs_stat){ .type = TMPFS_MAGIC, .bsize = PAGE_SIZE, .blocks = used + s.free, .bfree = s.free, .namelen = NAME_MAX_BYTES };
    if (limit != UINT64_MAX) {
        out->blocks = limit;
        out->bfree = limit - MIN(used, limit);
    }
    /* Nodes that only memory limits: what is free could hold that many. */
    out->ffree = max != UINT64_MAX ? max - MIN(nodes, max) : s.free * (PAGE_SIZE / 512);
    out->files = nodes + out->ffree;
}

static void add_pages(struct mount *m, void *ctx)
{
    if (m->type == &tmpfs_type)
        *(u64 *)ctx += __atomic_load_n(&((struct tmpfs *)m->ctx)->budget.used, __ATOMIC_RELAXED);
}

u64 vfs_pages_kept(void)
{
    u64 pages = memfd_pages();
    vfs_for_each_mount(add_pages, &pages);
    return pages;
}

const struct fs_type tmpfs_type = {
    .name = "tmpfs", .mount = tmpfs_mount, .remount = tmpfs_remount, .unmount = tmpfs_unmount, .release = tmpfs_release,
    .busy = tmpfs_busy, .writing = tmpfs_writing, .statfs = tmpfs_statfs, .show = tmpfs_show,
};
