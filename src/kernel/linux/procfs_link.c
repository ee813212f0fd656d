/* /proc's symbolic links. Where the target is an object in hand (a descriptor's file, a working
 * directory, a program) the walk goes straight to it; the text is for people. */
#include "linux/procfs.h"
#include "linux/ptrace.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "vfs/pipe.h"

int proc_fitted(int len, size_t size) { return (size_t)len < size ? len : -ENAMETOOLONG; }

int proc_self_readlink(const struct proc_key *k, char *buf, size_t size)
{
    struct process *p = process_current();
    return p ? proc_fitted(format(buf, size, "%d", p->pid), size) : -ENOENT;
}

int proc_thread_self_readlink(const struct proc_key *k, char *buf, size_t size)
{
    struct uthread *ut = uthread_current();
    return ut ? proc_fitted(format(buf, size, "%d/task/%d", ut->process->pid, ut->tid), size) : -ENOENT;
}

static struct process *process_of(const struct proc_key *k) { return process_find(k->id[PROC_PID]); }

/* Another user's process keeps its files to itself. */
static bool may_look(const struct process *p)
{
    return !process_current() || lx_may_access(p); /* no process: the kernel itself */
}

enum place { PLACE_EXE, PLACE_CWD, PLACE_ROOT };

static int place_vnode(const struct proc_key *k, enum place place, struct vnode **out)
{
    struct process *p = process_of(k);
    if (!p)
        return -ENOENT;
    struct vnode *v = NULL;
    int r = may_look(p) ? 0 : -EACCES;
    mutex_lock(&process_tree_lock);
    struct lx_process *lx = p->lx;
    if (r == 0 && lx && place == PLACE_EXE) {
        v = lx->exe;
        if (v)
            vnode_get(v);
    } else if (r == 0 && lx && lx->fs) {
        mutex_lock(&lx->fs->lock);
        v = place == PLACE_CWD ? lx->fs->cwd : lx->fs->root;
        vnode_get(v);
        mutex_unlock(&lx->fs->lock);
    }
    mutex_unlock(&process_tree_lock);
    kobject_put(&p->obj);
    *out = v;
    return r < 0 ? r : (v ? 0 : -ENOENT);
}

int proc_vnode_name(struct vnode *v, char *buf, size_t size)
{
    static const char deleted[] = " (deleted)";
    struct lx_walk lw;
    unsigned what = 0;
    lx_walk_get(&lw);
    int r = path_of(&lw.w, v, buf, size, &what);
    lx_walk_put(&lw);
    if (r <= 0)
        return r;
    size_t len = (size_t)r - 1;
    if (!(what & PATH_DELETED))
        return (int)len;
    if (len + sizeof deleted > size)
        return -ENAMETOOLONG;
    memcpy(buf + len, deleted, sizeof deleted);
    return (int)(len + sizeof deleted - 1);
}

static int place_name(const struct proc_key *k, enum place place, char *buf, size_t size)
{
    struct vnode *v;
    int r = place_vnode(k, place, &v);
    if (r < 0)
        return r;
    r = proc_vnode_name(v, buf, size);
    vnode_put(v);
    return r;
}

int proc_cwd_readlink(const struct proc_key *k, char *buf, size_t size) { return place_name(k, PLACE_CWD, buf, size); }

int proc_root_readlink(const struct proc_key *k, char *buf, size_t size)
{
    return place_name(k, PLACE_ROOT, buf, size);
}

int proc_cwd_follow(const struct proc_key *k, struct vnode **out) { return place_vnode(k, PLACE_CWD, out); }
int proc_root_follow(const struct proc_key *k, struct vnode **out) { return place_vnode(k, PLACE_ROOT, out); }
int proc_exe_follow(const struct proc_key *k, struct vnode **out) { return place_vnode(k, PLACE_EXE, out); }

int proc_exe_readlink(const struct proc_key *k, char *buf, size_t size) { return place_name(k, PLACE_EXE, buf, size); }

/* --- descriptors --- */

int proc_fd_next(const struct proc_key *dir, int from)
{
    struct process *p = process_of(dir);
    if (!p)
        return -1;
    struct handle_table *t = process_handles_get(p);
    int fd = t ? handle_next(t, from) : -1;
    if (t)
        handle_table_put(t);
    kobject_put(&p->obj);
    return fd;
}

int proc_fd_object(const struct proc_key *k, struct kobject **out, unsigned *flags)
{
    struct process *p = process_of(k);
    if (!p)
        return -ENOENT;
    struct handle_table *t = may_look(p) ? process_handles_get(p) : NULL;
    int r = t ? handle_get(t, k->id[PROC_FD], KOBJ_NONE, 0, out, NULL) : -EACCES;
    if (r == 0 && flags)
        *flags = (unsigned)MAX(handle_flags_get(t, k->id[PROC_FD]), 0);
    if (t)
        handle_table_put(t);
    kobject_put(&p->obj);
    return r == -EBADF ? -ENOENT : r;
}

/* By the vnode's name. A terminal that the kernel opened has none and is known by its number; the rest is
 * named by kind and inode as Linux names pipes. */
static int file_name(struct file *f, char *buf, size_t size)
{
    static const struct { u64 rdev; const char *name; } terminals[] = {
        { 0x501, "/dev/console" }, { 0x500, "/dev/tty" }, { 0x400, "/dev/tty0" }, { 0x440, "/dev/ttyS0" }, { 0xe500, "/dev/hvc0" },
        { 0x401, "/dev/tty1" }, { 0x402, "/dev/tty2" }, { 0x403, "/dev/tty3" }, { 0x404, "/dev/tty4" },
    };
    struct vattr a;
    if (f->vnode && (f->vnode->mount || f->vnode->ops->name_of)) /* not a pipe opened by its link here */
        return proc_vnode_name(file_place(f), buf, size);
    int r = file_getattr(f, &a);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_SIZE(terminals); i++)
        if ((a.mode & MODE_FMT) == MODE_CHR && a.rdev == terminals[i].rdev)
            return proc_fitted(format(buf, size, "%s", terminals[i].name), size);
    if (!f->vnode && strncmp(f->ops->name, "anon_inode:", 11) == 0)
        return proc_fitted(format(buf, size, "%s", f->ops->name), size);
    const char *kind = (a.mode & MODE_FMT) == MODE_FIFO ? "pipe" : f->ops->name;
    return proc_fitted(format(buf, size, "%s:[%llu]", kind, (unsigned long long)a.ino), size);
}

int proc_fd_readlink(const struct proc_key *k, char *buf, size_t size)
{
    struct kobject *obj;
    int r = proc_fd_object(k, &obj, NULL);
    if (r < 0)
        return r;
    if (obj->type == KOBJ_FILE)
        r = file_name(file_from(obj), buf, size);
    else
        r = proc_fitted(format(buf, size, "anon_inode:[%s]", obj->ops->name), size);
    kobject_put(obj);
    return r;
}

static int file_vnode(struct file *f, struct vnode **out)
{
    if (!f->vnode)
        return file_is_pipe(f) ? pipe_vnode_get(f, out) : nameless_vnode_get(f, out);
    *out = file_place(f);
    vnode_get(*out);
    return 0;
}

int proc_fd_follow(const struct proc_key *k, struct vnode **out)
{
    struct kobject *obj;
    int r = proc_fd_object(k, &obj, NULL);
    if (r < 0)
        return r;
    r = obj->type == KOBJ_FILE ? file_vnode(file_from(obj), out) : -ENXIO;
    kobject_put(obj);
    return r;
}
