/* The operations on names: who may, and what POSIX says about odd names; the file system does the
 * rest. A check and the operation after it are two steps: a directory that changes its mode in
 * between is judged by what it was. */
#include "lib/errno.h"
#include "vfs/names_priv.h"
#include "vfs/notify.h"
#include "vfs/path_cache.h"

int place_find(const struct walk *w, struct vnode *start, const char *path, struct place *p)
{
    return path_parent(w, start, path, &p->dir, &p->part.name, &p->part.len, &p->part.dir);
}

bool place_is_special(const struct place *p)
{
    return p->part.len == 0 || path_is_dot(&p->part) || path_is_dotdot(&p->part);
}

int place_lookup(const struct place *p, struct vnode **out)
{
    if (p->part.len > NAME_MAX_BYTES)
        return -ENAMETOOLONG;
    return p->dir->ops->lookup ? p->dir->ops->lookup(p->dir, p->part.name, p->part.len, out) : -ENOENT;
}

/* A new name: an existing one is -EEXIST even where nothing may be made (mkdir -p relies on it). */
static int may_create(const struct walk *w, const struct place *p)
{
    struct vnode *v;
    if (place_is_special(p))
        return -EEXIST;
    if (p->part.len > NAME_MAX_BYTES)
        return -ENAMETOOLONG;
    int r = names_may_change(p->dir, w->cred);
    if (r && place_lookup(p, &v) == 0) {
        vnode_put(v);
        return -EEXIST;
    }
    return r;
}

/* Only directories may be written with a slash behind. */
static int may_create_nondir(const struct walk *w, const struct place *p)
{
    struct vnode *v;
    int r = may_create(w, p);
    if (r || !p->part.dir)
        return r;
    if (place_lookup(p, &v))
        return -ENOENT;
    vnode_put(v);
    return -EEXIST;
}

int names_may_remove(const struct vcred *c, struct vnode *dir, struct vnode *v)
{
    struct vattr d, a;
    if (vnode_is_covered(v))
        return -EBUSY;
    int r = names_may_change(dir, c);
    if (r || vcred_can(c, VPOWER_OWNER))
        return r;
    if ((r = vfs_getattr(dir, &d)) || !(d.mode & MODE_STICKY) || d.uid == c->uid)
        return r;
    r = vfs_getattr(v, &a);
    return r ? r : a.uid == c->uid ? 0 : -EPERM;
}

/* Owner of what is made in dir: a set-gid directory hands on its group, and itself to directories. */
static int owner_for(struct vnode *dir, const struct vcred *c, u32 *mode, u32 *uid, u32 *gid)
{
    struct vattr d;
    int r = vfs_getattr(dir, &d);
    if (r)
        return r;
    *uid = c ? c->uid : 0;
    *gid = c ? c->gid : 0;
    if (d.mode & MODE_SGID) {
        *gid = d.gid;
        if ((*mode & MODE_FMT) == MODE_DIR)
            *mode |= MODE_SGID;
    }
    return 0;
}

int names_create(struct vnode *dir, const struct vcred *c, const char *name, size_t len, u32 mode, u64 rdev,
                 struct vnode **out)
{
    u32 uid, gid;
    if (len > NAME_MAX_BYTES)
        return -ENAMETOOLONG;
    if (!dir->ops->create)
        return -EROFS;
    int r = names_may_change(dir, c);
    if (!r)
        r = owner_for(dir, c, &mode, &uid, &gid);
    if (!r)
        r = dir->ops->create(dir, name, len, mode, rdev, uid, gid, out);
    if (!r)
        notify_name(dir, name, len, NOTIFY_CREATE, 0);
    return r;
}

int names_tmpfile(struct vnode *dir, const struct vcred *c, u32 mode, bool linkable, struct vnode **out)
{
    u32 uid, gid;
    if (dir->type != V_DIR)
        return -ENOTDIR;
    if (!dir->ops->tmpfile)
        return -EOPNOTSUPP;
    int r = names_may_change(dir, c);
    if (!r)
        r = owner_for(dir, c, &mode, &uid, &gid);
    return r ? r : dir->ops->tmpfile(dir, mode, uid, gid, linkable, out);
}

int vfs_mkdir(const struct walk *w, struct vnode *start, const char *path, u32 mode)
{
    struct place p;
    struct vnode *v;
    u32 uid, gid;
    int r = place_find(w, start, path, &p);
    if (r)
        return r;
    mode = (mode & 01777) | MODE_DIR;
    r = may_create(w, &p);
    if (!r && !p.dir->ops->mkdir)
        r = -EROFS;
    if (!r)
        r = owner_for(p.dir, w->cred, &mode, &uid, &gid);
    if (!r)
        r = p.dir->ops->mkdir(p.dir, p.part.name, p.part.len, mode, uid, gid, &v);
    if (!r) {
        notify_name(p.dir, p.part.name, p.part.len, NOTIFY_CREATE | NOTIFY_ISDIR, 0);
        vnode_put(v);
    }
    vnode_put(p.dir);
    return r;
}

