/* tmpfs: rename.
 *
 * A move between two directories holds fs->rename_lock, so the shape of the tree stands still for
 * it: then "is A above B" has an answer. The two directories are locked the upper one first (that
 * is the order everybody else uses, parent before child), in any order if neither is above the
 * other. A directory that is to be replaced cannot be above the source: it would not be empty, and
 * that is answered before it is locked. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "vfs/tmpfs_priv.h"

struct move {
    struct tmpfs_node *odir, *ndir;
    struct tmpfs_entry *old, *victim; /* victim: what has the new name already, or NULL */
    struct tmpfs_entry *fresh;        /* the new name, made before anything is locked */
    bool noreplace;
    bool victim_kept; /* as the last name of an open file */
};

/* a == b or a above b. With rename_lock held nothing moves, but b may be removed with all that is
 * above it: a parent that is reachable under fs->lock is alive. */
static bool is_above(struct tmpfs_node *a, struct tmpfs_node *b)
{
    struct tmpfs *fs = a->fs;
    spin_lock(&fs->lock);
    while (b && b != a)
        b = b->dir.parent;
    spin_unlock(&fs->lock);
    return b != NULL;
}

static void lock_dirs(struct tmpfs_node *a, struct tmpfs_node *b)
{
    if (a == b) {
        mutex_lock(&a->v.lock);
        return;
    }
    mutex_lock(&a->fs->rename_lock);
    bool b_first = is_above(b, a);
    mutex_lock(b_first ? &b->v.lock : &a->v.lock);
    mutex_lock(b_first ? &a->v.lock : &b->v.lock);
}

static void unlock_dirs(struct tmpfs_node *a, struct tmpfs_node *b)
{
    mutex_unlock(&a->v.lock);
    if (a == b)
        return;
    mutex_unlock(&b->v.lock);
    mutex_unlock(&a->fs->rename_lock);
}

/* Takes the victim's node out of service: 0, or why it may not be replaced. */
static int victim_retire(struct move *m)
{
    struct tmpfs_node *src = m->old->node, *v = m->victim->node;
    bool src_dir = src->v.type == V_DIR;
    if (v->v.type != V_DIR && src_dir)
        return -ENOTDIR;
    if (v->v.type == V_DIR && !src_dir)
        return -EISDIR;
    if (src_dir && m->odir != m->ndir && is_above(v, m->odir))
        return -ENOTEMPTY;
    int r = 0;
    mutex_lock(&v->v.lock);
    if (src_dir && vnode_is_covered(&v->v))
        r = -EBUSY;
    else if (src_dir && v->dir.count)
        r = -ENOTEMPTY;
    else if (src_dir) {
        v->attr.nlink = 0;
        __atomic_store_n(&v->v.gone, true, __ATOMIC_RELEASE);
    } else
        if (--v->attr.nlink)
            tmpfs_name_uncharge(v->fs);
    if (!r) {
        v->attr.ctime_ns = clock_realtime_ns();
        m->victim_kept = tmpfs_name_retire(m->victim);
    }
    mutex_unlock(&v->v.lock);
    return r;
}

static int move_check(struct move *m)
{
    if (!m->old)
        return -ENOENT;
    struct tmpfs_node *src = m->old->node;
    if (m->ndir->attr.nlink == 0)
        return -ENOENT;
    if (m->victim && m->noreplace)
        return -EEXIST;
    if (src->v.type == V_DIR && m->odir != m->ndir && is_above(src, m->ndir))
        return -EINVAL;
    return 0;
}

static void move_commit(struct move *m)
{
    struct tmpfs_node *src = m->old->node;
    bool dir = src->v.type == V_DIR;
    if (m->victim) {
        tmpfs_dir_remove(&m->ndir->dir, m->victim);
        if (dir)
            m->ndir->attr.nlink--;
    }
    tmpfs_dir_remove(&m->odir->dir, m->old);
    tmpfs_dir_insert(&m->ndir->dir, m->fresh);
    spin_lock(&src->fs->lock);
    if (m->victim && dir)
        m->victim->node->dir.parent = NULL;
    if (dir)
        src->dir.parent = m->ndir;
    spin_unlock(&src->fs->lock);
    if (dir) {
        m->odir->attr.nlink--;
        m->ndir->attr.nlink++;
    }
    tmpfs_stamp(m->odir);
    tmpfs_stamp(m->ndir);
    mutex_lock(&src->v.lock);
    src->attr.ctime_ns = m->ndir->attr.ctime_ns;
    tmpfs_name_add(m->fresh, m->ndir);
    bool kept = tmpfs_name_retire(m->old);
    ASSERT(!kept); /* there is the fresh one */
    mutex_unlock(&src->v.lock);
}

