/* The table of mounts, and crossing them.
 *
 * A mount is counted: by the table and by every vnode of its file system, so that a vnode that is
 * still open after umount has a mount to point to. */
#include "vfs/mount.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/mount_priv.h"
#include "vfs/path_cache.h"
#include "vfs/tmpfs_priv.h"

#define FS_TYPES_MAX 16
#define ID_FIRST 21 /* of mounts; Linux's first ones are about there, too */

static const struct fs_type *types[FS_TYPES_MAX];
static unsigned ntypes;
static struct mount *first_mount;
struct list vfs_mounts = LIST_INIT(vfs_mounts);
struct mutex mount_table_lock = MUTEX_INIT(mount_table_lock, "mounts");
struct spinlock mount_cross_lock = SPINLOCK_INIT("mount_cross");
static u32 next_dev = 1; /* atomic */

struct mount *mount_root(void) { return first_mount; }
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
        spin_lock(&mount_cross_lock);
        struct vnode *root = v->mounted ? v->mounted->root : NULL;
        if (root) {
            vnode_get(root);
            v->mounted->entered++;
        }
        spin_unlock(&mount_cross_lock);
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
    spin_lock(&mount_cross_lock);
    struct vnode *covered = m->covered;
    if (covered)
        vnode_get(covered);
    spin_unlock(&mount_cross_lock);
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

int mount_alloc(const struct fs_type *t, const char *source, u32 flags, struct mount **out)
{
    struct mount *m = kzalloc(sizeof *m);
    if (!m)
        return -ENOMEM;
    u32 n = __atomic_fetch_add(&next_dev, 1, __ATOMIC_RELAXED);
    m->type = t;
    m->refs = 1;
    m->flags = flags;
    m->dev = makedev(0, n);
    m->id = (int)(ID_FIRST + n - 1);
    list_init(&m->link);
    str_copy(m->source, source && *source ? source : "none", sizeof m->source);
    *out = m;
    return 0;
}

/* A file system with its root, not yet anywhere. */
static int mount_create(const struct fs_type *t, const char *source, const char *options, u32 flags, struct mount **out)
{
    struct mount *m;
    int r = mount_alloc(t, source, flags | (flags & MOUNT_READONLY ? MOUNT_FS_READONLY : 0), &m);
    if (r)
        return r;
    r = t->mount(m, options);
    if (r) {
        kfree(m);
        return r;
    }
    ASSERT(m->root && m->root->type == V_DIR);
    *out = m;
    return 0;
}

void mount_destroy(struct mount *m)
{
    m->type->unmount(m);
    mount_put(m);
}

void vfs_init(void)
{
    path_cache_init();
    tmpfs_init();
    fs_register(&tmpfs_type);
    if (mount_create(&tmpfs_type, "rootfs", "mode=755", 0, &first_mount))
        panic("vfs: no memory for the root file system");
    list_push_back(&vfs_mounts, &first_mount->link);
}

struct vnode *vfs_root(void) { return first_mount->root; }

static void link_locked(struct mount *m, struct vnode *dir)
{
    ASSERT(spin_held(&mount_cross_lock));
    m->covered = dir;
    __atomic_store_n(&dir->mounted, m, __ATOMIC_RELEASE);
}

/* Under dir's lock, where rmdir looks whether something is mounted on it and makes it gone. */
int mount_attach_locked(struct mount *m, struct vnode *dir)
{
    struct vnode *real = vnode_real(dir);
    int r = 0;
    ASSERT(mutex_held(&mount_table_lock) && !m->covered);
    mutex_lock(&real->lock);
    spin_lock(&mount_cross_lock);
    if (dir->mounted)
        r = -EBUSY;
    else if (real->gone)
        r = -ENOENT;
    else if (vnode_mount_flags(dir) & MOUNT_DETACHED)
        r = -EINVAL;
    else if (real->nmounts == UINT16_MAX)
        r = -ENOSPC;
    if (!r) {
        if (m->of) /* it may have changed since m was made */
            m->flags = (m->flags & ~(u32)MOUNT_FS_READONLY) | (m->of->flags & MOUNT_FS_READONLY);
        link_locked(m, dir);
        __atomic_fetch_add(&real->nmounts, 1, __ATOMIC_RELEASE);
    }
    spin_unlock(&mount_cross_lock);
    mutex_unlock(&real->lock);
    path_cache_change();
    return r;
}

struct vnode *mount_hide(struct mount *m)
{
    spin_lock(&mount_cross_lock);
    struct vnode *covered = m->covered;
    m->covered = NULL;
    __atomic_store_n(&covered->mounted, NULL, __ATOMIC_RELEASE);
    spin_unlock(&mount_cross_lock);
    path_cache_change();
    return covered;
}

void mount_show(struct mount *m, struct vnode *covered)
{
    spin_lock(&mount_cross_lock);
    link_locked(m, covered);
    spin_unlock(&mount_cross_lock);
    path_cache_change();
}

void mount_leave(struct vnode *covered)
{
    if (covered)
        __atomic_fetch_sub(&vnode_real(covered)->nmounts, 1, __ATOMIC_RELEASE);
    vnode_put(covered);
}

int vfs_mount(const struct walk *w, const char *source, struct vnode *start, const char *target, const char *type,
              const char *options, u32 flags)
{
    const struct fs_type *t = fs_find(type);
    struct vnode *dir;
    struct mount *m;
    ASSERT(!(flags & ~MOUNT_GIVEN));
    if (!t)
        return -ENODEV;
    int r = path_lookup(w, start, target, LOOKUP_DIRECTORY, &dir);
    if (r)
        return r;
    r = mount_create(t, source, options, flags, &m);
    if (r)
        goto put_dir;
    mutex_lock(&mount_table_lock);
    r = mount_attach_locked(m, dir);
    if (!r)
        list_push_back(&vfs_mounts, &m->link);
    mutex_unlock(&mount_table_lock);
    if (!r)
        return 0;
    mount_destroy(m);
put_dir:
    vnode_put(dir);
    return r;
}

int vfs_statfs(struct vnode *v, struct fs_stat *out)
{
    if (!v->mount || !v->mount->type->statfs)
        return -ENOSYS;
    v->mount->type->statfs(v->mount, out);
    return 0;
}

void vfs_for_each_mount(void (*fn)(struct mount *m, void *ctx), void *ctx)
{
    mutex_lock(&mount_table_lock);
    struct mount *m;
    list_for_each(m, &vfs_mounts, link)
        fn(m, ctx);
    mutex_unlock(&mount_table_lock);
}
