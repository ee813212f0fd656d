/* Views: see view.h.
 *
 *     view_get: found in the table, or made --put--> (last reference) out of the table, freed; the real one is put
 *
 * The table holds no references: a view whose last one is gone but which still stands in the table is passed by, and
 * takes itself out. What makes a name makes the memory for its view first, so that it cannot fail afterwards. */
#include "vfs/view.h"
#include "arch/spinlock.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/mount_priv.h"

#define BUCKETS 64u

struct view { struct vnode v; struct view *next; };
struct view_table { struct spinlock lock; struct view *buckets[BUCKETS]; };

static const struct vnode_ops view_ops, steady_view_ops;

struct view_table *view_table_create(void)
{
    struct view_table *t = kzalloc(sizeof *t);
    if (t)
        spin_init(&t->lock, "views");
    return t;
}

void view_table_destroy(struct view_table *t)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        ASSERT(!t->buckets[i]);
    kfree(t);
}

static struct view **bucket_of(struct view_table *t, const struct vnode *real)
{
    return &t->buckets[((uintptr_t)real >> 6) % BUCKETS];
}

/* With a reference, or NULL. */
static struct vnode *find_locked(struct view_table *t, const struct vnode *real)
{
    ASSERT(spin_held(&t->lock));
    for (struct view *w = *bucket_of(t, real); w; w = w->next)
        if (w->v.ctx == real && vnode_tryget(&w->v))
            return &w->v;
    return NULL;
}

static struct vnode *find(struct view_table *t, const struct vnode *real)
{
    spin_lock(&t->lock);
    struct vnode *v = find_locked(t, real);
    spin_unlock(&t->lock);
    return v;
}

/* The view of real, for which there is memory; both are taken over. */
static struct vnode *view_fill(struct mount *m, struct vnode *real, struct view *w)
{
    struct view_table *t = m->ctx;
    vnode_init(&w->v, real->type, real->ops->steady ? &steady_view_ops : &view_ops, m, real);
    spin_lock(&t->lock);
    struct vnode *v = find_locked(t, real);
    if (!v) {
        struct view **bucket = bucket_of(t, real);
        w->next = *bucket;
        *bucket = w;
        __atomic_fetch_add(&real->views, 1, __ATOMIC_RELAXED);
    }
    spin_unlock(&t->lock);
    if (!v)
        return &w->v;
    kfree(w);
    mount_put(m);
    vnode_put(real);
    return v;
}

int view_get(struct mount *m, struct vnode *real, struct vnode **out)
{
    ASSERT(!real->ops->view);
    if (real->ops->follow) {
        *out = real;
        return 0;
    }
    *out = find(m->ctx, real);
    if (*out) {
        vnode_put(real);
        return 0;
    }
    struct view *w = kmalloc(sizeof *w);
    if (!w) {
        vnode_put(real);
        return -ENOMEM;
    }
    *out = view_fill(m, real, w);
    return 0;
}

static struct vnode *view_destroy(struct vnode *v)
{
    struct view_table *t = v->mount->ctx;
    struct view *w = container_of(v, struct view, v);
    struct vnode *real = v->ctx;
    spin_lock(&t->lock);
    struct view **at = bucket_of(t, real);
    while (*at != w) {
        ASSERT(*at);
        at = &(*at)->next;
    }
    *at = w->next;
    __atomic_fetch_sub(&real->views, 1, __ATOMIC_RELAXED);
    spin_unlock(&t->lock);
    kfree(w);
    return real;
}

/* Is there a view for which is() holds? */
static bool any(const struct mount *m, bool (*is)(const struct mount *m, const struct vnode *v))
{
    struct view_table *t = m->ctx;
    bool found = false;
    spin_lock(&t->lock);
    for (unsigned i = 0; i < BUCKETS && !found; i++)
        for (const struct view *w = t->buckets[i]; w && !found; w = w->next)
            found = is(m, &w->v);
    spin_unlock(&t->lock);
    return found;
}

