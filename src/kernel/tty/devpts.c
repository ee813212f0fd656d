/* /dev/pts: a file system whose names are the open pseudo terminals.
 *
 * Nothing is stored here: a lookup makes a vnode that holds the pair; owner and mode belong to the pair, so
 * that they are the same whoever looks. There is one set of pairs, however often it is mounted; the options of
 * the last mount (mode=, gid=, uid=) hold for pairs that are made later. A name is there as long as its master
 * is open. It is never created or removed by name. */
#include "tty/pty_priv.h"

#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "vfs/devfs.h"
#include "vfs/mount.h"

#define DEVPTS_SUPER_MAGIC 0x1cd1 /* statfs(2) */
#define NAME_MAX_LEN 255
#define PTMX_NUMBER makedev(5, 2)
enum { INO_ROOT = 1, INO_PTMX = 2, INO_SLAVES = 3 }; /* as Linux */
enum { COOKIE_SELF = 1, COOKIE_UP = 2, COOKIE_PTMX = 3, COOKIE_SLAVES = 4 };
#define NONE UINT32_MAX /* mount option not given */

struct options { u32 mode, uid, gid, ptmx_mode; };
struct root { struct vnode v; struct list link; };
struct node { struct vnode v; struct pty *pair; struct vnode *root; }; /* pair NULL: ptmx */

static struct options options = { 0600, NONE, NONE, 0 }; /* fields are atomic */
static struct mutex shown_lock = MUTEX_INIT(shown_lock, "devpts");
static struct list shown = LIST_INIT(shown); /* of roots; where TIOCGPTPEER finds names. Guarded by shown_lock */
static const struct vnode_ops node_ops, root_ops;

static struct node *node_of(struct vnode *v) { return v->ctx; }

void devpts_owner(struct vattr *a)
{
    u32 uid = __atomic_load_n(&options.uid, __ATOMIC_RELAXED), gid = __atomic_load_n(&options.gid, __ATOMIC_RELAXED);

    a->mode = MODE_CHR | __atomic_load_n(&options.mode, __ATOMIC_RELAXED);
    if (uid != NONE)
        a->uid = uid;
    if (gid != NONE)
        a->gid = gid;
}

/* Takes over the caller's reference to pair. */
static int node_create(struct vnode *root, struct pty *pair, struct vnode **out)
{
    struct node *n = kzalloc(sizeof(*n));

    if (!n) {
        tty_put(pair ? &pair->tty : NULL);
        return -ENOMEM;
    }
    n->pair = pair;
    n->root = root;
    vnode_get(root);
    vnode_init(&n->v, V_CHR, &node_ops, root->mount, n);
    *out = &n->v;
    return 0;
}

static struct vnode *node_destroy(struct vnode *v)
{
    struct node *n = node_of(v);
    struct vnode *root = n->root;

    tty_put(n->pair ? &n->pair->tty : NULL);
    kfree(n);
    return root;
}

/* A name as the directory shows it: digits, no leading zero. */
static bool parse_index(const char *name, size_t len, unsigned *out)
{
    unsigned n = 0;

    if (len == 0 || len > 5 || (name[0] == '0' && len > 1))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        n = n * 10 + (unsigned)(name[i] - '0');
    }
    *out = n;
    return true;
}

static int root_lookup(struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    unsigned index;

    if (len == 4 && memcmp(name, "ptmx", 4) == 0)
        return node_create(dir, NULL, out);
    struct pty *p = parse_index(name, len, &index) ? pty_find(index) : NULL;
    return p ? node_create(dir, p, out) : -ENOENT;
}

