/* Opening: from a path to a file object.
 *
 * The file object is made last, after all checks; opening it (which may wait for a FIFO's other
 * side) and truncating follow. A file that this call created is not checked for permission: its
 * mode holds for later opens. */
#include "lib/errno.h"
#include "vfs/devfs.h"
#include "vfs/file_priv.h"
#include "vfs/names_priv.h"
#include "vfs/notify.h"
#include "vfs/path_priv.h"

static int open_by_number(struct vnode *v, struct file *f)
{
    struct vattr a;
    if (vnode_mount_flags(file_place(f)) & MOUNT_NODEV)
        return -EACCES;
    int r = vfs_getattr(v, &a);
    if (r)
        return r;
    return v->type == V_CHR ? dev_open_by_number(a.rdev, f) : -ENXIO;
}

int file_open_vnode(struct file *f)
{
    struct vnode *v = f->vnode;
    if (f->flags & FILE_PATH) {
        f->ops = &path_file_ops;
        return 0;
    }
    if (v->type == V_DIR) {
        f->ops = &directory_file_ops;
        return 0;
    }
    if (v->ops->open)
        return v->ops->open(v, f);
    switch (v->type) {
    case V_REG: return regular_open(f);
    case V_CHR:
    case V_BLK: return open_by_number(v, f);
    case V_FIFO: return fifo_open(v, f);
    case V_LNK: return -ELOOP;
    default: return -ENXIO;
    }
}

static int open_finish(struct vnode *v, u32 file_flags, unsigned open_flags, struct file **out)
{
    struct file *f;
    int r = file_alloc(v, file_flags, &f);
    if (r)
        return r;
    r = file_open_vnode(f);
    if (!r && !(file_flags & FILE_PATH))
        notify_node(v, NOTIFY_OPEN);
    if (r) {
        f->ops = NULL; /* a failed open has nothing to release */
    } else if ((open_flags & OPEN_TRUNC) && v->type == V_REG && v->ops->setattr) {
        struct vattr a = { .size = 0 };
        r = vnode_set_size(v, &a, VSET_SIZE);
        if (!r)
            notify_node(v, NOTIFY_MODIFY);
    }
    if (r)
        file_put(f);
    else
        *out = f;
    return r;
}

/* Whose reading leaves no trace: open(2), O_NOATIME. */
static int noatime_check(struct vnode *v, const struct vcred *c)
{
    struct vattr a;
    if (vcred_can(c, VPOWER_OWNER))
        return 0;
    int r = vfs_getattr(v, &a);
    return r ? r : c->uid == a.uid ? 0 : -EPERM;
}

static int open_check(struct vnode *v, const struct vcred *c, u32 file_flags, unsigned open_flags)
{
    unsigned may = 0;
    if ((open_flags & OPEN_DIRECTORY) && v->type != V_DIR)
        return -ENOTDIR;
    if (file_flags & FILE_PATH)
        return 0;
    if (v->type == V_LNK)
        return -ELOOP;
    if (v->type == V_DIR && ((file_flags & FILE_WRITE) || (open_flags & (OPEN_CREATE | OPEN_TRUNC))))
        return -EISDIR;
    if (file_flags & FILE_READ)
        may |= MAY_READ;
    if ((file_flags & FILE_WRITE) || (open_flags & OPEN_TRUNC)) {
        may |= MAY_WRITE;
        if (vnode_is_readonly(v))
            return -EROFS;
    }
    int r = may ? vnode_permission(v, c, may) : 0;
    return unlikely(file_flags & FILE_NOATIME) && !r ? noatime_check(v, c) : r;
}

int vfs_open_vnode(struct vnode *v, const struct vcred *c, u32 file_flags, struct file **out)
{
    int r = open_check(v, c, file_flags, 0);
    return r ? r : open_finish(v, file_flags, 0, out);
}

/* The last component: finds it, or makes it. -EAGAIN: somebody was faster, look again. */
static int open_last(struct path_walk *pw, const struct path_part *part, unsigned flags, u32 mode, struct vnode **out,
                     bool *created)
{
    int r = walk_find(pw, part, out);
    if (r != -ENOENT || !(flags & OPEN_CREATE))
        return r;
    if (part->dir)
        return -EISDIR;
    r = names_create(pw->at, pw->w->cred, part->name, part->len, (mode & 07777) | MODE_REG, 0, out);
    if (r == -EEXIST)
        return flags & OPEN_EXCL ? r : -EAGAIN;
    *created = !r;
    return r;
}

