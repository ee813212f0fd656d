/* Bind mounts: a part of a file system that is there a second time, with flags of its own.
 *
 * A bind mount has views (view.h) instead of vnodes of its own and holds what it shows by its root. It knows the mount
 * whose file system it is (mount->of), and that one stays as long as it is shown somewhere: umount only takes its name
 * then. What is mounted inside of what is shown is not seen in it unless it is copied, too: a deep bind makes a copy of
 * every mount below, attaches them to one another where nobody sees it, and shows the whole at last. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/mount_priv.h"
#include "vfs/view.h"

static void bind_unmount(struct mount *m) { vnode_put(m->root); }
static void bind_release(struct mount *m) { view_table_destroy(m->ctx); }
static bool bind_busy(struct mount *m) { return view_table_busy(m); }
static bool bind_writing(struct mount *m) { return view_table_writing(m); }

static int bind_remount(struct mount *m, const char *options)
{
    return m->of->type->remount ? m->of->type->remount(m->of, options) : -EINVAL;
}

static void bind_statfs(struct mount *m, struct fs_stat *out)
{
    *out = (struct fs_stat){ .bsize = PAGE_SIZE, .namelen = NAME_MAX_BYTES };
    if (m->of->type->statfs)
        m->of->type->statfs(m->of, out);
}

static const struct fs_type bind_type = {
    .name = "bind", .remount = bind_remount, .unmount = bind_unmount, .release = bind_release, .busy = bind_busy,
    .writing = bind_writing, .statfs = bind_statfs,
};

/* A mount, not yet anywhere, whose root is the view of what `from`, a vnode or a view, stands for. */
static int bind_create(struct vnode *from, struct mount **out)
{
    struct vnode *real = vnode_real(from);
    struct mount *m, *of = real->mount;
    int r = mount_alloc(&bind_type, of->source, vnode_mount_flags(from) & MOUNT_GIVEN, &m);
    if (r)
        return r;
    m->of = of;
    m->dev = of->dev;
    m->ctx = view_table_create();
    r = -ENOMEM;
    if (!m->ctx)
        goto free_mount;
    vnode_get(real);
    r = view_get(m, real, &m->root);
    if (r)
        goto free_table;
    *out = m;
    return 0;
free_table:
    view_table_destroy(m->ctx);
free_mount:
    kfree(m);
    return r;
}

/* One step up from v within its file system: with a reference, or NULL at the top. */
static struct vnode *step_up(struct vnode *v)
{
    char name[NAME_MAX_BYTES + 1];
    struct vnode *up = NULL;
    if (v == v->mount->root)
        return NULL;
    if (v->type == V_DIR)
        return v->ops->parent && !v->ops->parent(v, &up) ? up : NULL;
    int r = v->ops->name_of ? v->ops->name_of(v, &up, name, sizeof name) : -ENOENT;
    if (r > 0)
        vnode_put(up);
    return r == 0 ? up : NULL;
}

bool mount_is_under(struct vnode *v, struct vnode *top)
{
    vnode_get(v);
    while (v && v != top) {
        struct vnode *up = step_up(v);
        vnode_put(v);
        v = up;
    }
    vnode_put(v);
    return v != NULL;
}

/* Where the copy of a mount goes: the view of what it covers in the copy of what that is part of; NULL: that is not
 * shown. */
static int place_of_copy_locked(const struct mount *m, struct vnode **out)
{
    struct mount *in = m->covered ? m->covered->mount->copy : NULL;
    struct vnode *real = m->covered ? vnode_real(m->covered) : NULL;
    *out = NULL;
    if (!in || !mount_is_under(real, vnode_real(in->root)))
        return 0;
    vnode_get(real);
    return view_get(in, real, out);
}

/* Copies m if it is its turn; *progress then. */
static int copy_one_locked(struct mount *m, struct list *copies, bool *progress)
{
    struct vnode *dir;
    struct mount *copy;
    if (m->copy)
        return 0;
    int r = place_of_copy_locked(m, &dir);
    if (r || !dir)
        return r;
    r = bind_create(m->root, &copy);
    if (r)
        goto put_dir;
    r = mount_attach_locked(copy, dir);
    if (r) {
        mount_destroy(copy);
        goto put_dir;
    }
    list_push_back(copies, &copy->link);
    m->copy = copy;
    *progress = true;
    return 0;
put_dir:
    vnode_put(dir);
    return r;
}

/* Those that are mounted on others come later: they may stand in any order. */
static int copy_inside_locked(struct mount *from, struct mount *top, struct list *copies)
{
    struct mount *m;
    bool progress = true;
    int r = 0;
    ASSERT(mutex_held(&mount_table_lock));
    from->copy = top;
    while (progress && !r) {
        progress = false;
        list_for_each(m, &vfs_mounts, link) {
            r = copy_one_locked(m, copies, &progress);
            if (r)
                break;
        }
    }
    list_for_each(m, &vfs_mounts, link)
        m->copy = NULL;
    return r;
}

/* Takes apart what nobody saw, the innermost first. */
static void copies_destroy(struct list *copies)
{
    while (!list_empty(copies)) {
        struct mount *m = list_entry(copies->prev, struct mount, link);
        list_remove(&m->link);
        if (m->covered)
            mount_leave(mount_hide(m));
        mount_destroy(m);
    }
}

/* The mounts that then are to be seen, or are to be taken apart, are in copies. at: its reference is taken over on
 * success. */
static int bind_locked(struct vnode *from, struct vnode *at, bool deep, struct list *copies)
{
    struct mount *top;
    if (!from->mount || vnode_mount_flags(from) & MOUNT_DETACHED)
        return -EINVAL;
    int r = bind_create(from, &top);
    if (r)
        return r;
    list_push_back(copies, &top->link);
    if (deep)
        r = copy_inside_locked(from->mount, top, copies);
    return r ? r : mount_attach_locked(top, at);
}

/* Consumes at. */
static int bind_at(struct vnode *from, struct vnode *at, bool deep)
{
    struct list copies = LIST_INIT(copies);
    if ((from->type == V_DIR) != (at->type == V_DIR)) {
        vnode_put(at);
        return -ENOTDIR;
    }
    mutex_lock(&mount_table_lock);
    int r = bind_locked(from, at, deep, &copies);
    for (struct list *l; !r && (l = list_pop_front(&copies)) != NULL;)
        list_push_back(&vfs_mounts, l);
    mutex_unlock(&mount_table_lock);
    if (r)
        vnode_put(at);
    copies_destroy(&copies);
    return r;
}

int vfs_mount_bind(const struct walk *w, struct vnode *sstart, const char *source, struct vnode *tstart,
                   const char *target, bool deep)
{
    struct vnode *from, *at;
    int r = path_lookup(w, sstart, source, 0, &from);
    if (r)
        return r;
    r = path_lookup(w, tstart, target, 0, &at);
    if (!r)
        r = bind_at(from, at, deep);
    vnode_put(from);
    return r;
}
