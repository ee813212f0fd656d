/* Paths from programs, and where the calling process stands in the tree: root, working directory.
 *
 * A path is copied in once, before anything is looked up, so that a program changing it meanwhile
 * cannot be seen twice. A walk holds references on root and cwd: another thread's chdir does not
 * pull the directory away. struct lx_fs is shared by CLONE_FS; its mutex is held only to exchange
 * or to copy the two pointers. */
#include "linux/sys_priv.h"
#include "vfs/path_cache.h"

int lx_path_get(uptr_t user, char **out)
{
    char *buf = kmalloc(PATH_MAX_BYTES);
    if (!buf)
        return -ENOMEM;
    long len = strncpy_from_user(buf, user, PATH_MAX_BYTES);
    if (len < 0) {
        kfree(buf);
        return (int)len;
    }
    *out = buf;
    return 0;
}

/* Root and cwd without a lock and references while nobody else can change them: nobody else has the
 * process's struct lx_fs, and the process is busy with this call. */
static inline void walk_get(struct lx_walk *lw)
{
    struct process *p = process_current();
    struct lx_process *lx = p->lx;
    struct lx_fs *fs = lx->fs;
    lw->counted = __atomic_load_n(&p->nthreads, __ATOMIC_ACQUIRE) != 1 || __atomic_load_n(&fs->refs, __ATOMIC_ACQUIRE) != 1;
    if (unlikely(lw->counted))
        mutex_lock(&fs->lock);
    lw->w.root = fs->root;
    lw->w.cwd = fs->cwd;
    if (unlikely(lw->counted)) {
        vnode_get(lw->w.root);
        vnode_get(lw->w.cwd);
        mutex_unlock(&fs->lock);
    }
    lw->cred = (struct vcred){ lx->caps.effective, lx->fsuid, lx->fsgid, lx->groups, lx->ngroups };
    lw->w.cred = &lw->cred;
    lw->w.resolve = 0;
}

void lx_walk_get(struct lx_walk *lw) { walk_get(lw); }

void lx_walk_put(struct lx_walk *lw)
{
    if (likely(!lw->counted))
        return;
    vnode_put(lw->w.root);
    vnode_put(lw->w.cwd);
}

int lx_walk_start(const struct lx_walk *lw, int dirfd, const char *path, struct vnode **out)
{
    struct vnode *v = lw->w.cwd;
    if (path[0] == '/')
        v = lw->w.root;
    if (path[0] == '/' || dirfd == LX_AT_FDCWD) {
        vnode_get(v);
        *out = v;
        return 0;
    }
    struct file *f;
    int r = lx_file_get(dirfd, &f);
    if (r < 0)
        return r;
    if (f->vnode && f->vnode->type == V_DIR) {
        *out = file_place(f);
        vnode_get(*out);
    } else {
        r = -ENOTDIR;
    }
    file_put(f);
    return r;
}

/* A path too long for the buffer is read again, as a whole: what was seen of it first is forgotten. */
static int path_name_get(struct lx_path *p, uptr_t path)
{
    p->far = NULL;
    long len = strncpy_from_user(p->near, path, sizeof p->near);
    if (likely(len >= 0)) {
        p->name = p->near;
        p->len = (size_t)len;
        return 0;
    }
    if (len != -ENAMETOOLONG)
        return (int)len;
    int r = lx_path_get(path, &p->far);
    if (r)
        return r;
    p->name = p->far;
    p->len = strlen(p->far);
    return 0;
}

static inline int path_begin(struct lx_path *p, int dirfd, uptr_t path)
{
    int r = path_name_get(p, path);
    if (r < 0)
        return r;
    walk_get(&p->walk);
    p->start = NULL;
    p->start_counted = false;
    p->plain = 0;
    if (!p->len)
        return 0; /* an empty path may mean dirfd itself, which need not be a directory */
    if (*p->name == '/' || dirfd == LX_AT_FDCWD) {
        p->start = *p->name == '/' ? p->walk.w.root : p->walk.w.cwd;
        return 0;
    }
    r = lx_walk_start(&p->walk, dirfd, p->name, &p->start);
    p->start_counted = r == 0;
    if (r < 0)
        lx_path_close(p);
    return r;
}

static inline int path_enter(struct lx_path *p)
{
    struct vnode *dir;
    const char *rest;
    if (!p->len)
        return 0;
    int r = path_to_dir(&p->walk.w, p->start, p->name, p->len, &dir, &rest);
    if (r) {
        lx_path_result(p, r);
        lx_path_close(p);
        return r;
    }
    size_t left = p->len - (size_t)(rest - (p->far ? p->far : p->near));
    p->plain = left && rest[left - 1] != '/' ? left : 0;
    if (dir || p->plain)
        p->name = rest;
    if (dir) {
        if (p->start_counted)
            vnode_put(p->start);
        p->start = dir;
        p->start_counted = true;
    }
    return 0;
}