/* With the directories locked. 1: old and new name the same node, so nothing is to do. */
static int move_locked(struct move *m, const char *oname, size_t olen, const char *nname, size_t nlen)
{
    m->old = tmpfs_dir_find(&m->odir->dir, oname, olen);
    m->victim = tmpfs_dir_find(&m->ndir->dir, nname, nlen);
    int r = move_check(m);
    if (r)
        return r;
    if (m->old->node != m->fresh->node)
        return -EAGAIN;
    if (m->victim && m->victim->node == m->old->node)
        return 1;
    if (m->victim)
        r = victim_retire(m);
    if (!r)
        move_commit(m);
    return r;
}

/* e, which named another node, names n now. Both nodes are locked. */
static void entry_turn(struct tmpfs_entry *e, struct tmpfs_node *dir, struct tmpfs_node *n)
{
    e->node = n;
    tmpfs_name_add(e, dir);
    if (n->v.type == V_DIR)
        n->dir.parent = dir;
}

/* The two names stay where they are and change nodes. */
static void exchange_commit(struct tmpfs_node *ad, struct tmpfs_entry *a, struct tmpfs_node *bd, struct tmpfs_entry *b)
{
    struct tmpfs_node *an = a->node, *bn = b->node;
    int moved = (bn->v.type == V_DIR) - (an->v.type == V_DIR); /* directories that ad gets and bd loses */
    /* By address: as files with several names each the two may be exchanged elsewhere the other way round. */
    mutex_lock(an < bn ? &an->v.lock : &bn->v.lock);
    mutex_lock(an < bn ? &bn->v.lock : &an->v.lock);
    tmpfs_name_remove(a);
    tmpfs_name_remove(b);
    spin_lock(&an->fs->lock);
    entry_turn(a, ad, bn);
    entry_turn(b, bd, an);
    spin_unlock(&an->fs->lock);
    ad->attr.nlink += (u32)moved;
    bd->attr.nlink -= (u32)moved;
    tmpfs_stamp(ad);
    tmpfs_stamp(bd);
    an->attr.ctime_ns = bn->attr.ctime_ns = ad->attr.ctime_ns;
    mutex_unlock(&bn->v.lock);
    mutex_unlock(&an->v.lock);
}

static int exchange_locked(struct tmpfs_node *ad, struct tmpfs_entry *a, struct tmpfs_node *bd, struct tmpfs_entry *b)
{
    if (!a || !b)
        return -ENOENT;
    if (a->node == b->node)
        return 0;
    if ((a->node->v.type == V_DIR && is_above(a->node, bd)) || (b->node->v.type == V_DIR && is_above(b->node, ad)))
        return -EINVAL;
    exchange_commit(ad, a, bd, b);
    return 0;
}

static int exchange(struct tmpfs_node *ad, const char *aname, size_t alen, struct tmpfs_node *bd, const char *bname,
                    size_t blen)
{
    lock_dirs(ad, bd);
    int r = exchange_locked(ad, tmpfs_dir_find(&ad->dir, aname, alen), bd, tmpfs_dir_find(&bd->dir, bname, blen));
    unlock_dirs(ad, bd);
    return r;
}

int tmpfs_rename(struct vnode *odir, const char *oname, size_t olen, struct vnode *ndir, const char *nname,
                 size_t nlen, unsigned flags)
{
    if (flags & RENAME_EXCHANGE)
        return exchange(tmpfs_node_of(odir), oname, olen, tmpfs_node_of(ndir), nname, nlen);
    for (;;) {
        struct move m = { .odir = tmpfs_node_of(odir), .ndir = tmpfs_node_of(ndir),
                          .noreplace = flags & RENAME_NOREPLACE };
        struct vnode *src;
        int r = tmpfs_lookup(odir, oname, olen, &src);
        if (r)
            return r;
        m.fresh = tmpfs_entry_create(nname, nlen, tmpfs_node_of(src));
        vnode_put(src);
        if (!m.fresh)
            return -ENOMEM;
        lock_dirs(m.odir, m.ndir);
        r = move_locked(&m, oname, olen, nname, nlen);
        unlock_dirs(m.odir, m.ndir);
        if (r) {
            tmpfs_entry_destroy(m.fresh);
            if (r == -EAGAIN) /* the old name got another node since we looked */
                continue;
            return r == 1 ? 0 : r;
        }
        tmpfs_entry_destroy(m.old);
        if (m.victim)
            tmpfs_entry_drop(m.victim, m.victim_kept);
        return 0;
    }
}
