/* Walking paths.
 *
 * One loop, no recursion, nothing allocated and no name copied unless a symbolic link is met: its
 * target is then put in front of the rest of the path, in one buffer whose end holds the rest. The
 * walker holds exactly one vnode. ".." never leaves the walk's root; mounts are crossed in both
 * directions. Every directory that is searched is checked for permission once. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/mount.h"
#include "vfs/path_priv.h"

int walk_begin(struct path_walk *pw, const struct walk *w, struct vnode *start, const char *path)
{
    if (!*path)
        return -ENOENT;
    if (unlikely(*path == '/' && (w->resolve & (RESOLVE_BENEATH | RESOLVE_NO_XDEV))) &&
        (w->resolve & RESOLVE_BENEATH || start->mount != w->root->mount))
        return -EXDEV;
    *pw = (struct path_walk){ .w = w, .rest = path, .at = *path == '/' ? w->root : start };
    vnode_get(pw->at);
    return 0;
}

void walk_end(struct path_walk *pw)
{
    vnode_put(pw->at);
    kfree(pw->links);
}

/* Consumes v. */
static void walk_move(struct path_walk *pw, struct vnode *v)
{
    vnode_put(pw->at);
    pw->at = v;
}

/* v is searched. */
static void walk_note(struct path_walk *pw, struct vnode *v)
{
    struct vattr a;
    pw->unsteady |= !v->ops->steady;
    pw->private |= vfs_getattr(v, &a) || (a.mode & 0111) != 0111;
}

static inline int may_search(struct vnode *v, const struct vcred *cred)
{
    return v->type == V_DIR ? vnode_permission(v, cred, MAY_EXEC) : -ENOTDIR;
}

static int walk_may_search(struct path_walk *pw)
{
    int r = may_search(pw->at, pw->w->cred);
    if (unlikely(pw->watched) && !r)
        walk_note(pw, pw->at);
    return r;
}

static int walk_up(struct path_walk *pw, struct vnode **out)
{
    struct vnode *v = pw->at;
    vnode_get(v);
    /* One mount at a time: the walk's root may be one of a stack of mounts. */
    for (struct vnode *before = NULL; v != pw->w->root && v != before;) {
        before = v;
        v = mount_cross_up(v);
    }
    if (v == pw->w->root && (pw->w->resolve & RESOLVE_BENEATH)) {
        vnode_put(v);
        return -EXDEV;
    }
    if (v == pw->w->root || (v->mount && v == v->mount->root)) {
        *out = v;
        return 0;
    }
    int r = v->ops->parent ? v->ops->parent(v, out) : -ENOENT;
    vnode_put(v);
    if (!r)
        *out = mount_cross_down(*out);
    return r;
}

static inline int find_in(struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    if (len > NAME_MAX_BYTES)
        return -ENAMETOOLONG;
    if (!dir->ops->lookup)
        return -ENOENT;
    int r = dir->ops->lookup(dir, name, len, out);
    if (!r && unlikely(__atomic_load_n(&(*out)->mounted, __ATOMIC_RELAXED) != NULL))
        *out = mount_cross_down(*out);
    return r;
}

int walk_find(struct path_walk *pw, const struct path_part *part, struct vnode **out)
{
    struct vnode *dir = pw->at;
    if (path_is_dot(part)) {
        vnode_get(dir);
        *out = dir;
        return 0;
    }
    int r = path_is_dotdot(part) ? walk_up(pw, out) : find_in(dir, part->name, part->len, out);
    if (unlikely(pw->w->resolve & RESOLVE_NO_XDEV) && !r && (*out)->mount != dir->mount) {
        vnode_put(*out);
        r = -EXDEV;
    }
    return r;
}