int vfs_mknod(const struct walk *w, struct vnode *start, const char *path, u32 mode, u64 rdev)
{
    struct place p;
    struct vnode *v;
    u32 type = mode & MODE_FMT;
    if (type == 0)
        mode |= MODE_REG;
    if (type == MODE_DIR)
        return -EPERM;
    if (type != 0 && type != MODE_REG && type != MODE_CHR && type != MODE_BLK && type != MODE_FIFO && type != MODE_SOCK)
        return -EINVAL;
    if ((type == MODE_CHR || type == MODE_BLK) && !vcred_can(w->cred, VPOWER_MKNOD))
        return -EPERM;
    int r = place_find(w, start, path, &p);
    if (r)
        return r;
    r = may_create_nondir(w, &p);
    if (!r)
        r = names_create(p.dir, w->cred, p.part.name, p.part.len, mode & (MODE_FMT | 07777), rdev, &v);
    if (!r)
        vnode_put(v);
    vnode_put(p.dir);
    return r;
}

int vfs_symlink(const struct walk *w, const char *target, struct vnode *start, const char *path)
{
    struct place p;
    u32 uid, gid, mode = MODE_LNK | 0777;
    if (!*target)
        return -ENOENT;
    int r = place_find(w, start, path, &p);
    if (r)
        return r;
    r = may_create_nondir(w, &p);
    if (!r && !p.dir->ops->symlink)
        r = -EROFS;
    if (!r)
        r = owner_for(p.dir, w->cred, &mode, &uid, &gid);
    if (!r)
        r = p.dir->ops->symlink(p.dir, p.part.name, p.part.len, target, uid, gid);
    if (!r)
        notify_name(p.dir, p.part.name, p.part.len, NOTIFY_CREATE, 0);
    vnode_put(p.dir);
    return r;
}

/* A name that is there is -EEXIST, whatever else is wrong with the link. */
static int may_link(const struct walk *w, const struct place *p, const struct vnode *v)
{
    struct vnode *there;
    int r = may_create_nondir(w, p);
    if (!r || r == -EACCES)
        r = v->mount != p->dir->mount ? -EXDEV : !r && v->type == V_DIR ? -EPERM : r;
    if ((r == -EXDEV || r == -EPERM) && place_lookup(p, &there) == 0) {
        vnode_put(there);
        r = -EEXIST;
    }
    return r;
}

static int link_at(const struct walk *w, const struct place *p, struct vnode *v)
{
    int r = may_link(w, p, v);
    if (r)
        return r;
    if (!p->dir->ops->link)
        return -EROFS;
    r = p->dir->ops->link(p->dir, p->part.name, p->part.len, v);
    if (!r) {
        notify_renamed();
        notify_self(v, NOTIFY_ATTRIB);
        notify_name(p->dir, p->part.name, p->part.len, NOTIFY_CREATE, 0);
    }
    return r;
}

int vfs_link_vnode(const struct walk *w, struct vnode *v, struct vnode *nstart, const char *npath)
{
    struct place p;
    int r = place_find(w, nstart, npath, &p);
    if (r)
        return r;
    r = link_at(w, &p, v);
    vnode_put(p.dir);
    return r;
}

int vfs_link(const struct walk *w, struct vnode *ostart, const char *opath, struct vnode *nstart, const char *npath,
             bool follow)
{
    struct vnode *v;
    int r = path_lookup(w, ostart, opath, follow ? 0 : LOOKUP_NOFOLLOW, &v);
    if (r)
        return r;
    r = vfs_link_vnode(w, v, nstart, npath);
    vnode_put(v);
    return r;
}

static int unlink_at(const struct walk *w, const struct place *p)
{
    struct vnode *v;
    if (place_is_special(p))
        return -EISDIR;
    if (vnode_is_readonly(p->dir))
        return -EROFS;
    int r = place_lookup(p, &v);
    if (r)
        return r;
    r = names_may_remove(w->cred, p->dir, v);
    if (!r && v->type == V_DIR)
        r = -EISDIR;
    if (!r && p->part.dir)
        r = -ENOTDIR;
    if (!r)
        r = p->dir->ops->unlink ? p->dir->ops->unlink(p->dir, p->part.name, p->part.len) : -EROFS;
    if (v->type == V_LNK)
        path_cache_change();
    if (!r) {
        notify_renamed();
        notify_self(v, NOTIFY_ATTRIB);
        notify_entry(p->dir, p->part.name, p->part.len, v, NOTIFY_DELETE, 0);
    }
    vnode_put(v);
    return r;
}

int vfs_unlink(const struct walk *w, struct vnode *start, const char *path)
{
    struct place p;
    int r = place_find(w, start, path, &p);
    if (r)
        return r;
    r = unlink_at(w, &p);
    vnode_put(p.dir);
    return r;
}

static int rmdir_at(const struct walk *w, const struct place *p)
{
    struct vnode *v;
    if (p->part.len == 0)
        return -EBUSY;
    if (place_is_special(p))
        return path_is_dot(&p->part) ? -EINVAL : -ENOTEMPTY;
    if (vnode_is_readonly(p->dir))
        return -EROFS;
    int r = place_lookup(p, &v);
    if (r)
        return r;
    r = names_may_remove(w->cred, p->dir, v);
    if (!r && v->type != V_DIR)
        r = -ENOTDIR;
    if (!r)
        r = p->dir->ops->rmdir ? p->dir->ops->rmdir(p->dir, p->part.name, p->part.len) : -EROFS;
    vnode_put(v); /* it tells of its own end first, as on Linux */
    if (!r)
        notify_name(p->dir, p->part.name, p->part.len, NOTIFY_DELETE | NOTIFY_ISDIR, 0);
    return r;
}

int vfs_rmdir(const struct walk *w, struct vnode *start, const char *path)
{
    struct place p;
    int r = place_find(w, start, path, &p);
    if (r)
        return r;
    r = rmdir_at(w, &p);
    vnode_put(p.dir);
    return r;
}