int lx_path_begin(struct lx_path *p, int dirfd, uptr_t path) { return path_begin(p, dirfd, path); }
int lx_path_enter(struct lx_path *p) { return path_enter(p); }

int lx_path_open(struct lx_path *p, int dirfd, uptr_t path)
{
    int r = path_begin(p, dirfd, path);
    return r ? r : path_enter(p);
}

void lx_path_close(struct lx_path *p)
{
    if (p->start_counted)
        vnode_put(p->start);
    lx_walk_put(&p->walk);
    if (unlikely(p->far != NULL))
        kfree(p->far);
}

static int vnode_of_fd(const struct lx_path *p, int dirfd, struct vnode **out)
{
    if (dirfd == LX_AT_FDCWD) {
        vnode_get(p->walk.w.cwd);
        *out = p->walk.w.cwd;
        return 0;
    }
    struct file *f;
    int r = lx_file_get(dirfd, &f);
    if (r < 0)
        return r;
    if (f->vnode) {
        *out = file_place(f);
        vnode_get(*out);
    } else {
        r = -EINVAL; /* a pipe: it has no attributes that could be set */
    }
    file_put(f);
    return r;
}

int lx_path_vnode(const struct lx_path *p, int dirfd, unsigned at_flags, struct vnode **out)
{
    if (!p->name[0])
        return at_flags & LX_AT_EMPTY_PATH ? vnode_of_fd(p, dirfd, out) : -ENOENT;
    unsigned lookup = at_flags & LX_AT_SYMLINK_NOFOLLOW ? LOOKUP_NOFOLLOW : 0;
    if (likely(p->plain))
        return path_lookup_name(&p->walk.w, p->start, p->name, p->plain, lookup, out);
    return path_lookup(&p->walk.w, p->start, p->name, lookup, out);
}

/* Length with the terminator. A directory outside of the root shows that it is: getcwd(2). */
static long cwd_name(const struct lx_walk *lw, char *path)
{
    static const char outside[] = "(unreachable)";
    const size_t extra = sizeof outside - 1;
    unsigned what = 0;
    long len = path_of(&lw->w, lw->w.cwd, path, PATH_MAX_BYTES, &what);
    if (len > 0 && (what & PATH_DELETED))
        return -ENOENT;
    if (len <= 0 || !(what & PATH_UNREACHABLE))
        return len;
    if ((size_t)len + extra > PATH_MAX_BYTES)
        return -ERANGE;
    memmove(path + extra, path, (size_t)len);
    memcpy(path, outside, extra);
    return len + (long)extra;
}

long sys_getcwd(u64 buf, u64 size, u64, u64, u64, u64)
{
    char *path = kmalloc(PATH_MAX_BYTES);
    if (!path)
        return -ENOMEM;
    struct lx_walk lw;
    lx_walk_get(&lw);
    long len = cwd_name(&lw, path);
    if (len > 0 && (u64)len > size)
        len = -ERANGE;
    if (len > 0 && copy_to_user(uptr(buf), path, (size_t)len) < 0)
        len = -EFAULT;
    lx_walk_put(&lw);
    kfree(path);
    return len;
}

/* Moves *place (the root or the cwd of fs) to v, which must be a directory the caller may enter. */
static int set_place(struct lx_fs *fs, struct vnode **place, struct vnode *v, const struct vcred *cred)
{
    if (v->type != V_DIR)
        return -ENOTDIR;
    int r = vnode_permission(v, cred, MAY_EXEC);
    if (r < 0)
        return r;
    vnode_get(v);
    mutex_lock(&fs->lock);
    struct vnode *old = *place;
    *place = v;
    mutex_unlock(&fs->lock);
    vnode_leave(old);
    return 0;
}

static long change_place(u64 path, bool root)
{
    struct lx_path p;
    int r = lx_path_open(&p, LX_AT_FDCWD, uptr(path));
    if (r < 0)
        return r;
    struct lx_fs *fs = lx_current()->fs;
    struct vnode *v;
    r = lx_path_vnode(&p, LX_AT_FDCWD, 0, &v);
    if (r == 0) {
        if (root && !lx_capable(LX_CAP_SYS_CHROOT))
            r = -EPERM;
        else
            r = set_place(fs, root ? &fs->root : &fs->cwd, v, &p.walk.cred);
        vnode_put(v);
    }
    lx_path_close(&p);
    return r;
}

long sys_chdir(u64 path, u64, u64, u64, u64, u64) { return change_place(path, false); }
long sys_chroot(u64 path, u64, u64, u64, u64, u64) { return change_place(path, true); }

long sys_fchdir(u64 fd, u64, u64, u64, u64, u64)
{
    struct file *f;
    int r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    struct lx_walk lw;
    lx_walk_get(&lw);
    struct lx_fs *fs = lx_current()->fs;
    r = f->vnode ? set_place(fs, &fs->cwd, file_place(f), &lw.cred) : -ENOTDIR;
    lx_walk_put(&lw);
    file_put(f);
    return r;
}