/* Finds or makes what the path names, following links as the flags say. */
static int open_find(struct path_walk *pw, u32 file_flags, unsigned flags, u32 mode, struct vnode **out, bool *created)
{
    struct path_part part;
    for (bool must_be_dir = false;;) {
        int r = walk_parent(pw, &part);
        if (r)
            return r;
        must_be_dir |= part.dir;
        if (part.len == 0) {
            vnode_get(pw->at);
            *out = pw->at;
        } else {
            do
                r = open_last(pw, &part, flags, mode, out, created);
            while (r == -EAGAIN);
            if (r)
                return r;
        }
        struct vnode *v = *out;
        if ((flags & OPEN_CREATE) && (flags & OPEN_EXCL) && !*created)
            r = -EEXIST;
        else if (v->type == V_LNK && (!(flags & OPEN_NOFOLLOW) || part.dir))
            r = walk_follow(pw, v);
        else if (!must_be_dir || v->type == V_DIR)
            return 0;
        else
            r = -ENOTDIR;
        vnode_put(v);
        if (r)
            return r;
    }
}

static int open_tmpfile(const struct walk *w, struct vnode *start, const char *path, u32 file_flags,
                        unsigned open_flags, u32 mode, struct file **out)
{
    struct vnode *dir, *v;
    int r = path_lookup(w, start, path, LOOKUP_DIRECTORY, &dir);
    if (r)
        return r;
    r = names_tmpfile(dir, w->cred, mode & 07777, !(open_flags & OPEN_EXCL), &v);
    vnode_put(dir);
    if (r)
        return r;
    r = open_finish(v, file_flags, 0, out);
    vnode_put(v);
    return r;
}

/* By a walk of one step or more. */
static int open_walking(const struct walk *w, struct vnode *start, const char *path, const struct open_how *how,
                        struct vnode **out, bool *created)
{
    struct path_walk pw;
    int r = walk_begin(&pw, w, start, path);
    if (r)
        return r;
    r = open_find(&pw, how->file_flags, how->open_flags, how->mode, out, created);
    walk_end(&pw);
    return r;
}

/* One name in a directory. 1: that takes a walk. */
static int open_plain(const struct walk *w, struct vnode *dir, const char *name, const struct open_how *how,
                      struct vnode **out, bool *created)
{
    if (!how->plain)
        return 1;
    int r = name_find(w, dir, name, how->plain, out);
    if (r == -ENOENT && (how->open_flags & OPEN_CREATE)) {
        r = names_create(dir, w->cred, name, how->plain, (how->mode & 07777) | MODE_REG, 0, out);
        *created = !r;
        return r == -EEXIST ? 1 : r;
    }
    if (r == 0 && ((*out)->type == V_LNK || (how->open_flags & OPEN_EXCL))) {
        vnode_put(*out);
        return 1;
    }
    return r;
}

int vfs_open(const struct walk *w, struct vnode *start, const char *path, const struct open_how *asked,
             struct file **out)
{
    struct open_how how = *asked;
    struct vnode *v;
    bool created = false;
    if (how.open_flags & OPEN_TMPFILE)
        return open_tmpfile(w, start, path, how.file_flags, how.open_flags, how.mode, out);
    if (how.file_flags & FILE_PATH) { /* as Linux: the others have no meaning then */
        how.open_flags &= OPEN_DIRECTORY | OPEN_NOFOLLOW;
        how.file_flags &= ~(u32)(FILE_READ | FILE_WRITE);
    }
    int r = open_plain(w, start, path, &how, &v, &created);
    if (r > 0)
        r = open_walking(w, start, path, &how, &v, &created);
    if (r)
        return r;
    if (!created)
        r = open_check(v, w->cred, how.file_flags, how.open_flags);
    if (!r)
        r = open_finish(v, how.file_flags, created ? how.open_flags & ~OPEN_TRUNC : how.open_flags, out);
    vnode_put(v);
    return r;
}
