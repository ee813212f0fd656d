/* pidfd: a descriptor that names a process, whatever becomes of its number (pidfd_open(2)).
 *
 * The file holds a reference to the process and shows its `end`: readable once it is a zombie. */
#include "linux/pidfd.h"
#include "linux/procfs.h"
#include "linux/signal_priv.h"
#include "linux/sys_priv.h"

static void pidfd_release(struct file *f)
{
    struct process *p = f->ctx;
    kobject_put(&p->obj);
}

static const struct file_ops pidfd_ops = { .name = "anon_inode:[pidfd]", .release = pidfd_release };

struct process *lx_pidfd_process(const struct file *f) { return f->ops == &pidfd_ops ? f->ctx : NULL; }

/* Takes a reference to p of its own. */
static int pidfd_create(struct process *p, u32 file_flags, struct file **out)
{
    int r = file_create(&pidfd_ops, p, FILE_READ | FILE_WRITE | file_flags, out);
    if (r < 0)
        return r;
    kobject_get(&p->obj);
    (*out)->event = &p->end;
    return 0;
}

/* Close-on-exec always. */
static int pidfd_install(struct process *p, u32 file_flags)
{
    struct file *f;
    int r = pidfd_create(p, file_flags, &f);
    return r < 0 ? r : lx_fd_install_new(f, LX_O_CLOEXEC);
}

int lx_pidfd_give(struct process *p, u64 user)
{
    struct file *f;
    int r = pidfd_create(p, 0, &f);
    if (r < 0)
        return r;
    i32 fd = r = lx_fd_install(f, HANDLE_CLOEXEC);
    if (fd >= 0) {
        r = copy_to_user(uptr(user), &fd, sizeof fd);
        if (r < 0)
            handle_undo(process_current()->handles, fd, &f->obj);
    }
    file_put(f);
    return MIN(r, 0);
}

long sys_pidfd_open(u64 apid, u64 flags, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int pid = (int)apid;
    if (((u32)flags & ~LX_O_NONBLOCK) || pid <= 0)
        return -EINVAL;
    struct process *p = process_find_thread(pid);
    if (!p)
        return -ESRCH;
    int r = p->pid == pid ? pidfd_install(p, lx_nonblock_of((u32)flags)) : -EINVAL;
    kobject_put(&p->obj);
    return r;
}

/* With a reference to the file, which holds the process. */
static int pidfd_get(int fd, struct file **f, struct process **p)
{
    int r = lx_file_get(fd, f);
    if (r < 0)
        return r;
    *p = lx_pidfd_process(*f);
    if (*p)
        return 0;
    file_put(*f);
    return -EBADF;
}

/* The same of what pidfd_send_signal takes: also a directory /proc/PID. A reference to the process. */
static int target_get(int fd, struct process **p)
{
    struct file *f;
    int r = lx_file_get(fd, &f);
    if (r < 0)
        return r;
    *p = lx_pidfd_process(f);
    if (*p)
        kobject_get(&(*p)->obj);
    else
        r = lx_proc_dir_process(f, p);
    file_put(f);
    return r;
}

static int siginfo_for(int sig, u64 user, const struct process *to, struct lx_siginfo *info)
{
    *info = lx_siginfo_user(sig, LX_SI_USER);
    if (!user)
        return 0;
    if (copy_from_user(info, uptr(user), sizeof *info))
        return -EFAULT;
    if (info->signo != sig)
        return -EINVAL;
    return (info->code >= 0 || info->code == LX_SI_TKILL) && to != process_current() ? -EPERM : 0;
}

long sys_pidfd_send_signal(u64 fd, u64 signo, u64 uinfo, u64 flags, u64 a4, u64 a5)
{
    struct lx_siginfo info;
    struct process *p;
    int sig = (int)signo;
    if ((u32)flags)
        return -EINVAL;
    int r = target_get((int)fd, &p);
    if (r < 0)
        return r;
    r = sig < 0 || sig > LX_NSIG ? -EINVAL : siginfo_for(sig, uinfo, p, &info);
    if (r == 0)
        r = event_state(&p->end) & PROCESS_GONE ? -ESRCH : lx_signal_checked(p, 0, &info);
    kobject_put(&p->obj);
    return r;
}

static int descriptor_from(struct process *p, int fd)
{
    struct kobject *obj;
    unsigned rights;
    int slot;
    if (!lx_may_access(p))
        return -EPERM;
    struct handle_table *h = process_handles_get(p);
    if (!h)
        return -ESRCH;
    int r = handle_get(h, fd, KOBJ_FILE, 0, &obj, &rights);
    handle_table_put(h);
    if (r < 0)
        return r;
    r = handle_install(process_current()->handles, obj, rights, HANDLE_CLOEXEC, 0, &slot);
    kobject_put(obj);
    return r < 0 ? r : slot;
}

long sys_pidfd_getfd(u64 pidfd, u64 fd, u64 flags, u64 a3, u64 a4, u64 a5)
{
    struct process *p;
    struct file *f;
    if ((u32)flags)
        return -EINVAL;
    int r = pidfd_get((int)pidfd, &f, &p);
    if (r < 0)
        return r;
    r = descriptor_from(p, (int)fd);
    file_put(f);
    return r;
}
