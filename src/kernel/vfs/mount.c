/* The table of mounts, and crossing them.
 *
 * A mount is counted: by the table and by every vnode of its file system, so that a vnode that is
 * still open after umount has a mount to point to. Umount first cuts the mount off from the names,
 * then asks whether anybody is inside, and puts it back if so. */
#include "vfs/mount.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/path_cache.h"
#include "vfs/tmpfs_priv.h"

#define FS_TYPES_MAX 16

static const struct fs_type *types[FS_TYPES_MAX];
static unsigned ntypes;
static struct mount *root_mount;
static struct list mounts = LIST_INIT(mounts);                       /* by table_lock */
static struct mutex table_lock = MUTEX_INIT(table_lock, "mounts");
static struct spinlock cross_lock = SPINLOCK_INIT("mount_cross");    /* vnode->mounted, mount->covered */
static u32 next_dev = 1;                                             /* by table_lock */

void mount_get(struct mount *m) { __atomic_fetch_add(&m->refs, 1, __ATOMIC_RELAXED); }

void mount_put(struct mount *m)
{
    if (!m || __atomic_fetch_sub(&m->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    if (m->type->release)
        m->type->release(m);
    kfree(m);
}

struct vnode *mount_cross_mounted(struct vnode *v)
{
    while (__atomic_load_n(&v->mounted, __ATOMIC_ACQUIRE)) {
        spin_lock(&cross_lock);
        struct vnode *root = v->mounted ? v->mounted->root : NULL;
        if (root)
            vnode_get(root);
        spin_unlock(&cross_lock);
        if (!root)
            break;
        vnode_put(v);
        v = root;
    }
    return v;
}

struct vnode *mount_cross_up(struct vnode *v)
{
    struct mount *m = v->mount;
    if (!m || v != m->root)
        return v;
    spin_lock(&cross_lock);
    struct vnode *covered = m->covered;
    if (covered)
        vnode_get(covered);
    spin_unlock(&cross_lock);
    if (!covered)
        return v;
    vnode_put(v);
    return covered;
}

void fs_register(const struct fs_type *t)
{
    ASSERT(ntypes < FS_TYPES_MAX);
    types[ntypes++] = t;
}

const char *fs_type_name(unsigned i) { return i < ntypes ? types[i]->name : NULL; }

static const struct fs_type *fs_find(const char *name)
{
    for (unsigned i = 0; i < ntypes; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

/* A file system with its root, not yet anywhere. */
static int mount_create(const struct fs_type *t, const char *source, const char *options, struct mount **out)
{
    struct mount *m = kzalloc(sizeof *m);
    if (!m)
        return -ENOMEM;
    m->type = t;
    m->refs = 1;
    m->dev = makedev(0, __atomic_fetch_add(&next_dev, 1, __ATOMIC_RELAXED));
    list_init(&m->link);
    str_copy(m->source, source && *source ? source : "none", sizeof m->source);
    str_copy(m->options, options && *options ? options : "rw", sizeof m->options);
    int r = t->mount(m, options);
    if (r) {
        m->type = NULL;
        kfree(m);
        return r;
    }
    ASSERT(m->root && m->root->type == V_DIR);
    *out = m;
    return 0;
}

static void mount_destroy(struct mount *m)
{
    m->type->unmount(m);
    mount_put(m);
}

void vfs_init(void)
{
    path_cache_init();
    tmpfs_init();
    fs_register(&tmpfs_type);
    if (mount_create(&tmpfs_type, "rootfs", NULL, &root_mount))
        panic("vfs: no memory for the root file system");
    str_copy(root_mount->target, "/", sizeof root_mount->target);
    list_push_back(&mounts, &root_mount->link);
}

struct vnode *vfs_root(void) { return root_mount->root; }

/* Makes m visible on dir; m takes over the reference to dir. Under dir's lock, where rmdir looks
 * whether something is mounted on it and makes it gone. */
static int mount_attach(struct mount *m, struct vnode *dir)
{
    int r = 0;
    mutex_lock(&table_lock);
    mutex_lock(&dir->lock);
    spin_lock(&cross_lock);
    if (dir->mounted || dir == root_mount->root) {
        r = -EBUSY;
    } else if (dir->gone) {
        r = -ENOENT;
    } else {
        m->covered = dir;
        __atomic_store_n(&dir->mounted, m, __ATOMIC_RELEASE);
    }
    spin_unlock(&cross_lock);
    mutex_unlock(&dir->lock);
    if (!r)
        list_push_back(&mounts, &m->link);
    mutex_unlock(&table_lock);
    path_cache_change();
    return r;
}

int vfs_mount(const struct walk *w, const char *source, struct vnode *start, const char *target, const char *type, const char *options)
{
    const struct fs_type *t = fs_find(type);
    struct vnode *dir;
    struct mount *m;
    if (!t)
        return -ENODEV;
    int r = path_lookup(w, start, target, LOOKUP_DIRECTORY, &dir);
    if (r)
        return r;
    r = mount_create(t, source, options, &m);
    if (r)
        goto put_dir;
    r = path_of_dir(w, dir, m->target, sizeof m->target);
    if (r >= 0)
        r = mount_attach(m, dir);
    if (!r)
        return 0;
    mount_destroy(m);
put_dir:
    vnode_put(dir);
    return r;
}

static void mount_show(struct mount *m, struct vnode *covered)
{
    spin_lock(&cross_lock);
    m->covered = covered;
    __atomic_store_n(&covered->mounted, m, __ATOMIC_RELEASE);
    spin_unlock(&cross_lock);
}

/* Cuts m off; the directory it covered, whose reference is the caller's now. */
static struct vnode *mount_hide(struct mount *m)
{
    spin_lock(&cross_lock);
    struct vnode *covered = m->covered;
    m->covered = NULL;
    __atomic_store_n(&covered->mounted, NULL, __ATOMIC_RELEASE);
    spin_unlock(&cross_lock);
    return covered;
}

static bool mount_busy(struct mount *m)
{
    struct mount *other;
    list_for_each(other, &mounts, link)
        if (other->covered && other->covered->mount == m)
            return true;
    if (m->type->busy)
        return m->type->busy(m);
    /* The table and the root, which only the mount may hold. */
    return __atomic_load_n(&m->refs, __ATOMIC_RELAXED) > 2 || __atomic_load_n(&m->root->refs, __ATOMIC_RELAXED) > 1;
}

/* Consumes v. */
static int umount_root(struct vnode *v)
{
    struct mount *m = v->mount;
    mutex_lock(&table_lock);
    bool mounted = m && v == m->root && m->covered;
    vnode_put(v);
    int r = !mounted ? m == root_mount ? -EBUSY : -EINVAL : 0;
    struct vnode *covered = NULL;
    if (!r) {
        covered = mount_hide(m);
        if (mount_busy(m)) {
            mount_show(m, covered);
            r = -EBUSY;
        } else {
            list_remove(&m->link);
        }
        path_cache_change();
    }
    mutex_unlock(&table_lock);
    if (!r) {
        mount_destroy(m);
        vnode_put(covered);
    }
    return r;
}

int vfs_umount(const struct walk *w, struct vnode *start, const char *target)
{
    struct vnode *v;
    int r = path_lookup(w, start, target, 0, &v);
    return r ? r : umount_root(v);
}

int vfs_statfs(struct vnode *v, struct fs_stat *out)
{
    if (!v->mount || !v->mount->type->statfs)
        return -ENOSYS;
    v->mount->type->statfs(v->mount, out);
    return 0;
}

void vfs_for_each_mount(void (*fn)(const struct mount *m, void *ctx), void *ctx)
{
    mutex_lock(&table_lock);
    struct mount *m;
    list_for_each(m, &mounts, link)
        fn(m, ctx);
    mutex_unlock(&table_lock);
}