static int readdir_slaves(u64 cookie, dirent_fn fn, void *ctx)
{
    char name[16];
    u64 from = cookie > COOKIE_SLAVES ? cookie - COOKIE_SLAVES : 0;

    for (int i = from < PTY_MAX ? pty_next((unsigned)from) : -1; i >= 0; i = pty_next((unsigned)i + 1)) {
        size_t len = (size_t)format(name, sizeof(name), "%d", i);
        if (!fn(ctx, name, len, INO_SLAVES + (u64)i, V_CHR, COOKIE_SLAVES + (u64)i + 1))
            return 0;
    }
    return 0;
}

static int root_readdir(struct vnode *dir, u64 cookie, dirent_fn fn, void *ctx)
{
    if (cookie < COOKIE_SELF && !fn(ctx, ".", 1, INO_ROOT, V_DIR, COOKIE_SELF))
        return 0;
    if (cookie < COOKIE_UP && !fn(ctx, "..", 2, INO_ROOT, V_DIR, COOKIE_UP))
        return 0;
    if (cookie < COOKIE_PTMX && !fn(ctx, "ptmx", 4, INO_PTMX, V_CHR, COOKIE_PTMX))
        return 0;
    return readdir_slaves(cookie, fn, ctx);
}

static int root_getattr(struct vnode *v, struct vattr *a)
{
    *a = (struct vattr){ .ino = INO_ROOT, .mode = MODE_DIR | 0755, .nlink = 2, .dev = v->mount->dev };
    return 0;
}

static int node_getattr(struct vnode *v, struct vattr *a)
{
    struct pty *p = node_of(v)->pair;

    if (p) {
        mutex_lock(&p->tty.lock);
        *a = p->attr;
        mutex_unlock(&p->tty.lock);
        a->ino = INO_SLAVES + p->index;
        a->rdev = tty_number(&p->tty);
    } else {
        u32 mode = __atomic_load_n(&options.ptmx_mode, __ATOMIC_RELAXED);
        *a = (struct vattr){ .ino = INO_PTMX, .mode = MODE_CHR | mode, .nlink = 1, .rdev = PTMX_NUMBER };
    }
    a->dev = v->mount->dev;
    return 0;
}

static int node_setattr(struct vnode *v, const struct vattr *in, unsigned what)
{
    struct pty *p = node_of(v)->pair;

    if (what & VSET_SIZE)
        return -EINVAL;
    if (!p)
        return -EPERM;
    mutex_lock(&p->tty.lock);
    vattr_change(&p->attr, in, what, clock_realtime_ns());
    mutex_unlock(&p->tty.lock);
    return 0;
}

static int node_open(struct vnode *v, struct file *f)
{
    struct pty *p = node_of(v)->pair;

    return p ? tty_file_open(&p->tty, f) : dev_open_by_number(PTMX_NUMBER, f);
}

static int node_name(struct vnode *v, struct vnode **dir, char *buf, size_t size)
{
    struct node *n = node_of(v);
    int len = n->pair ? format(buf, size, "%u", n->pair->index) : format(buf, size, "ptmx");

    if ((size_t)len >= size)
        return -ERANGE;
    vnode_get(n->root);
    *dir = n->root;
    return 0;
}

static int root_name(struct vnode *v, struct vnode **dir, char *buf, size_t size) { return -ENOENT; }

static struct root *root_of(struct vnode *v) { return container_of(v, struct root, v); }

static struct vnode *root_destroy(struct vnode *v)
{
    kfree(root_of(v));
    return NULL;
}

static const struct vnode_ops root_ops = {
    .name = "devpts", .lookup = root_lookup, .readdir = root_readdir, .getattr = root_getattr, .name_of = root_name,
    .destroy = root_destroy,
};
static const struct vnode_ops node_ops = {
    .name = "pts", .getattr = node_getattr, .setattr = node_setattr, .open = node_open, .name_of = node_name,
    .destroy = node_destroy,
};

/* --- mounting --- */

