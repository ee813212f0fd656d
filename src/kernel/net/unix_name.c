/* Who is bound to what. Three kinds of names: a socket in the file system (found by its vnode, so
 * any path to it leads there, and one that was renamed is still found), an abstract name (bytes
 * behind a zero, one name space for each type) and none. unix(7).
 *
 * names_lock guards the table and the list of all sockets. A socket leaves both before its last
 * reference goes, so what is found can be counted. */
#include "net/unix_priv.h"
#include "lib/string.h"
#include "lib/random.h"
#include "mm/slab.h"
#include "net/proc.h"

#define BUCKETS 64u
#define PATH_BYTES 108u /* of struct sockaddr_un */
#define HEADER 2u       /* sun_family */

static struct mutex names_lock = MUTEX_INIT(names_lock, "unix names");
static struct list buckets[BUCKETS]; /* zeroes: not yet used */
static struct list all = LIST_INIT(all);

static struct list *bucket_at(u64 hash)
{
    struct list *b = &buckets[hash % BUCKETS];
    if (!b->next)
        list_init(b);
    return b;
}

/* FNV-1a (draft-eastlake-fnv). */
static u64 hash_bytes(const u8 *p, u32 n)
{
    u64 h = 0xcbf29ce484222325ull;
    for (u32 i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3ull;
    return h;
}

static struct list *bucket_of(const struct vnode *node, const u8 *path, u32 len)
{
    return bucket_at(node ? (u64)(uintptr_t)node >> 6 : hash_bytes(path, len) >> 16);
}

static struct unix_sock *find_locked(const struct vnode *node, const u8 *path, u32 len, int type)
{
    struct unix_sock *u;
    list_for_each(u, bucket_of(node, path, len), in_table) {
        const struct unix_name *n = u->name;
        if (node ? n->node == node : !n->node && n->len == len && u->s.type == type && memcmp(n->path, path, len) == 0)
            return u;
    }
    return NULL;
}

void unix_list_add(struct unix_sock *u)
{
    mutex_lock(&names_lock);
    list_push_back(&all, &u->all);
    mutex_unlock(&names_lock);
}

void unix_name_get(struct unix_name *n)
{
    if (n)
        __atomic_fetch_add(&n->refs, 1, __ATOMIC_RELAXED);
}

void unix_name_put(struct unix_name *n)
{
    if (!n || __atomic_fetch_sub(&n->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    vnode_put(n->node);
    kfree(n);
}

void unix_name_give(const struct unix_name *n, struct net_addr *out)
{
    out->family = AF_UNIX;
    out->len = HEADER + (n ? n->len : 0);
    if (n)
        memcpy(out->bytes + HEADER, n->path, n->len);
}

static struct unix_name *name_create(const u8 *path, u32 len)
{
    struct unix_name *n = kmalloc(sizeof *n + len);
    if (!n)
        return NULL;
    *n = (struct unix_name){ .refs = 1, .len = len };
    memcpy(n->path, path, len);
    return n;
}

/* The name becomes u's; consumed. */
static int name_set(struct unix_sock *u, struct unix_name *n)
{
    mutex_lock(&names_lock);
    bool taken = find_locked(n->node, n->path, n->len, u->s.type) != NULL;
    if (!taken) {
        __atomic_store_n(&u->name, n, __ATOMIC_RELEASE);
        list_push_back(bucket_of(n->node, n->path, n->len), &u->in_table);
    }
    mutex_unlock(&names_lock);
    if (taken)
        unix_name_put(n);
    return taken ? -EADDRINUSE : 0;
}

void unix_name_forget(struct unix_sock *u)
{
    mutex_lock(&names_lock);
    list_remove(&u->in_table);
    list_remove(&u->all);
    mutex_unlock(&names_lock);
}

/* A terminated copy of the path in an address: 0 or -EINVAL. */
static int path_get(const struct net_addr *a, char path[PATH_BYTES + 1])
{
    u32 len = a->len - HEADER;
    memcpy(path, a->bytes + HEADER, len);
    path[len] = 0;
    return path[0] ? 0 : -EINVAL;
}

static bool address_ok(const struct net_addr *a)
{
    return a->len >= HEADER && a->len <= HEADER + PATH_BYTES && a->family == AF_UNIX;
}

static bool is_abstract(const struct net_addr *a) { return a->len > HEADER && a->bytes[HEADER] == 0; }

/* Makes the node in the file system and gives it to the name. */
static int node_make(struct unix_name *n, u32 mode, const char *path, const struct sock_caller *c)
{
    int r = vfs_mknod(c->walk, c->walk->cwd, path, MODE_SOCK | (mode & ~c->umask), 0);
    if (r == -EEXIST)
        return -EADDRINUSE;
    if (r == 0)
        r = path_lookup(c->walk, c->walk->cwd, path, LOOKUP_NOFOLLOW, &n->node);
    if (r == 0)
        vnode_become_real(&n->node);
    return r;
}

static int bind_path(struct unix_sock *u, const struct net_addr *a, const struct sock_caller *c)
{
    char path[PATH_BYTES + 1];
    int r = path_get(a, path);
    if (r < 0)
        return r;
    struct unix_name *n = name_create((const u8 *)path, (u32)strlen(path) + 1);
    if (!n)
        return -ENOMEM;
    r = node_make(n, socket_mode(&u->s), path, c);
    if (r == 0)
        return name_set(u, n);
    unix_name_put(n);
    return r;
}

static int bind_abstract(struct unix_sock *u, const u8 *path, u32 len)
{
    struct unix_name *n = name_create(path, len);
    return n ? name_set(u, n) : -ENOMEM;
}

/* A zero and five hexadecimal digits, as Linux makes them. */
int unix_autobind(struct unix_sock *u)
{
    u32 at = (u32)kernel_random_u64();
    for (u32 tries = 0; tries < 1u << 20; tries++, at++) {
        u8 name[6] = { 0 };
        for (int i = 0; i < 5; i++)
            name[1 + i] = (u8)"0123456789abcdef"[at >> (16 - 4 * i) & 15];
        int r = bind_abstract(u, name, sizeof name);
        if (r != -EADDRINUSE)
            return r;
    }
    return -ENOSPC;
}

int unix_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c)
{
    struct unix_sock *u = unix_of(s);
    if (!address_ok(a))
        return -EINVAL;
    mutex_lock(&s->lock);
    int r;
    if (a->len == HEADER)
        r = u->name ? 0 : unix_autobind(u);
    else if (u->name)
        r = -EINVAL;
    else
        r = is_abstract(a) ? bind_abstract(u, a->bytes + HEADER, a->len - HEADER) : bind_path(u, a, c);
    mutex_unlock(&s->lock);
    return r;
}

static int node_find(const struct net_addr *a, const struct sock_caller *c, struct vnode **out)
{
    char path[PATH_BYTES + 1];
    int r = path_get(a, path);
    if (r == 0)
        r = path_lookup(c->walk, c->walk->cwd, path, 0, out);
    if (r < 0)
        return r;
    r = vnode_permission(*out, c->walk->cred, MAY_WRITE);
    if (r == 0 && (*out)->type != V_SOCK)
        r = -ECONNREFUSED;
    if (r < 0)
        vnode_put(*out);
    else
        vnode_become_real(out);
    return r;
}

int unix_find(const struct net_addr *a, int type, const struct sock_caller *c, struct unix_sock **out)
{
    struct vnode *node = NULL;
    if (!address_ok(a) || a->len == HEADER)
        return -EINVAL;
    int r = is_abstract(a) ? 0 : node_find(a, c, &node);
    if (r < 0)
        return r;
    mutex_lock(&names_lock);
    struct unix_sock *u = find_locked(node, a->bytes + HEADER, a->len - HEADER, type);
    if (!u)
        r = -ECONNREFUSED;
    else if (u->s.type != type)
        r = -EPROTOTYPE;
    else
        socket_get(&u->s);
    mutex_unlock(&names_lock);
    vnode_put(node);
    *out = u;
    return r;
}

/* --- /proc/net/unix --- */

/* A stream in the list still has the peer it ever had: both leave by unix_release, the list first. Others may change
 * theirs at any time. */
static u64 steady_peer_ino(const struct unix_sock *u)
{
    const struct unix_sock *peer = u->s.type == SOCK_DGRAM ? NULL : unix_peer(u);
    return peer ? peer->s.ino : 0;
}

static u32 bytes_in(const struct unix_inbox *in)
{
    return __atomic_load_n(&in->ring.tail, __ATOMIC_RELAXED) - __atomic_load_n(&in->ring.head, __ATOMIC_RELAXED) +
           __atomic_load_n(&in->charged, __ATOMIC_RELAXED);
}

void unix_for_each(void (*fn)(const struct unix_info *i, void *ctx), void *ctx)
{
    struct unix_sock *u;
    mutex_lock(&names_lock);
    list_for_each(u, &all, all) {
        const struct unix_name *n = unix_name_of(u);
        struct unix_info i = {
            .refs = u->s.refs, .type = u->s.type, .listening = socket_is_listening(&u->s),
            .connected = unix_peer(u) != NULL, .shut = (u8)socket_shut(&u->s), .peer_ino = steady_peer_ino(u),
            .max_backlog = u->max_backlog,
            .rx = socket_is_listening(&u->s) ? u->nbacklog : bytes_in(&u->in), .ino = u->s.ino,
            .name = n ? n->path : NULL, .len = n ? n->len : 0,
        };
        fn(&i, ctx);
    }
    mutex_unlock(&names_lock);
}