static bool is_held(const struct mount *m, const struct vnode *v)
{
    return __atomic_load_n(&v->refs, __ATOMIC_RELAXED) > (v == m->root ? 1u : 0u);
}

static bool is_writing(const struct mount *m, const struct vnode *v)
{
    return __atomic_load_n(&v->writers, __ATOMIC_SEQ_CST) > 0;
}

bool view_table_busy(const struct mount *m) { return any(m, is_held); }
bool view_table_writing(const struct mount *m) { return any(m, is_writing); }

/* --- operations: unwrap what comes in, wrap what goes out --- */

static int view_lookup(struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    struct vnode *d = vnode_real(dir), *found;
    int r = d->ops->lookup ? d->ops->lookup(d, name, len, &found) : -ENOENT;
    return r ? r : view_get(dir->mount, found, out);
}

/* The end of an operation that made `real`, or failed; consumes both. */
static int view_made(int r, struct mount *m, struct vnode *real, struct view *w, struct vnode **out)
{
    if (r)
        kfree(w);
    else
        *out = view_fill(m, real, w);
    return r;
}

static int view_create(struct vnode *dir, const char *name, size_t len, u32 mode, u64 rdev, u32 uid, u32 gid,
                       struct vnode **out)
{
    struct vnode *d = vnode_real(dir), *made = NULL;
    struct view *w = kmalloc(sizeof *w);
    int r = !w ? -ENOMEM : d->ops->create ? d->ops->create(d, name, len, mode, rdev, uid, gid, &made) : -EROFS;
    return view_made(r, dir->mount, made, w, out);
}

static int view_tmpfile(struct vnode *dir, u32 mode, u32 uid, u32 gid, bool linkable, struct vnode **out)
{
    struct vnode *d = vnode_real(dir), *made = NULL;
    struct view *w = kmalloc(sizeof *w);
    int r = !w ? -ENOMEM : d->ops->tmpfile ? d->ops->tmpfile(d, mode, uid, gid, linkable, &made) : -EOPNOTSUPP;
    return view_made(r, dir->mount, made, w, out);
}

static int view_mkdir(struct vnode *dir, const char *name, size_t len, u32 mode, u32 uid, u32 gid, struct vnode **out)
{
    struct vnode *d = vnode_real(dir), *made = NULL;
    struct view *w = kmalloc(sizeof *w);
    int r = !w ? -ENOMEM : d->ops->mkdir ? d->ops->mkdir(d, name, len, mode, uid, gid, &made) : -EROFS;
    return view_made(r, dir->mount, made, w, out);
}

static int view_symlink(struct vnode *dir, const char *name, size_t len, const char *target, u32 uid, u32 gid)
{
    struct vnode *d = vnode_real(dir);
    return d->ops->symlink ? d->ops->symlink(d, name, len, target, uid, gid) : -EROFS;
}

static int view_link(struct vnode *dir, const char *name, size_t len, struct vnode *target)
{
    struct vnode *d = vnode_real(dir);
    return d->ops->link ? d->ops->link(d, name, len, vnode_real(target)) : -EROFS;
}

static int view_unlink(struct vnode *dir, const char *name, size_t len)
{
    struct vnode *d = vnode_real(dir);
    return d->ops->unlink ? d->ops->unlink(d, name, len) : -EROFS;
}

static int view_rmdir(struct vnode *dir, const char *name, size_t len)
{
    struct vnode *d = vnode_real(dir);
    return d->ops->rmdir ? d->ops->rmdir(d, name, len) : -EROFS;
}

static int view_rename(struct vnode *odir, const char *oname, size_t olen, struct vnode *ndir, const char *nname,
                       size_t nlen, unsigned flags)
{
    struct vnode *o = vnode_real(odir);
    return o->ops->rename ? o->ops->rename(o, oname, olen, vnode_real(ndir), nname, nlen, flags) : -EROFS;
}

