/* Mounts that change: their flags and options, where they are, and their end.
 *
 *     mounted --umount, nobody inside--> destroyed
 *        |                                   ^
 *        +--umount with DETACH--> detached --+ by the last user who leaves
 *
 * Umount first cuts the mount off from the names, then asks whether anybody is inside, and puts it back if so.
 * One whose file system bind mounts show is detached, too, though nobody is inside.
 * A detached mount has no name and is in no table; its last file that is closed, and the last process that goes
 * elsewhere, take it apart. Who leaves in another way (a mapping that is the last) leaves it to the next change
 * of the table. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "vfs/mount_priv.h"
#include "vfs/path_cache.h"

static struct list detached = LIST_INIT(detached); /* by the table's lock */

/* --- flags and options --- */

/* Where a mount begins: its root, with a reference. */
static int find_mount(const struct walk *w, struct vnode *start, const char *target, unsigned lookup,
                      struct vnode **out)
{
    int r = path_lookup(w, start, target, lookup, out);
    if (r || ((*out)->mount && *out == (*out)->mount->root))
        return r;
    vnode_put(*out);
    return -EINVAL;
}

int vfs_mount_check(const struct walk *w, struct vnode *start, const char *target)
{
    struct vnode *v;
    int r = find_mount(w, start, target, 0, &v);
    if (!r)
        vnode_put(v);
    return r;
}

/* Who opens to write counts himself first and looks at the flag then; this is the other way round. */
static int flags_set_locked(struct mount *m, u32 flags)
{
    u32 old = __atomic_load_n(&m->flags, __ATOMIC_RELAXED), fresh = (old & ~MOUNT_GIVEN) | flags;
    __atomic_store_n(&m->flags, fresh, __ATOMIC_SEQ_CST);
    if ((fresh & ~old & MOUNT_READONLY) && m->type->writing && m->type->writing(m)) {
        __atomic_store_n(&m->flags, old, __ATOMIC_SEQ_CST);
        return -EBUSY;
    }
    return 0;
}

/* Of every mount that shows it. */
static void fs_readonly_mark_locked(const struct mount *fs, bool on)
{
    struct list *lists[] = { &vfs_mounts, &detached };
    struct mount *m;
    for (unsigned i = 0; i < ARRAY_SIZE(lists); i++) {
        list_for_each(m, lists[i], link) {
            if (m != fs && m->of != fs)
                continue;
            if (on)
                __atomic_fetch_or(&m->flags, MOUNT_FS_READONLY, __ATOMIC_SEQ_CST);
            else
                __atomic_fetch_and(&m->flags, ~(u32)MOUNT_FS_READONLY, __ATOMIC_SEQ_CST);
        }
    }
}

static bool fs_is_readonly(const struct mount *fs) { return fs->flags & MOUNT_FS_READONLY; }

/* As flags_set_locked: first the flag, then a look at who writes. */
static int fs_readonly_set_locked(struct mount *fs, bool on)
{
    if (on == fs_is_readonly(fs))
        return 0;
    fs_readonly_mark_locked(fs, on);
    if (!on || !fs->type->writing || !fs->type->writing(fs))
        return 0;
    fs_readonly_mark_locked(fs, false);
    return -EBUSY;
}

static int remount_locked(struct mount *m, const char *options, u32 flags)
{
    struct mount *fs = m->of ? m->of : m;
    u32 old = m->flags & MOUNT_GIVEN;
    bool was_readonly = fs_is_readonly(fs);
    int r = options ? fs_readonly_set_locked(fs, flags & MOUNT_READONLY) : 0;
    if (r)
        return r;
    r = flags_set_locked(m, flags);
    if (!r && options && *options)
        r = m->type->remount ? m->type->remount(m, options) : -EINVAL;
    if (r) {
        __atomic_store_n(&m->flags, (m->flags & ~MOUNT_GIVEN) | old, __ATOMIC_SEQ_CST);
        fs_readonly_mark_locked(fs, was_readonly);
    }
    return r;
}

int vfs_remount(const struct walk *w, struct vnode *start, const char *target, const char *options, u32 flags)
{
    struct vnode *v;
    ASSERT(!(flags & ~MOUNT_GIVEN));
    int r = find_mount(w, start, target, 0, &v);
    if (r)
        return r;
    struct mount *m = v->mount;
    mutex_lock(&mount_table_lock);
    r = remount_locked(m, options, flags);
    mutex_unlock(&mount_table_lock);
    vnode_put(v);
    return r;
}

/* --- elsewhere --- */

/* Is m the mount `above`, or somewhere inside it? */
static bool is_inside_locked(const struct mount *m, const struct mount *above)
{
    ASSERT(mutex_held(&mount_table_lock));
    while (m && m != above)
        m = m->covered ? m->covered->mount : NULL;
    return m != NULL;
}

/* *old: what it was on, for the caller to leave. */
static int move_locked(struct mount *m, struct vnode *dir, struct vnode **old)
{
    if (!m->covered)
        return -EINVAL;
    if (is_inside_locked(dir->mount, m))
        return -ELOOP;
    *old = mount_hide(m);
    int r = mount_attach_locked(m, dir);
    if (r) {
        mount_show(m, *old);
        *old = NULL;
    }
    return r;
}

