/* /proc and /sys as file systems: rows of tables turned into vnodes.
 *
 * Nothing is stored: each lookup makes a vnode that remembers its row, its key and its parent.
 * A file's text is made when it is read at position 0 and kept with the open file, so that a
 * program that reads in pieces sees one moment. A process that is gone makes lookups -ENOENT and
 * reads -ESRCH. Few files can be written, one short text at a time. */
#include "linux/procfs.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/clock.h"

#define PROC_SUPER_MAGIC 0x9fa0 /* statfs(2) */
#define SYSFS_MAGIC 0x62656572
#define COOKIE_NUMBERS 0x10000u /* readdir: rows below, COOKIE_NUMBERS + number above */
#define INO_ROOT 1u
#define WRITE_MAX 63u /* what is behind is dropped, as Linux does with comm */

struct proc_node {
    struct vnode v;
    const struct proc_entry *entry;
    struct proc_key key;
    struct vnode *parent;
    u64 ino;
    int number;
    u64 process;
};

static const struct vnode_ops dir_ops, file_ops, text_link_ops, link_ops;

/* A file system made of tables. */
struct table_fs {
    struct fs_type type;
    struct proc_entry root;
    u64 magic, file_size; /* file_size: what stat says of every file */
};
static const struct table_fs *fs_of(const struct mount *m) { return (const struct table_fs *)m->type; } /* its first field */

static struct proc_node *node_of(struct vnode *v) { return v->ctx; }

/* FNV-1a over the parent's number and the name: stable while the machine runs. */
static u64 ino_of(u64 parent, const char *name, size_t len)
{
    u64 h = 0xcbf29ce484222325ull ^ parent;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (u8)name[i]) * 0x100000001b3ull;
    return (h >> 16) | 2;
}

/* Which process a directory /proc/PID is of: its number may come to mean another one. */
static u64 process_of(const struct proc_entry *e, const struct proc_key *k)
{
    struct process *p = e == &proc_pid_entry ? process_find(k->id[PROC_PID]) : NULL;
    u64 id = p ? p->obj.id : 0;
    kobject_put(p ? &p->obj : NULL);
    return id;
}

/* number -1: a row. Takes a reference to parent. */
static int node_create(struct mount *m, struct vnode *parent, const struct proc_entry *e, const struct proc_key *k,
                       int number, u64 ino, struct vnode **out)
{
    struct proc_node *n = kzalloc(sizeof(*n));
    if (!n)
        return -ENOMEM;
    n->entry = e;
    n->key = *k;
    n->parent = parent;
    n->ino = ino;
    n->number = number;
    n->process = process_of(e, k);
    if (parent)
        vnode_get(parent);
    if (e->dir)
        vnode_init(&n->v, V_DIR, &dir_ops, m, n);
    else if (e->readlink)
        vnode_init(&n->v, V_LNK, e->follow ? &link_ops : &text_link_ops, m, n);
    else
        vnode_init(&n->v, V_REG, &file_ops, m, n);
    *out = &n->v;
    return 0;
}

static struct vnode *node_destroy(struct vnode *v)
{
    struct proc_node *n = node_of(v);
    struct vnode *parent = n->parent;
    kfree(n);
    return parent;
}

/* A canonical number: digits only, no leading zero. */
static int parse_number(const char *name, size_t len)
{
    u64 n = 0;
    if (len == 0 || len > 9 || (name[0] == '0' && len > 1))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        n = n * 10 + (u64)(name[i] - '0');
    }
    return (int)n;
}

static int member_find(const struct proc_dir *d, const char *name, size_t len)
{
    return !d->member ? -1 : d->names ? d->names->find(name, len) : parse_number(name, len);
}

/* As format(). */
static int member_show(const struct proc_names *names, int number, char *buf, size_t size)
{
    return names ? names->show(number, buf, size) : format(buf, size, "%d", number);
}

static int dir_lookup(struct vnode *dir, const char *name, size_t len, struct vnode **out)
{
    struct proc_node *n = node_of(dir);
    const struct proc_dir *d = n->entry->dir;
    u64 ino = ino_of(n->ino, name, len);
    for (unsigned i = 0; i < d->nrows; i++)
        if (strlen(d->rows[i].name) == len && memcmp(d->rows[i].name, name, len) == 0)
            return node_create(dir->mount, dir, &d->rows[i], &n->key, -1, ino, out);
    int number = member_find(d, name, len);
    struct proc_key key = n->key;
    if (number < 0)
        return -ENOENT;
    key.id[d->member_id] = number;
    if (d->next(&n->key, number) != number && !(d->hidden && d->hidden(number, &key)))
        return -ENOENT;
    return node_create(dir->mount, dir, d->member, &key, number, ino, out);
}