/* Puts the link's text in front of the rest, whose place is the end of the buffer. */
static int walk_splice(struct path_walk *pw, struct vnode *link)
{
    if (!pw->links && !(pw->links = kmalloc(PATH_MAX_BYTES)))
        return -ENOMEM;
    size_t rest_size = strlen(pw->rest) + 1;
    ASSERT(rest_size <= PATH_MAX_BYTES);
    size_t room = PATH_MAX_BYTES - rest_size;
    char *rest = pw->links + room;
    memmove(rest, pw->rest, rest_size);
    pw->rest = rest;
    int len = link->ops->readlink ? link->ops->readlink(link, pw->links, room) : -EINVAL;
    if (len < 0)
        return len;
    if (len == 0)
        return -ENOENT;
    if ((size_t)len >= room)
        return -ENAMETOOLONG;
    vnode_accessed(link, ACCESS_DAILY);
    pw->rest = memmove(rest - len, pw->links, (size_t)len);
    return 0;
}

static int follow_refused(unsigned resolve, const struct vnode *link)
{
    if (resolve & RESOLVE_NO_SYMLINKS)
        return -ELOOP;
    if (!link->ops->follow)
        return 0;
    return resolve & RESOLVE_NO_MAGICLINKS ? -ELOOP : resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? -EXDEV : 0;
}

int walk_follow(struct path_walk *pw, struct vnode *link)
{
    if (++pw->nlinks > SYMLINKS_MAX)
        return -ELOOP;
    pw->unsteady |= !link->ops->steady;
    if (unlikely(pw->w->resolve)) {
        int r = follow_refused(pw->w->resolve, link);
        if (r)
            return r;
    }
    if (link->ops->follow) {
        struct vnode *v;
        int r = link->ops->follow(link, &v);
        if (!r)
            walk_move(pw, v);
        return r;
    }
    int r = walk_splice(pw, link);
    if (!r && *pw->rest == '/') {
        unsigned resolve = pw->w->resolve;
        if ((resolve & RESOLVE_BENEATH) || ((resolve & RESOLVE_NO_XDEV) && pw->at->mount != pw->w->root->mount))
            return -EXDEV;
        vnode_get(pw->w->root);
        walk_move(pw, pw->w->root);
    }
    return r;
}

int walk_parent(struct path_walk *pw, struct path_part *part)
{
    for (;;) {
        pw->rest = path_split(pw->rest, part);
        if (part->len == 0)
            return 0;
        int r = walk_may_search(pw);
        if (r || part->last)
            return r;
        struct vnode *v;
        r = walk_find(pw, part, &v);
        if (r)
            return r;
        if (v->type != V_LNK) {
            walk_move(pw, v);
            continue;
        }
        r = walk_follow(pw, v);
        vnode_put(v);
        if (r)
            return r;
    }
}

int walk_to_end(struct path_walk *pw, bool follow, struct vnode **out, bool *must_be_dir)
{
    for (*must_be_dir = false;;) {
        struct path_part part;
        int r = walk_parent(pw, &part);
        if (r)
            return r;
        *must_be_dir |= part.dir;
        if (part.len == 0) {
            vnode_get(pw->at);
            *out = pw->at;
            return 0;
        }
        r = walk_find(pw, &part, out);
        if (r || (*out)->type != V_LNK || (!follow && !part.dir))
            return r;
        r = walk_follow(pw, *out);
        vnode_put(*out);
        if (r)
            return r;
    }
}

int path_lookup(const struct walk *w, struct vnode *start, const char *path, unsigned flags, struct vnode **out)
{
    struct path_walk pw;
    bool must_be_dir;
    int r = walk_begin(&pw, w, start, path);
    if (r)
        return r;
    struct vnode *v;
    r = walk_to_end(&pw, !(flags & LOOKUP_NOFOLLOW), &v, &must_be_dir);
    walk_end(&pw);
    if (r)
        return r;
    if ((must_be_dir || (flags & LOOKUP_DIRECTORY)) && v->type != V_DIR) {
        vnode_put(v);
        return -ENOTDIR;
    }
    *out = v;
    return 0;
}