int vfs_mount_move(const struct walk *w, struct vnode *sstart, const char *source, struct vnode *tstart,
                   const char *target)
{
    struct vnode *v, *dir, *old = NULL;
    int r = find_mount(w, sstart, source, 0, &v);
    if (r)
        return r;
    r = path_lookup(w, tstart, target, 0, &dir);
    if (!r) {
        mutex_lock(&mount_table_lock);
        r = (v->type == V_DIR) == (dir->type == V_DIR) ? move_locked(v->mount, dir, &old) : -ENOTDIR;
        mutex_unlock(&mount_table_lock);
        if (r)
            vnode_put(dir);
    }
    mount_leave(old);
    vnode_put(v);
    return r;
}

/* --- the end --- */

/* `mine`: references to m that the caller has. */
static bool busy_locked(struct mount *m, u32 mine)
{
    struct mount *other;
    list_for_each(other, &vfs_mounts, link)
        if (other->covered && other->covered->mount == m)
            return true;
    if (m->type->busy)
        return m->type->busy(m);
    /* The table and the root, which only the mount may hold. */
    return __atomic_load_n(&m->refs, __ATOMIC_RELAXED) > 2 + mine || __atomic_load_n(&m->root->refs, __ATOMIC_RELAXED) > 1;
}

/* Does a bind mount show a part of m's file system? */
static bool shown_locked(const struct mount *m)
{
    struct mount *other;
    list_for_each(other, &vfs_mounts, link)
        if (other->of == m)
            return true;
    list_for_each(other, &detached, link)
        if (other->of == m)
            return true;
    return false;
}

/* Takes apart what nobody is in any more. */
static void reap(void)
{
    struct mount *m, *found;
    do {
        found = NULL;
        mutex_lock(&mount_table_lock);
        list_for_each(m, &detached, link)
            if (!shown_locked(m) && !busy_locked(m, 0)) {
                found = m;
                list_remove(&m->link);
                break;
            }
        mutex_unlock(&mount_table_lock);
        if (found)
            mount_destroy(found);
    } while (found);
}

void vnode_leave_detached(struct vnode *v)
{
    vnode_put(v);
    reap();
}

/* A mount inside m (or m) with none inside it, or NULL. */
static struct mount *innermost_locked(const struct mount *m)
{
    struct mount *deep = NULL, *other;
    list_for_each(other, &vfs_mounts, link)
        if (is_inside_locked(other, deep ? deep : m) && other != deep) {
            deep = other;
            other = list_entry(&vfs_mounts, struct mount, link); /* from the start: moved ones stand in any order */
        }
    return deep;
}

static void detach_locked(struct mount *m)
{
    __atomic_fetch_or(&m->flags, MOUNT_DETACHED, __ATOMIC_RELEASE);
    list_remove(&m->link);
    list_push_back(&detached, &m->link);
}

/* m and all that is mounted inside it. */
static void detach_all(struct mount *m)
{
    struct mount *deep;
    do {
        mutex_lock(&mount_table_lock);
        deep = innermost_locked(m);
        struct vnode *covered = deep && deep->covered ? mount_hide(deep) : NULL;
        if (deep)
            detach_locked(deep);
        mutex_unlock(&mount_table_lock);
        mount_leave(covered);
    } while (deep);
}

static bool still_used_locked(struct mount *m)
{
    spin_lock(&mount_cross_lock);
    bool used = !m->expires || m->entered != m->expires;
    m->expires = m->entered + 1 ? m->entered + 1 : 1;
    spin_unlock(&mount_cross_lock);
    path_cache_change(); /* whoever comes by must cross over */
    return used;
}

/* Cuts m, to which the caller has a reference, off if nobody is inside; *covered is the caller's to leave then.
 * *stays: its file system goes on under other names. */
static int end_locked(struct mount *m, unsigned how, struct vnode **covered, bool *stays)
{
    if (!m->covered)
        return m == mount_root() ? -EBUSY : -EINVAL;
    *covered = mount_hide(m);
    int r = busy_locked(m, 1) ? -EBUSY : (how & UMOUNT_EXPIRE) && still_used_locked(m) ? -EAGAIN : 0;
    if (r) {
        mount_show(m, *covered);
        *covered = NULL;
    } else if ((*stays = shown_locked(m))) {
        detach_locked(m);
    } else {
        list_remove(&m->link);
    }
    return r;
}

/* Consumes v, the root of a mount. */
static int umount_root(struct vnode *v, unsigned how)
{
    struct mount *m = v->mount;
    struct vnode *covered = NULL;
    bool stays = false;
    mount_get(m);
    mutex_lock(&mount_table_lock);
    vnode_put(v);
    int r = end_locked(m, how, &covered, &stays);
    mutex_unlock(&mount_table_lock);
    if (!r && !stays)
        mount_destroy(m);
    else if (r == -EBUSY && (how & UMOUNT_DETACH) && m != mount_root()) {
        detach_all(m);
        r = 0;
    }
    mount_leave(covered);
    mount_put(m);
    reap();
    return r;
}

int vfs_umount(const struct walk *w, struct vnode *start, const char *target, unsigned how)
{
    struct vnode *v;
    int r = find_mount(w, start, target, how & UMOUNT_NOFOLLOW ? LOOKUP_NOFOLLOW : 0, &v);
    return r ? r : umount_root(v, how);
}
