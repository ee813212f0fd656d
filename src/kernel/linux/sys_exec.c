/* execve and execveat. The other threads of the process go between prepare and commit: a call that
 * fails because of its arguments leaves them alone. */
#include "lib/errno.h"
#include "lib/format.h"
#include "linux/exec_priv.h"
#include "linux/ptrace.h"
#include "linux/syscall.h"
#include "mm/slab.h"

#define LX_AT_EMPTY_PATH 0x1000
#define LX_AT_SYMLINK_NOFOLLOW 0x100

/* -EINTR: the process is dying or another thread's execve came first; the caller never sees it. */
static int leave_old_program(struct process *p)
{
    int tid = uthread_current()->tid; /* what its locks know it by */
    int r = process_become_single();
    if (!r)
        r = lx_handles_unshare(p); /* one that another process shares (CLONE_FILES) stays with it as it is */
    if (!r)
        r = lx_actions_unshare(p->lx);
    if (!r)
        lx_thread_leave_memory(uthread_current(), tid);
    return r;
}

static void commit(struct exec_plan *plan, int old_tid)
{
    exec_commit(plan, process_current(), lx_thread_current(), thread_user_frame(thread_current()));
    lx_trace_exec(old_tid);
}

static int run(const struct lx_walk *lw, const struct exec_name *name, u64 argv, u64 envp)
{
    struct process *p = process_current();
    struct exec_args args;
    int r = exec_args_from_user(&args, uptr(argv), uptr(envp));
    if (r)
        return r;
    struct exec_plan *plan;
    r = exec_prepare_named(&lw->w, name, &args, p->lx, &plan);
    exec_args_free(&args);
    if (r)
        return r;
    int old_tid = uthread_current()->tid;
    r = leave_old_program(p);
    if (r)
        exec_abort(plan);
    else
        commit(plan, old_tid);
    return r;
}

static bool closes_on_exec(int fd)
{
    int flags = handle_flags_get(process_current()->handles, fd);
    return flags >= 0 && (flags & HANDLE_CLOEXEC);
}

/* What is run by descriptor is shown by a name that leads back to it: interpreters open it. */
static int run_at(const struct lx_walk *lw, int dirfd, const char *path, u64 argv, u64 envp)
{
    struct exec_name name = { NULL, path, path, false };
    int r = lx_walk_start(lw, dirfd, path, &name.start);
    if (r)
        return r;
    char *shown = NULL;
    if (dirfd != LX_AT_FDCWD && path[0] != '/') {
        shown = kmalloc(PATH_MAX_BYTES + 32);
        r = shown ? 0 : -ENOMEM;
        if (shown)
            format(shown, PATH_MAX_BYTES + 32, "/dev/fd/%d/%s", dirfd, path);
        name.shown = shown;
        name.lost = closes_on_exec(dirfd);
    }
    if (!r)
        r = run(lw, &name, argv, envp);
    kfree(shown);
    vnode_put(name.start);
    return r;
}

static int run_fd(const struct lx_walk *lw, int fd, u64 argv, u64 envp)
{
    struct file *f;
    int r = lx_file_get(fd, &f);
    if (r)
        return r;
    char shown[32];
    format(shown, sizeof(shown), "/dev/fd/%d", fd);
    if (!f->vnode)
        r = -EACCES;
    else if (f->vnode->type == V_LNK) /* O_PATH | O_NOFOLLOW */
        r = -ELOOP;
    else
        r = run(lw, &(struct exec_name){ file_place(f), "", shown, closes_on_exec(fd) }, argv, envp);
    file_put(f);
    return r;
}

static int nofollow_check(const struct lx_walk *lw, int dirfd, const char *path)
{
    struct vnode *start, *v;
    int r = lx_walk_start(lw, dirfd, path, &start);
    if (r)
        return r;
    r = path_lookup(&lw->w, start, path, LOOKUP_NOFOLLOW, &v);
    vnode_put(start);
    if (r)
        return r;
    r = v->type == V_LNK ? -ELOOP : 0;
    vnode_put(v);
    return r;
}

/* An empty path: the descriptor itself, or the working directory, which cannot run. */
static int run_empty(const struct lx_walk *lw, int dirfd, u64 argv, u64 envp, u32 flags)
{
    if (!(flags & LX_AT_EMPTY_PATH))
        return -ENOENT;
    return dirfd == LX_AT_FDCWD ? -EACCES : run_fd(lw, dirfd, argv, envp);
}

static int execveat(int dirfd, const char *path, u64 argv, u64 envp, u32 flags)
{
    struct lx_walk lw;
    int r = 0;
    lx_walk_get(&lw);
    if (!*path)
        r = run_empty(&lw, dirfd, argv, envp, flags);
    else if (flags & LX_AT_SYMLINK_NOFOLLOW)
        r = nofollow_check(&lw, dirfd, path);
    if (!r && *path)
        r = run_at(&lw, dirfd, path, argv, envp);
    lx_walk_put(&lw);
    return r;
}

long sys_execveat(u64 dirfd, u64 path, u64 argv, u64 envp, u64 flags, u64 a5)
{
    if ((u32)flags & ~(LX_AT_EMPTY_PATH | LX_AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    char *name;
    int r = lx_path_get(uptr(path), &name);
    if (r)
        return r;
    r = execveat((int)dirfd, name, argv, envp, (u32)flags);
    kfree(name);
    if (r == 0)
        lx_frame_enter(thread_user_frame(thread_current())); /* the new program's first frame */
    return r;
}

long sys_execve(u64 path, u64 argv, u64 envp, u64 a3, u64 a4, u64 a5)
{
    return sys_execveat((u64)LX_AT_FDCWD, path, argv, envp, 0, 0);
}