static int view_readlink(struct vnode *v, char *buf, size_t size)
{
    struct vnode *real = vnode_real(v);
    return real->ops->readlink ? real->ops->readlink(real, buf, size) : -EINVAL;
}

/* Who was moved out of what the mount shows finds no way up: it would lead to what the mount does not show. */
static int view_parent(struct vnode *dir, struct vnode **out)
{
    struct vnode *d = vnode_real(dir), *up;
    if (!mount_is_under(d, vnode_real(dir->mount->root)) || !d->ops->parent)
        return -ENOENT;
    int r = d->ops->parent(d, &up);
    return r ? r : view_get(dir->mount, up, out);
}

static int view_name_of(struct vnode *v, struct vnode **dir, char *buf, size_t size)
{
    struct vnode *real = vnode_real(v), *in = NULL;
    *dir = NULL;
    int r = real->ops->name_of ? real->ops->name_of(real, &in, buf, size) : -ENOENT;
    if (r < 0 || !in)
        return r;
    int made = view_get(v->mount, in, dir);
    return made ? made : r;
}

static u64 view_number(struct vnode *v)
{
    struct vattr a;
    struct vnode *real = vnode_real(v);
    if (real->ops->number)
        return real->ops->number(real);
    return vfs_getattr(real, &a) ? 0 : a.ino;
}

static void view_accessed(struct vnode *v, enum access_rule rule)
{
    struct vnode *real = vnode_real(v);
    if (real->ops->accessed)
        real->ops->accessed(real, rule);
}

static int view_getattr(struct vnode *v, struct vattr *out)
{
    struct vnode *real = vnode_real(v);
    return real->ops->getattr ? real->ops->getattr(real, out) : -EOPNOTSUPP;
}

static int view_setattr(struct vnode *v, const struct vattr *in, unsigned what)
{
    struct vnode *real = vnode_real(v);
    return real->ops->setattr ? real->ops->setattr(real, in, what) : -EROFS;
}

static int view_get_vmo(struct vnode *v, struct vmo **out)
{
    struct vnode *real = vnode_real(v);
    return real->ops->get_vmo ? real->ops->get_vmo(real, out) : -ENODEV;
}

static int view_xattr_get(struct vnode *v, const char *name, void *buf, size_t size)
{
    struct vnode *real = vnode_real(v);
    return real->ops->xattr_get ? real->ops->xattr_get(real, name, buf, size) : -EOPNOTSUPP;
}

static int view_xattr_set(struct vnode *v, const char *name, const void *value, size_t size, unsigned how)
{
    struct vnode *real = vnode_real(v);
    return real->ops->xattr_set ? real->ops->xattr_set(real, name, value, size, how) : -EOPNOTSUPP;
}

static int view_xattr_list(struct vnode *v, bool (*show)(const char *name, void *ctx), void *ctx)
{
    struct vnode *real = vnode_real(v);
    return real->ops->xattr_list ? real->ops->xattr_list(real, show, ctx) : -EOPNOTSUPP;
}

#define VIEW_OPS(is_steady) { \
    .name = "view", .view = true, .steady = is_steady, .lookup = view_lookup, .create = view_create, .tmpfile = view_tmpfile, \
    .mkdir = view_mkdir, .symlink = view_symlink, .link = view_link, .unlink = view_unlink, .rmdir = view_rmdir, \
    .rename = view_rename, .readlink = view_readlink, .parent = view_parent, .name_of = view_name_of, .number = view_number, \
    .accessed = view_accessed, .getattr = view_getattr, .setattr = view_setattr, .get_vmo = view_get_vmo, \
    .xattr_get = view_xattr_get, .xattr_set = view_xattr_set, .xattr_list = view_xattr_list, .destroy = view_destroy }
static const struct vnode_ops view_ops = VIEW_OPS(false), steady_view_ops = VIEW_OPS(true);