int lx_proc_dir_process(const struct file *f, struct process **out)
{
    if (file_has(f, FILE_PATH) || !f->vnode || f->vnode->ops != &dir_ops || node_of(f->vnode)->entry != &proc_pid_entry)
        return -EBADF;
    const struct proc_node *n = node_of(f->vnode);
    struct process *p = process_find(n->key.id[PROC_PID]);
    if (p && p->obj.id != n->process) {
        kobject_put(&p->obj);
        p = NULL;
    }
    *out = p;
    return p ? 0 : -ESRCH;
}

static enum vtype entry_type(const struct proc_entry *e)
{
    return e->dir ? V_DIR : e->readlink ? V_LNK : V_REG;
}

static int readdir_numbers(struct proc_node *n, u64 cookie, dirent_fn fn, void *ctx)
{
    const struct proc_dir *d = n->entry->dir;
    char name[40];
    int number = cookie > COOKIE_NUMBERS ? (int)MIN(cookie - COOKIE_NUMBERS, (u64)INT32_MAX) : 0;
    if (!d->member)
        return 0;
    while ((number = d->next(&n->key, number)) >= 0) {
        size_t len = MIN((size_t)member_show(d->names, number, name, sizeof name), sizeof name - 1);
        if (!fn(ctx, name, len, ino_of(n->ino, name, len), entry_type(d->member), COOKIE_NUMBERS + (u64)number + 1))
            return 0;
        if (number == INT32_MAX)
            break;
        number++;
    }
    return 0;
}

static int dir_readdir(struct vnode *dir, u64 cookie, dirent_fn fn, void *ctx)
{
    struct proc_node *n = node_of(dir);
    const struct proc_dir *d = n->entry->dir;
    u64 up = n->parent ? node_of(n->parent)->ino : n->ino;
    if (cookie == 0 && !fn(ctx, ".", 1, n->ino, V_DIR, 1))
        return 0;
    if (cookie <= 1 && !fn(ctx, "..", 2, up, V_DIR, 2))
        return 0;
    for (u64 i = cookie > 2 ? cookie - 2 : 0; i < d->nrows; i++) {
        const struct proc_entry *e = &d->rows[i];
        size_t len = strlen(e->name);
        if (!fn(ctx, e->name, len, ino_of(n->ino, e->name, len), entry_type(e), i + 3))
            return 0;
    }
    return readdir_numbers(n, cookie, fn, ctx);
}

static int dir_parent(struct vnode *dir, struct vnode **out)
{
    struct vnode *up = node_of(dir)->parent ? node_of(dir)->parent : dir;
    vnode_get(up);
    *out = up;
    return 0;
}

static int node_name(struct vnode *v, struct vnode **dir, char *buf, size_t size)
{
    struct proc_node *n = node_of(v);
    if (!n->parent)
        return -ENOENT;
    int len = n->number >= 0 ? member_show(node_of(n->parent)->entry->dir->names, n->number, buf, size)
                             : format(buf, size, "%s", n->entry->name);
    if ((size_t)len >= size)
        return -ERANGE;
    vnode_get(n->parent);
    *dir = n->parent;
    return 0;
}

/* What belongs to a process belongs to its user, and is as old as it; the rest is as old as this boot. A time that
 * moved by itself would tell an editor that somebody else had changed the file. */
static int node_getattr(struct vnode *v, struct vattr *a)
{
    struct proc_node *n = node_of(v);
    struct process *p = n->key.id[PROC_PID] ? process_find(n->key.id[PROC_PID]) : NULL;
    u64 since = clock_realtime_offset_ns() + (p ? p->start_ns : 0);
    *a = (struct vattr){
        .ino = n->ino, .mode = n->entry->mode, .nlink = n->entry->dir ? 2 : 1,
        .size = v->type == V_REG ? fs_of(v->mount)->file_size : 0,
        .dev = v->mount->dev, .atime_ns = since, .mtime_ns = since, .ctime_ns = since, .btime_ns = since,
    };
    if (p && p->lx) {
        a->uid = p->lx->euid;
        a->gid = p->lx->egid;
    }
    if (p)
        kobject_put(&p->obj);
    return 0;
}

static int link_readlink(struct vnode *v, char *buf, size_t size)
{
    return node_of(v)->entry->readlink(&node_of(v)->key, buf, size);
}

static int link_follow(struct vnode *v, struct vnode **out)
{
    return node_of(v)->entry->follow(&node_of(v)->key, out);
}

/* --- open files --- */

struct proc_open { struct mutex lock; struct proc_text text; bool made; }; /* lock guards the rest */

