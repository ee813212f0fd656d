/* /proc/PID/mounts, mountinfo and mountstats: proc_pid_mounts(5), proc_pid_mountinfo(5). Paths are those that the
 * reader would use; what lies outside of its root is not shown. */
#include "linux/procfs.h"
#include "lib/errno.h"
#include "mm/slab.h"

struct listing {
    struct proc_text *t;
    struct lx_walk lw;
    char *path;
    void (*line)(struct proc_text *t, struct mount *m, const char *path);
};

/* Blanks and the like are octal there. */
static void put_escaped(struct proc_text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\\' || *s == '#')
            proc_printf(t, "\\%03o", (unsigned)(u8)*s);
        else
            proc_append(t, s, 1);
    }
}

/* How the mount may be used. */
static void put_flags(struct proc_text *t, u32 flags)
{
    proc_printf(t, "%s%s%s%s%s%s", flags & MOUNT_READONLY ? "ro" : "rw", flags & MOUNT_NOSUID ? ",nosuid" : "",
                flags & MOUNT_NODEV ? ",nodev" : "",
                flags & MOUNT_NOEXEC ? ",noexec" : "", flags & MOUNT_NOATIME ? ",noatime" : "",
                flags & MOUNT_NODIRATIME ? ",nodiratime" : "");
    if (!(flags & (MOUNT_NOATIME | MOUNT_STRICTATIME)))
        proc_printf(t, ",relatime");
}

/* Whose file system it is that a mount shows. */
static struct mount *shown_mount(struct mount *m) { return m->of ? m->of : m; }

/* What belongs to the file system, each with a comma before it. */
static void put_options(struct proc_text *t, struct mount *m, u32 flags)
{
    char text[128];
    m = shown_mount(m);
    proc_printf(t, "%s%s", flags & MOUNT_SYNC ? ",sync" : "", flags & MOUNT_DIRSYNC ? ",dirsync" : "");
    if (m->type->show && m->type->show(m, text, sizeof text) > 0)
        proc_printf(t, "%s", text);
}

static void mounts_line(struct proc_text *t, struct mount *m, const char *path)
{
    u32 flags = __atomic_load_n(&m->flags, __ATOMIC_RELAXED);
    put_escaped(t, m->source);
    proc_printf(t, " ");
    put_escaped(t, path);
    proc_printf(t, " %s ", shown_mount(m)->type->name);
    put_flags(t, flags & MOUNT_NO_WRITES ? flags | MOUNT_READONLY : flags);
    put_options(t, m, flags);
    proc_printf(t, " 0 0\n");
}

/* What of its file system is seen. */
static void put_root(struct proc_text *t, struct mount *m)
{
    unsigned what;
    char *path = m->of ? kmalloc(PATH_MAX_BYTES) : NULL;
    struct walk inside = { .root = m->of ? m->of->root : m->root };
    if (path && path_of(&inside, vnode_real(m->root), path, PATH_MAX_BYTES, &what) > 0) {
        put_escaped(t, path);
        proc_printf(t, "%s", what & PATH_DELETED ? "//deleted" : "");
    } else {
        proc_printf(t, "/");
    }
    kfree(path);
}

static void mountinfo_line(struct proc_text *t, struct mount *m, const char *path)
{
    u32 flags = __atomic_load_n(&m->flags, __ATOMIC_RELAXED);
    struct mount *fs = shown_mount(m);
    proc_printf(t, "%d %d %u:%u ", m->id, m->covered ? m->covered->mount->id : 1, (u32)(m->dev >> 8 & 0xfff),
                (u32)(m->dev & 0xff));
    put_root(t, m);
    proc_printf(t, " ");
    put_escaped(t, path);
    proc_printf(t, " ");
    put_flags(t, flags);
    proc_printf(t, " - %s ", fs->type->name);
    put_escaped(t, m->source);
    proc_printf(t, " %s", __atomic_load_n(&fs->flags, __ATOMIC_RELAXED) & MOUNT_FS_READONLY ? "ro" : "rw");
    put_options(t, m, flags);
    proc_printf(t, "\n");
}

static void mountstats_line(struct proc_text *t, struct mount *m, const char *path)
{
    proc_printf(t, "device ");
    put_escaped(t, m->source);
    proc_printf(t, " mounted on ");
    put_escaped(t, path);
    proc_printf(t, " with fstype %s\n", shown_mount(m)->type->name);
}

static void list_one(struct mount *m, void *ctx)
{
    struct listing *l = ctx;
    unsigned what;
    int len = path_of(&l->lw.w, m->root, l->path, PATH_MAX_BYTES, &what);
    if (len > 0 && !what)
        l->line(l->t, m, l->path);
}

static int list_mounts(struct proc_text *t, void (*line)(struct proc_text *, struct mount *, const char *))
{
    struct listing l = { .t = t, .line = line, .path = kmalloc(PATH_MAX_BYTES) };
    if (!l.path)
        return -ENOMEM;
    lx_walk_get(&l.lw);
    vfs_for_each_mount(list_one, &l);
    lx_walk_put(&l.lw);
    kfree(l.path);
    return 0;
}

int proc_mounts(struct proc_text *t, const struct proc_key *k) { return list_mounts(t, mounts_line); }
int proc_mountinfo(struct proc_text *t, const struct proc_key *k) { return list_mounts(t, mountinfo_line); }
int proc_mountstats(struct proc_text *t, const struct proc_key *k) { return list_mounts(t, mountstats_line); }
