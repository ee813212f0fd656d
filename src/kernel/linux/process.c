/* The Linux side of a process: made for process 1 and by fork, freed with the process. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/cpu_limit.h"
#include "linux/ipc.h"
#include "linux/tty_job.h"
#include "mm/slab.h"

/* What process 1 starts with: asm-generic/resource.h, uapi/linux/fs.h, uapi/linux/resource.h */
#define STACK_LIMIT (8ull << 20)
#define MEMLOCK_LIMIT (8ull << 20)
#define NOFILE_SOFT 1024ull
#define NOFILE_HARD 4096ull
#define MSGQUEUE_LIMIT 819200ull
#define RLIM_INFINITY UINT64_MAX
#define UMASK_DEFAULT 022u

static int fs_create(struct lx_fs *from, struct lx_fs **out)
{
    struct lx_fs *fs = kzalloc(sizeof *fs);
    if (!fs)
        return -ENOMEM;
    fs->refs = 1;
    mutex_init(&fs->lock, "fs");
    if (from) {
        mutex_lock(&from->lock);
        fs->root = from->root;
        fs->cwd = from->cwd;
        fs->umask = from->umask;
        vnode_get(fs->root);
        vnode_get(fs->cwd);
        mutex_unlock(&from->lock);
    } else {
        fs->root = fs->cwd = vfs_root();
        fs->umask = UMASK_DEFAULT;
        vnode_get(fs->root);
        vnode_get(fs->cwd);
    }
    *out = fs;
    return 0;
}

void lx_fs_put(struct lx_fs *fs)
{
    if (!fs || __atomic_sub_fetch(&fs->refs, 1, __ATOMIC_ACQ_REL))
        return;
    vnode_leave(fs->root);
    vnode_leave(fs->cwd);
    kfree(fs);
}

int lx_fs_copy_shared(struct lx_fs *from, struct lx_fs **out)
{
    *out = NULL;
    return __atomic_load_n(&from->refs, __ATOMIC_ACQUIRE) > 1 ? fs_create(from, out) : 0;
}

int lx_exe_get(struct vnode *v)
{
    int r = vnode_run_begin(v);
    if (!r)
        vnode_get(v);
    return r;
}

void lx_exe_put(struct vnode *v)
{
    if (!v)
        return;
    vnode_run_end(v);
    vnode_put(v);
}

/* Process 1: the superuser, with all rights. */
static void first_init(struct lx_process *lx)
{
    lx->caps.effective = lx->caps.permitted = lx->caps.bounding = LX_CAP_ALL;
    for (unsigned i = 0; i < LX_RLIMITS; i++)
        lx->rlimit[i] = (struct lx_rlimit){ RLIM_INFINITY, RLIM_INFINITY };
    lx->rlimit[LX_RLIMIT_STACK].cur = STACK_LIMIT;
    lx->rlimit[LX_RLIMIT_CORE].cur = 0;
    lx->rlimit[LX_RLIMIT_NOFILE] = (struct lx_rlimit){ NOFILE_SOFT, NOFILE_HARD };
    lx->rlimit[LX_RLIMIT_MEMLOCK] = (struct lx_rlimit){ MEMLOCK_LIMIT, MEMLOCK_LIMIT };
    lx->rlimit[LX_RLIMIT_NPROC] = (struct lx_rlimit){ process_threads_max() / 2, process_threads_max() / 2 };
    lx->rlimit[LX_RLIMIT_SIGPENDING] = (struct lx_rlimit){ 1024, 1024 };
    lx->rlimit[LX_RLIMIT_MSGQUEUE] = (struct lx_rlimit){ MSGQUEUE_LIMIT, MSGQUEUE_LIMIT };
    lx->rlimit[LX_RLIMIT_NICE] = lx->rlimit[LX_RLIMIT_RTPRIO] = (struct lx_rlimit){ 0, 0 };
}

static void inherit(struct lx_process *lx, const struct lx_process *parent)
{
    u64 irq = spin_lock_irqsave(&parent->sighand->lock);
    memcpy(&lx->uid, &parent->uid, offsetof(struct lx_process, fs));
    memcpy(lx->rlimit, parent->rlimit, sizeof lx->rlimit);
    spin_unlock_irqrestore(&parent->sighand->lock, irq);
    memcpy(lx->auxv, parent->auxv, sizeof lx->auxv);
    lx->auxv_n = parent->auxv_n;
    lx->arg_start = parent->arg_start, lx->arg_end = parent->arg_end;
    lx->env_start = parent->env_start, lx->env_end = parent->env_end;
    lx->code_start = parent->code_start, lx->code_end = parent->code_end, lx->stack_start = parent->stack_start;
    mutex_lock(&process_tree_lock);
    lx_ctty_set_locked(lx, parent->ctty);
    lx->no_new_privs = parent->no_new_privs;
    lx->oom_adj = parent->oom_adj;
    lx->oom_adj_least = parent->oom_adj_least;
    lx->membarriers = parent->membarriers;
    lx->dumpable = parent->dumpable;
    if (parent->exe && !lx_exe_get(parent->exe)) /* it runs already: cannot fail */
        lx->exe = parent->exe;
    mutex_unlock(&process_tree_lock);
}

int lx_process_create(struct lx_process *parent, bool share_fs, bool share_actions, struct lx_process **out)
{
    struct lx_process *lx = kzalloc(sizeof *lx);
    if (!lx)
        return -ENOMEM;
    int r = lx_signal_init_process(lx, parent, share_actions);
    if (r < 0)
        goto free_lx;
    if (share_fs) {
        __atomic_fetch_add(&parent->fs->refs, 1, __ATOMIC_RELAXED);
        lx->fs = parent->fs;
    } else {
        r = fs_create(parent ? parent->fs : NULL, &lx->fs);
        if (r < 0)
            goto fini_signal;
    }
    waitq_init(&lx->vfork_done, "vfork");
    list_init(&lx->cpu_timers);
    lx->cpu_limit.fire = lx_cpu_limit_fire;
    lx_ptimers_init(lx);
    list_init(&lx->tracees);
    lx->exit_signal = SIGCHLD;
    lx->dumpable = true;
    if (parent)
        inherit(lx, parent);
    else
        first_init(lx);
    *out = lx;
    return 0;

fini_signal:
    lx_signal_fini_process(lx);
free_lx:
    kfree(lx);
    return r;
}

void lx_process_destroy(struct lx_process *lx)
{
    if (!lx)
        return;
    lx_itimers_stop(lx);
    lx_undos_put(lx->undos);
    lx_fs_put(lx->fs);
    lx_exe_put(lx->exe);
    tty_put(lx->ctty); /* only if it never ran */
    lx_signal_fini_process(lx);
    kfree(lx);
}

int lx_thread_create(struct lx_thread **out)
{
    struct lx_thread *lt = kzalloc(sizeof *lt);
    if (!lt)
        return -ENOMEM;
    list_init(&lt->pending.pending);
    futex_boost_init(&lt->boost);
    lt->timer_slack_ns = LX_TIMER_SLACK_NS;
    *out = lt;
    return 0;
}

void lx_thread_exec(struct lx_thread *lt)
{
    lt->altstack_sp = lt->altstack_size = lt->altstack_flags = 0;
    lt->robust_list = 0;
    lt->pi_waited = lt->pi_closed = false;
    lt->clear_child_tid = 0;
    lt->sleep_deadline_ns = 0;
}