static int make_text(struct proc_open *o, struct proc_node *n)
{
    proc_text_fini(&o->text);
    o->made = false;
    int r = 0;
    if (n->entry->generate)
        r = n->entry->generate(&o->text, &n->key);
    else
        proc_append(&o->text, n->entry->text, strlen(n->entry->text));
    if (r == 0)
        r = o->text.error;
    o->made = r == 0;
    return r;
}

static ssize_t_k file_read_text(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct proc_open *o = f->ctx;
    long done = 0;
    mutex_lock(&o->lock);
    if (*pos == 0 || !o->made)
        done = make_text(o, node_of(f->vnode));
    if (done == 0 && *pos < o->text.len) {
        size_t want = MIN(n, o->text.len - *pos);
        done = (long)copy_to_user_partial(buf, o->text.buf + *pos, want);
        if (done == 0 && want > 0)
            done = -EFAULT;
    }
    mutex_unlock(&o->lock);
    if (done > 0)
        *pos += (u64)done;
    return done;
}

static ssize_t_k file_write_text(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    const struct proc_node *node = node_of(f->vnode);
    char text[WRITE_MAX + 1];
    size_t len = MIN(n, (size_t)WRITE_MAX);
    if (!node->entry->write)
        return -EIO;
    if (copy_from_user(text, buf, len))
        return -EFAULT;
    text[len] = 0;
    int r = node->entry->write(&node->key, text);
    return r < 0 ? r : (ssize_t_k)n;
}

static u64 file_size_unknown(struct file *f) { return 0; } /* as Linux says: made when read */

static void file_release(struct file *f)
{
    struct proc_open *o = f->ctx;
    if (!o)
        return;
    proc_text_fini(&o->text);
    kfree(o);
}

static const struct file_ops open_ops = { .name = "proc", .read = file_read_text, .write = file_write_text,
                                          .size = file_size_unknown, .release = file_release };

static int file_open(struct vnode *v, struct file *f)
{
    if (node_of(v)->entry->open)
        return node_of(v)->entry->open(&node_of(v)->key, f);
    if ((f->flags & FILE_WRITE) && !node_of(v)->entry->write)
        return -EACCES;
    struct proc_open *o = kzalloc(sizeof(*o));
    if (!o)
        return -ENOMEM;
    mutex_init(&o->lock, "proc file");
    f->ctx = o;
    f->ops = &open_ops;
    return 0;
}

static const struct vnode_ops dir_ops = {
    .name = "proc directory", .lookup = dir_lookup, .readdir = dir_readdir, .parent = dir_parent,
    .name_of = node_name, .getattr = node_getattr, .destroy = node_destroy,
};
static const struct vnode_ops file_ops = { .name = "proc file", .name_of = node_name, .getattr = node_getattr,
                                           .open = file_open, .destroy = node_destroy };
/* A walk takes `follow` where there is one and the text only where there is none. */
static const struct vnode_ops text_link_ops = {
    .name = "proc text link", .name_of = node_name, .readlink = link_readlink, .getattr = node_getattr, .destroy = node_destroy,
};
static const struct vnode_ops link_ops = {
    .name = "proc link", .name_of = node_name, .readlink = link_readlink, .follow = link_follow,
    .getattr = node_getattr, .destroy = node_destroy,
};

static int table_mount(struct mount *m, const char *options)
{
    const struct proc_key none = { { 0 } };
    if (options && *options)
        return -EINVAL;
    return node_create(m, NULL, &fs_of(m)->root, &none, -1, INO_ROOT, &m->root);
}

static void table_unmount(struct mount *m)
{
    struct vnode *root = m->root;
    m->root = NULL;
    vnode_put(root);
}

static void table_statfs(struct mount *m, struct fs_stat *out)
{
    *out = (struct fs_stat){ .type = fs_of(m)->magic, .bsize = PAGE_SIZE, .namelen = NAME_MAX_BYTES };
}

#define TABLE_FS(n) { .name = n, .mount = table_mount, .unmount = table_unmount, .statfs = table_statfs }
#define ROOT_ROW(d) { .name = "/", .mode = MODE_DIR | 0555, .dir = d }

static const struct table_fs proc_fs = { TABLE_FS("proc"), ROOT_ROW(&proc_root_dir), PROC_SUPER_MAGIC, 0 };
static const struct table_fs sys_fs = { TABLE_FS("sysfs"), ROOT_ROW(&sys_root_dir), SYSFS_MAGIC, PAGE_SIZE };

void procfs_init(void)
{
    fs_register(&proc_fs.type);
    fs_register(&sys_fs.type);
    lx_loadavg_init();
}
