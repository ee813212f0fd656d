/* Vnodes: counting, attributes and permission. What a vnode means is its file system's business. */
#include "vfs/vnode.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "vfs/file_lock.h"
#include "vfs/mount.h"
#include "vfs/notify.h"
#include "vfs/path_cache.h"

void vnode_init(struct vnode *v, enum vtype type, const struct vnode_ops *ops, struct mount *m, void *ctx)
{
    *v = (struct vnode){ .refs = 1, .type = type, .ops = ops, .mount = m, .ctx = ctx };
    mutex_init(&v->lock, "vnode");
    if (m)
        mount_get(m);
}

void vnode_end(struct vnode *v, u32 before)
{
    while (v) {
        ASSERT(before == 1);
        if (unlikely(__atomic_load_n(&v->mentions, __ATOMIC_ACQUIRE)))
            path_cache_forget(v);
        if (unlikely(__atomic_load_n(&v->watches, __ATOMIC_ACQUIRE) != NULL))
            notify_forget(v);
        if (unlikely(v->locks != NULL))
            file_lock_forget(v);
        struct mount *m = v->mount; /* v is gone after destroy */
        struct vnode *held = v->ops->destroy ? v->ops->destroy(v) : NULL;
        mount_put(m);
        before = held ? __atomic_fetch_sub(&held->refs, 1, __ATOMIC_ACQ_REL) : 2;
        v = before <= 1 ? held : NULL;
    }
}

static void owner_get(void *v) { vnode_get(v); }
static void owner_put(void *v) { vnode_put(v); }
static const struct vmo_owner_ops owner_ops = { owner_get, owner_put };

void vnode_own_vmo(struct vnode *v, struct vmo *vmo) { vmo_set_owner(vmo, &owner_ops, v); }
struct vnode *vnode_of_vmo(struct vmo *vmo) { return vmo_owner(vmo, &owner_ops); }

