/* The names in one directory.
 *
 * Two views of the same entries: a hash table to find a name, and a list in the order of creation
 * for readdir. Each entry has a cookie from a counter that only grows, so a reader that comes back
 * with the cookie of the next entry neither misses nor repeats one that was there all the time,
 * whatever was made or removed meanwhile. A table that cannot grow for want of memory only gets
 * slower. */
#include "lib/assert.h"
#include "lib/hash.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

#define FIRST_COOKIE 2 /* 0 is ".", 1 is ".." */

/* Of all directories; set before the first. */
static u64 seed;

void tmpfs_init(void) { seed = kernel_random_u64(); }

static u32 name_hash(const char *name, size_t len) { return hash_bytes(seed, name, len); }

void tmpfs_dir_init(struct tmpfs_dir *d)
{
    d->buckets = d->inline_buckets;
    d->nbuckets = TMPFS_INLINE_BUCKETS;
    d->next_cookie = FIRST_COOKIE;
    list_init(&d->entries);
}

void tmpfs_dir_fini(struct tmpfs_dir *d)
{
    ASSERT(d->count == 0 && list_empty(&d->entries));
    if (d->buckets != d->inline_buckets)
        kfree(d->buckets);
}

struct tmpfs_entry *tmpfs_entry_create(const char *name, size_t len, struct tmpfs_node *node)
{
    struct tmpfs_entry *e = kmalloc(sizeof *e + len);
    if (!e)
        return NULL;
    *e = (struct tmpfs_entry){ .node = node, .hash = name_hash(name, len), .len = (u16)len };
    memcpy(e->name, name, len);
    list_init(&e->order);
    vnode_get(&node->v);
    return e;
}

void tmpfs_entry_destroy(struct tmpfs_entry *e)
{
    struct vnode *v = &e->node->v;
    kfree(e);
    vnode_put(v);
}

static struct tmpfs_entry **bucket_of(struct tmpfs_dir *d, u32 hash) { return &d->buckets[hash & (d->nbuckets - 1)]; }

struct tmpfs_entry *tmpfs_dir_find(struct tmpfs_dir *d, const char *name, size_t len)
{
    u32 hash = name_hash(name, len);
    for (struct tmpfs_entry *e = *bucket_of(d, hash); e; e = e->hash_next)
        if (e->hash == hash && e->len == len && bytes_equal(e->name, name, len))
            return e;
    return NULL;
}

static void hash_insert(struct tmpfs_dir *d, struct tmpfs_entry *e)
{
    struct tmpfs_entry **bucket = bucket_of(d, e->hash);
    e->hash_next = *bucket;
    *bucket = e;
}

static void dir_grow(struct tmpfs_dir *d)
{
    u32 nbuckets = d->nbuckets * 4;
    struct tmpfs_entry **buckets = kzalloc(nbuckets * sizeof *buckets);
    if (!buckets)
        return;
    if (d->buckets != d->inline_buckets)
        kfree(d->buckets);
    d->buckets = buckets;
    d->nbuckets = nbuckets;
    struct tmpfs_entry *e;
    list_for_each(e, &d->entries, order)
        hash_insert(d, e);
}

void tmpfs_dir_insert(struct tmpfs_dir *d, struct tmpfs_entry *e)
{
    if (d->count >= d->nbuckets * 2 && d->nbuckets < 1u << 24)
        dir_grow(d);
    e->cookie = d->next_cookie++;
    list_push_back(&d->entries, &e->order);
    hash_insert(d, e);
    d->count++;
}

void tmpfs_dir_remove(struct tmpfs_dir *d, struct tmpfs_entry *e)
{
    struct tmpfs_entry **link = bucket_of(d, e->hash);
    while (*link != e) {
        ASSERT(*link);
        link = &(*link)->hash_next;
    }
    *link = e->hash_next;
    if (d->resume == e)
        d->resume = NULL;
    list_remove(&e->order);
    d->count--;
}

struct tmpfs_entry *tmpfs_dir_seek(struct tmpfs_dir *d, u64 cookie)
{
    struct list *at = d->entries.next;
    if (d->resume && d->resume->cookie <= cookie)
        at = &d->resume->order;
    for (; at != &d->entries; at = at->next) {
        struct tmpfs_entry *e = list_entry(at, struct tmpfs_entry, order);
        if (e->cookie >= cookie)
            return e;
    }
    return NULL;
}
