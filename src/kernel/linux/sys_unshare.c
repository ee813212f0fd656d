/* unshare(2) and setns(2): a process stops sharing what clone let it share with others.
 *
 * Descriptors, directory and signal handlers belong to the whole process here: one of several threads
 * cannot have its own, and is told so (EINVAL, as where a kernel was built without the thing). There is
 * one namespace of each kind, and nobody makes another.
 *
 * All copies are made before the first is taken into use: a call that fails changes nothing. */
#include "linux/clone.h"
#include "linux/ipc.h"

#define CLONE_NEWTIME 0x80ull
#define CLONE_NEWNS 0x20000ull
#define CLONE_NEWCGROUP 0x2000000ull
#define CLONE_NEWUTS 0x4000000ull
#define CLONE_NEWIPC 0x8000000ull
#define CLONE_NEWUSER 0x10000000ull
#define CLONE_NEWPID 0x20000000ull
#define CLONE_NEWNET 0x40000000ull
#define NAMESPACES (CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
                    CLONE_NEWPID | CLONE_NEWNET)
#define OWN_COPIES (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)
/* Of these nothing can be copied: they are granted to who shares them with nobody. */
#define NOT_SHARED (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

static bool is_alone(const struct process *p) { return __atomic_load_n(&p->nthreads, __ATOMIC_ACQUIRE) == 1; }

/* How many processes use what `of` uses. Who only looks into it for a moment (/proc) has a reference and does not
 * count: locks on files are a table's, and would be lost with it. */
struct users { const struct process *of; unsigned memory, handles; };

static void count_users(struct process *p, void *ctx)
{
    struct users *u = ctx;
    u->memory += p->aspace == u->of->aspace;
    u->handles += p->handles == u->of->handles;
}

static struct users users_of(const struct process *p)
{
    struct users u = { .of = p };
    process_for_each(count_users, &u);
    return u;
}

/* *own: NULL if nobody else uses the caller's. */
static int handles_copy(const struct process *p, struct handle_table **own)
{
    *own = NULL;
    bool shared = handle_table_is_shared(p->handles) && users_of(p).handles > 1;
    return shared ? handle_table_clone(p->handles, own) : 0;
}

int lx_handles_unshare(struct process *p)
{
    struct handle_table *own;
    int r = is_alone(p) ? handles_copy(p, &own) : (int)lx_missing(CLONE_FILES, -EINVAL);
    if (r < 0)
        return r;
    if (own)
        process_set_handles(p, own);
    return 0;
}

static int check_alone(struct process *p, u64 flags)
{
    if ((flags & NOT_SHARED) && !is_alone(p))
        return -EINVAL;
    if ((flags & OWN_COPIES) && !is_alone(p))
        return (int)lx_missing(flags & OWN_COPIES, -EINVAL);
    if ((flags & (CLONE_VM | CLONE_SIGHAND)) && lx_actions_are_shared(p->lx))
        return -EINVAL;
    return (flags & CLONE_VM) && users_of(p).memory > 1 ? -EINVAL : 0;
}

static int check_namespaces(u64 flags)
{
    if (!(flags & NAMESPACES))
        return 0;
    bool may = !(flags & NAMESPACES & ~CLONE_NEWUSER) || lx_capable(LX_CAP_SYS_ADMIN);
    return (int)lx_missing(flags & NAMESPACES, may ? -EINVAL : -EPERM);
}

static void fs_replace(struct lx_process *lx, struct lx_fs *own)
{
    mutex_lock(&process_tree_lock);
    struct lx_fs *old = lx->fs;
    lx->fs = own;
    mutex_unlock(&process_tree_lock);
    lx_fs_put(old);
}

/* What it owes to semaphores falls due now, unless others go on owing it. */
static void undos_leave(struct lx_process *lx)
{
    lx_undos_put(__atomic_exchange_n(&lx->undos, NULL, __ATOMIC_ACQ_REL));
}

long sys_unshare(u64 flags, u64, u64, u64, u64, u64)
{
    struct process *p = process_current();
    struct handle_table *handles = NULL;
    struct lx_fs *fs = NULL;
    if (flags & ~(OWN_COPIES | NOT_SHARED | NAMESPACES))
        return -EINVAL;
    int r = check_alone(p, flags);
    if (r == 0)
        r = check_namespaces(flags);
    if (r == 0 && (flags & CLONE_FS))
        r = lx_fs_copy_shared(p->lx->fs, &fs);
    if (r == 0 && (flags & CLONE_FILES))
        r = handles_copy(p, &handles);
    if (r < 0) {
        lx_fs_put(fs);
        return r;
    }
    if (fs)
        fs_replace(p->lx, fs);
    if (handles)
        process_set_handles(p, handles);
    if (flags & CLONE_SYSVSEM)
        undos_leave(p->lx);
    return 0;
}

/* No descriptor names a namespace, and a process's (a pidfd) are the caller's own. */
long sys_setns(u64 fd, u64, u64, u64, u64, u64)
{
    struct file *f;
    int r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    file_put(f);
    return -EINVAL;
}