void vattr_change(struct vattr *a, const struct vattr *in, unsigned what, u64 now_ns)
{
    a->ctime_ns = now_ns;
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

static u64 (*caller_powers)(void);

void vfs_set_caller_powers(u64 (*powers)(void)) { caller_powers = powers; }

/* capabilities(7), CAP_FSETID */
void vattr_contents_change(struct vattr *a)
{
    u32 bits = MODE_SUID | (a->mode & 010 ? MODE_SGID : 0);
    if (unlikely(a->mode & bits) && caller_powers && !(caller_powers() & VPOWER_SETGID))
        a->mode &= ~bits;
}

/* Counts one more on the side of `one` (1 or -1), if nobody is on the other. */
static int side_join(struct vnode *v, i32 one)
{
    i32 n = __atomic_load_n(&v->writers, __ATOMIC_RELAXED);
    do {
        if (n * one < 0)
            return -ETXTBSY;
    } while (!__atomic_compare_exchange_n(&v->writers, &n, n + one, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return 0;
}

static void side_leave(struct vnode *v, i32 one)
{
    i32 before = __atomic_fetch_sub(&v->writers, one, __ATOMIC_ACQ_REL);
    ASSERT(before * one > 0);
}

/* A view counts its own writers, too: they keep its mount from becoming read-only. */
static void view_writers(struct vnode *v, i32 n)
{
    if (unlikely(v->ops->view))
        __atomic_fetch_add(&v->writers, n, __ATOMIC_SEQ_CST);
}

void vnode_write_end(struct vnode *v)
{
    view_writers(v, -1);
    side_leave(vnode_real(v), 1);
}

int vnode_write_begin(struct vnode *v)
{
    int r = side_join(vnode_real(v), 1);
    if (r)
        return r;
    view_writers(v, 1); /* counted first: see vfs_remount */
    if (likely(!vnode_is_readonly(v)))
        return 0;
    vnode_write_end(v);
    return -EROFS;
}
int vnode_run_begin(struct vnode *v) { return side_join(vnode_real(v), -1); }
void vnode_run_end(struct vnode *v) { side_leave(vnode_real(v), -1); }

static bool cred_in_group(const struct vcred *c, u32 gid)
{
    if (c->gid == gid)
        return true;
    for (unsigned i = 0; i < c->ngroups; i++)
        if (c->groups[i] == gid)
            return true;
    return false;
}

static bool power_suffices(const struct vnode *v, const struct vcred *c, unsigned may, u32 mode)
{
    bool dir = v->type == V_DIR, runs = !dir && (may & MAY_EXEC);
    if (vcred_can(c, VPOWER_OVERRIDE))
        return !runs || (mode & 0111);
    return (c->powers & VPOWER_SEARCH) && !runs && !(may & MAY_WRITE);
}

int vnode_permission_asking(struct vnode *v, const struct vcred *c, unsigned may)
{
    struct vattr a;
    int r = vfs_getattr(v, &a);
    if (r)
        return r;
    if (power_suffices(v, c, may, a.mode))
        return 0;
    if (!c)
        return -EACCES;
    unsigned granted = c->uid == a.uid ? a.mode >> 6 : cred_in_group(c, a.gid) ? a.mode >> 3 : a.mode;
    return (granted & may) == may ? 0 : -EACCES;
}

int vfs_getattr(struct vnode *v, struct vattr *out)
{
    if (!v->ops->getattr)
        return -EOPNOTSUPP;
    int r = v->ops->getattr(v, out);
    if (!r && v->mount) {
        out->dev = v->mount->dev;
        out->mount_id = v->mount->id;
        out->is_mount_root = v == v->mount->root;
    }
    return r;
}

/* Who may change what (POSIX chmod, chown, utimes, truncate); adjusts the set-id bits in a. */
static int setattr_check(const struct vcred *c, struct vnode *v, const struct vattr *old, struct vattr *a,
                         unsigned *what)
{
    bool owner = !c || c->uid == old->uid, may_give = vcred_can(c, VPOWER_CHOWN);
    if ((*what & VSET_SIZE) && vnode_permission(v, c, MAY_WRITE))
        return -EACCES;
    if ((*what & (VSET_MODE | VSET_ATIME | VSET_MTIME)) && !owner && !vcred_can(c, VPOWER_OWNER))
        return -EPERM;
    if ((*what & VSET_UID) && !may_give && (!owner || a->uid != old->uid))
        return -EPERM;
    if ((*what & VSET_GID) && !may_give && (!owner || (a->gid != old->gid && !cred_in_group(c, a->gid))))
        return -EPERM;
    if ((*what & VSET_MODE) && !vcred_can(c, VPOWER_SETGID) && v->type != V_DIR && !cred_in_group(c, old->gid))
        a->mode &= ~MODE_SGID;
    if ((*what & (VSET_UID | VSET_GID)) && v->type != V_DIR) {
        u32 mode = *what & VSET_MODE ? a->mode : old->mode;
        a->mode = mode & ~(MODE_SUID | (mode & 010 ? MODE_SGID : 0));
        *what |= VSET_MODE;
    }
    return 0;
}

int vnode_set_size(struct vnode *v, const struct vattr *a, unsigned what)
{
    int r = vnode_write_begin(v);
    if (r)
        return r;
    r = v->ops->setattr(v, a, what);
    vnode_write_end(v);
    return r;
}

/* One of the times alone is what reading and writing do to it. */
static u32 news_of(unsigned what)
{
    u32 mask = what & (VSET_MODE | VSET_UID | VSET_GID) ? NOTIFY_ATTRIB : 0;
    if (what & VSET_SIZE)
        mask |= NOTIFY_MODIFY;
    if ((what & VSET_ATIME) && (what & VSET_MTIME))
        mask |= NOTIFY_ATTRIB;
    else
        mask |= (what & VSET_ATIME ? NOTIFY_ACCESS : 0) | (what & VSET_MTIME && !(what & VSET_SIZE) ? NOTIFY_MODIFY : 0);
    return mask;
}

int vfs_setattr(const struct walk *w, struct vnode *v, const struct vattr *in, unsigned what)
{
    struct vattr old, a = *in;
    if (!v->ops->setattr || vnode_is_readonly(v))
        return -EROFS;
    if (what & VSET_SIZE) {
        if (v->type == V_DIR)
            return -EISDIR;
        if (v->type != V_REG)
            return -EINVAL;
        if (in->size > FILE_SIZE_MAX)
            return -EFBIG;
    }
    if ((what & VSET_MODE) && v->type == V_LNK)
        return -EOPNOTSUPP; /* a link's mode means nothing */
    int r = vfs_getattr(v, &old);
    if (!r)
        r = setattr_check(w->cred, v, &old, &a, &what);
    if (r)
        return r;
    r = what & VSET_SIZE ? vnode_set_size(v, &a, what) : v->ops->setattr(v, &a, what);
    if (!r && v->type == V_DIR && (what & VSET_MODE))
        path_cache_change();
    if (!r)
        notify_node(v, news_of(what));
    return r;
}
