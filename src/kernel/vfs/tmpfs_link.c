/* tmpfs: the way back from a node to its names.
 *
 *     no name --add--> names --retire--> names, or the last one: gone, or lost if somebody has the file open
 *
 * A node lists the entries that name it, so that an open file can say where it is. The last name of a file
 * that is still open is kept when it is removed: "/tmp/x (deleted)". Such an entry is in no directory, holds
 * no node and counts its directory, which may have been removed as well. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

void tmpfs_name_add(struct tmpfs_entry *e, struct tmpfs_node *dir)
{
    ASSERT(!e->node->lost);
    e->dir = dir;
    e->same = e->node->names;
    e->node->names = e;
}

void tmpfs_name_remove(struct tmpfs_entry *e)
{
    struct tmpfs_entry **link = &e->node->names;
    while (*link != e) {
        ASSERT(*link);
        link = &(*link)->same;
    }
    *link = e->same;
}

/* One reference is the entry's own: with no other, and no name to come by one, nobody can ask any more. */
bool tmpfs_name_retire(struct tmpfs_entry *e)
{
    struct tmpfs_node *n = e->node;
    ASSERT(mutex_held(&n->v.lock));
    tmpfs_name_remove(e);
    if (n->names || __atomic_load_n(&n->v.refs, __ATOMIC_ACQUIRE) == 1)
        return false;
    vnode_get(&e->dir->v);
    e->same = NULL;
    n->names = e;
    n->lost = true;
    return true;
}

int tmpfs_name_pretend(struct tmpfs_node *n, struct tmpfs_node *dir, const char *name)
{
    ASSERT(!n->names);
    struct tmpfs_entry *e = tmpfs_entry_create(name, strlen(name), n);
    if (!e)
        return -ENOMEM;
    vnode_put(&n->v); /* a lost name holds no node, but its directory */
    if (dir)
        vnode_get(&dir->v);
    e->dir = dir;
    n->names = e;
    n->lost = true;
    return 0;
}

void tmpfs_entry_drop(struct tmpfs_entry *e, bool kept)
{
    struct tmpfs_node *n = e->node;
    if (kept)
        vnode_put(&n->v);
    else
        tmpfs_entry_destroy(e);
}

struct vnode *tmpfs_name_forget(struct tmpfs_node *n)
{
    struct tmpfs_entry *e = n->names;
    if (!n->lost)
        return NULL;
    n->names = NULL;
    n->lost = false;
    struct vnode *dir = e->dir ? &e->dir->v : NULL;
    kfree(e);
    return dir;
}

int tmpfs_name_of(struct vnode *v, struct vnode **dir, char *buf, size_t size)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    int r = -ENOENT;
    mutex_lock(&v->lock);
    struct tmpfs_entry *e = n->names;
    if (e && e->len < size) {
        memcpy(buf, e->name, e->len);
        buf[e->len] = 0;
        *dir = e->dir ? &e->dir->v : NULL;
        if (*dir)
            vnode_get(*dir);
        r = n->lost;
    } else if (e) {
        r = -ERANGE;
    }
    mutex_unlock(&v->lock);
    return r;
}