/* NAME=NUMBER at s: 1 and the number, 0: another word, -EINVAL. */
static int option_get(const char **s, const char *name, u32 base, u32 *out)
{
    size_t len = strlen(name);
    const char *p = *s + len;
    u32 n = 0;

    if (strncmp(*s, name, len) != 0)
        return 0;
    for (; *p >= '0' && *p < (char)('0' + base) && n < (1u << 27); p++)
        n = n * base + (u32)(*p - '0');
    if (p == *s + len || (*p && *p != ','))
        return -EINVAL;
    *s = p;
    *out = n;
    return 1;
}

static int option_word(const char **s, struct options *o)
{
    static const char *const plain[] = { "rw", "newinstance", "nosuid", "noexec", "relatime" };
    const struct { const char *name; u32 base, *value; } rows[] = {
        { "mode=", 8, &o->mode }, { "ptmxmode=", 8, &o->ptmx_mode }, { "gid=", 10, &o->gid }, { "uid=", 10, &o->uid },
    };
    int r = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(rows) && r == 0; i++)
        r = option_get(s, rows[i].name, rows[i].base, rows[i].value);
    for (unsigned i = 0; i < ARRAY_SIZE(plain) && r == 0; i++) {
        size_t len = strlen(plain[i]);
        r = strncmp(*s, plain[i], len) == 0 && (!(*s)[len] || (*s)[len] == ',');
        *s += r ? len : 0;
    }
    return r == 1 ? 0 : -EINVAL;
}

static int options_parse(const char *s, struct options *o)
{
    while (s && *s) {
        int r = *s == ',' ? 0 : option_word(&s, o);
        if (r < 0)
            return r;
        s += *s == ',';
    }
    o->mode &= 0777;
    o->ptmx_mode &= 0777;
    return 0;
}

static void options_publish(const struct options *o)
{
    __atomic_store_n(&options.mode, o->mode, __ATOMIC_RELAXED);
    __atomic_store_n(&options.uid, o->uid, __ATOMIC_RELAXED);
    __atomic_store_n(&options.gid, o->gid, __ATOMIC_RELAXED);
    __atomic_store_n(&options.ptmx_mode, o->ptmx_mode, __ATOMIC_RELAXED);
}

static int devpts_mount(struct mount *m, const char *text)
{
    struct options o = { 0600, NONE, NONE, 0 };
    int r = options_parse(text, &o);

    if (r < 0)
        return r;
    struct root *root = kzalloc(sizeof(*root));
    if (!root)
        return -ENOMEM;
    vnode_init(&root->v, V_DIR, &root_ops, m, NULL);
    m->root = &root->v;
    options_publish(&o);
    mutex_lock(&shown_lock);
    list_push_back(&shown, &root->link);
    mutex_unlock(&shown_lock);
    return 0;
}

static void devpts_unmount(struct mount *m)
{
    struct vnode *root = m->root;

    mutex_lock(&shown_lock);
    list_remove(&root_of(root)->link);
    mutex_unlock(&shown_lock);
    m->root = NULL;
    vnode_put(root);
}

static void devpts_statfs(struct mount *m, struct fs_stat *out)
{
    *out = (struct fs_stat){ .type = DEVPTS_SUPER_MAGIC, .bsize = PAGE_SIZE, .namelen = NAME_MAX_LEN };
}

static const struct fs_type devpts_type = {
    .name = "devpts", .mount = devpts_mount, .unmount = devpts_unmount, .statfs = devpts_statfs,
};

void devpts_init(void) { fs_register(&devpts_type); }

int devpts_open_slave(struct pty *p, u32 file_flags, struct file **out)
{
    struct vnode *v = NULL;

    mutex_lock(&shown_lock);
    int r = -ENODEV;
    if (!list_empty(&shown)) {
        tty_get(&p->tty);
        r = node_create(&list_first(&shown, struct root, link)->v, p, &v);
    }
    mutex_unlock(&shown_lock);
    if (r < 0)
        return r;
    r = vfs_open_vnode(v, NULL, file_flags, out);
    vnode_put(v);
    return r;
}
