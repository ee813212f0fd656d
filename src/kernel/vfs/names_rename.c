/* rename, and exchanging two names: who may, and who hears of it. */
#include "lib/errno.h"
#include "vfs/names_priv.h"
#include "vfs/notify.h"
#include "vfs/path_cache.h"

/* What is moved, and what has the new name: NULL or with a reference. */
struct move { const struct place *from, *to; struct vnode *v, *victim; unsigned flags; };

static bool leads_on(const struct vnode *v) { return v && (v->type == V_DIR || v->type == V_LNK); }

/* May v leave its place, and may what is in its way (or nothing) go? */
static int may_rename(const struct walk *w, const struct move *m)
{
    bool exchange = m->flags & RENAME_EXCHANGE;
    int r = names_may_remove(w->cred, m->from->dir, m->v);
    if (r)
        return r;
    if ((m->from->part.dir || (m->to->part.dir && !exchange)) && m->v->type != V_DIR)
        return -ENOTDIR;
    if (!m->victim)
        return exchange ? -ENOENT : names_may_change(m->to->dir, w->cred);
    if (exchange && m->to->part.dir && m->victim->type != V_DIR)
        return -ENOTDIR;
    if (m->flags & RENAME_NOREPLACE)
        return -EEXIST;
    return m->victim == m->v ? 0 : names_may_remove(w->cred, m->to->dir, m->victim);
}

static void tell_half(const struct place *from, const struct place *to, const struct vnode *v)
{
    u32 cookie = notify_is_on() ? notify_cookie() : 0;
    notify_entry(from->dir, from->part.name, from->part.len, v, NOTIFY_MOVED_FROM, cookie);
    notify_entry(to->dir, to->part.name, to->part.len, v, NOTIFY_MOVED_TO, cookie);
}

static void tell(const struct move *m)
{
    if (m->v == m->victim)
        return; /* two names of one file: nothing happened */
    tell_half(m->from, m->to, m->v);
    if (m->flags & RENAME_EXCHANGE)
        tell_half(m->to, m->from, m->victim);
    else if (m->victim)
        notify_self(m->victim, NOTIFY_ATTRIB);
    notify_self(m->v, NOTIFY_MOVE_SELF);
    if (m->flags & RENAME_EXCHANGE)
        notify_self(m->victim, NOTIFY_MOVE_SELF);
}

static int move(const struct walk *w, const struct move *m)
{
    const struct place *o = m->from, *n = m->to;
    int r = may_rename(w, m);
    if (r)
        return r;
    if (!o->dir->ops->rename)
        return -EROFS;
    r = o->dir->ops->rename(o->dir, o->part.name, o->part.len, n->dir, n->part.name, n->part.len, m->flags);
    if (leads_on(m->v) || leads_on(m->victim))
        path_cache_change();
    if (!r)
        notify_renamed();
    if (!r && notify_is_on())
        tell(m);
    return r;
}

static int rename_at(const struct walk *w, const struct place *o, const struct place *n, unsigned flags)
{
    struct move m = { .from = o, .to = n, .flags = flags };
    if (o->dir->mount != n->dir->mount)
        return -EXDEV;
    if (place_is_special(o) || place_is_special(n))
        return (flags & RENAME_NOREPLACE) && place_is_special(n) ? -EEXIST : -EBUSY;
    if (vnode_is_readonly(o->dir))
        return -EROFS;
    int r = place_lookup(o, &m.v);
    if (r)
        return r;
    r = place_lookup(n, &m.victim);
    if (r == -ENOENT) {
        m.victim = NULL;
        r = 0;
    }
    if (!r) {
        r = move(w, &m);
        vnode_put(m.victim);
    }
    vnode_put(m.v);
    return r;
}

int vfs_rename(const struct walk *w, struct vnode *ostart, const char *opath, struct vnode *nstart, const char *npath,
               unsigned flags)
{
    struct place o, n;
    int r = place_find(w, ostart, opath, &o);
    if (r)
        return r;
    r = place_find(w, nstart, npath, &n);
    if (!r) {
        r = rename_at(w, &o, &n, flags);
        vnode_put(n.dir);
    }
    vnode_put(o.dir);
    return r;
}