static inline int find_name(const struct walk *w, struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    if (unlikely(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
        return path_lookup(w, dir, name, 0, out);
    int r = may_search(dir, w->cred);
    return r ? r : find_in(dir, name, len, out);
}

int name_find(const struct walk *w, struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    return find_name(w, dir, name, len, out);
}

int path_lookup_name(const struct walk *w, struct vnode *dir, const char *name, size_t len, unsigned flags,
                     struct vnode **out)
{
    if (unlikely(flags & LOOKUP_DIRECTORY))
        return path_lookup(w, dir, name, flags, out);
    int r = find_name(w, dir, name, len, out);
    if (r || likely((*out)->type != V_LNK) || (flags & LOOKUP_NOFOLLOW))
        return r;
    vnode_put(*out);
    return path_lookup(w, dir, name, flags, out);
}

int path_parent(const struct walk *w, struct vnode *start, const char *path, struct vnode **dir, const char **name,
                size_t *len, bool *must_be_dir)
{
    struct path_walk pw;
    struct path_part part;
    int r;
    path_split(path, &part);
    if (*path != '/' && part.len && part.last) {
        *name = part.name, *len = part.len, *must_be_dir = part.dir;
        r = may_search(start, w->cred);
        if (!r)
            vnode_get(*dir = start);
        return r;
    }
    r = walk_begin(&pw, w, start, path);
    if (r)
        return r;
    r = walk_parent(&pw, &part);
    if (!r && part.len == 0 && pw.at->type != V_DIR)
        r = -ENOTDIR;
    if (!r) {
        vnode_get(pw.at);
        *dir = pw.at;
        /* The link buffer goes away, but its end is the end of the caller's path. */
        *name = path + strlen(path) - strlen(part.name);
        *len = part.len;
        *must_be_dir = part.dir;
    }
    walk_end(&pw);
    return r;
}

/* Puts "/name of v" in front of *start; *v becomes the directory. 1: that name was removed. */
static int path_prepend(char *buf, size_t *start, struct vnode **v)
{
    char name[NAME_MAX_BYTES + 1];
    struct vnode *dir;
    int r = (*v)->ops->name_of ? (*v)->ops->name_of(*v, &dir, name, sizeof name) : -ENOENT;
    if (r < 0)
        return r;
    vnode_put(*v);
    *v = dir;
    size_t len = strlen(name);
    if (len + 1 > *start)
        return -ERANGE;
    *start -= len + 1;
    buf[*start] = '/';
    memcpy(buf + *start + 1, name, len);
    return r;
}

/* Consumes v. */
static int path_climb(const struct walk *w, struct vnode *v, char *buf, size_t *start, unsigned *what)
{
    int r = 0;
    bool first = true;
    *what = 0;
    while (r >= 0 && v && v != w->root) {
        struct vnode *below = mount_cross_up(v);
        bool crossed = below != v;
        v = below;
        if (crossed)
            continue;
        if (v->mount && v == v->mount->root) { /* the very top without having met w->root */
            *what |= PATH_UNREACHABLE;
            break;
        }
        r = path_prepend(buf, start, &v);
        if (first && r > 0)
            *what |= PATH_DELETED;
        first = false;
    }
    vnode_put(v);
    return r < 0 ? r : 0;
}

int path_of(const struct walk *w, struct vnode *v, char *buf, size_t size, unsigned *what)
{
    if (size < 2)
        return -ERANGE;
    size_t start = size - 1;
    buf[start] = 0;
    vnode_get(v);
    int r = path_climb(w, v, buf, &start, what);
    if (r)
        return r;
    if (start == size - 1)
        buf[--start] = '/';
    memmove(buf, buf + start, size - start);
    return (int)(size - start);
}

int path_of_dir(const struct walk *w, struct vnode *dir, char *buf, size_t size)
{
    unsigned what;
    int r = path_of(w, dir, buf, size, &what);
    return r > 0 && what ? -ENOENT : r;
}
