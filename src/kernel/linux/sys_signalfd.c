/* signalfd: reading takes signals of a set out of the reader's queues, its thread's first.
 *
 * The file has no queue of its own: it is a set, and what is ready depends on who asks. So it
 * watches the asking process's `signalled` event, which every queued signal tells. signalfd(2). */
#include "linux/abi/eventfd.h"
#include "linux/signal_priv.h"
#include "linux/sys_priv.h"
#include "lib/format.h"
#include "sched/event_wait.h"

#define SIGSET_BYTES 8

static u64 set_of(const struct file *f) { return __atomic_load_n((u64 *)f->ctx, __ATOMIC_RELAXED); }

/* Which of a siginfo's members mean something follows from number and code: sigaction(2). */
static void members_copy(struct lx_signalfd_siginfo *out, const struct lx_siginfo *in)
{
    bool faults = LX_SIGBIT(in->signo) & LX_FAULT_SIGNALS;
    bool specific = in->code > LX_SI_USER && in->code < LX_SI_KERNEL;
    if (specific && faults) {
        out->addr = in->fault.addr;
        return;
    }
    out->pid = (u32)in->kill.pid;
    out->uid = in->kill.uid;
    if (specific && in->signo == SIGCHLD) {
        out->status = in->chld.status;
        out->utime = (u64)in->chld.utime;
        out->stime = (u64)in->chld.stime;
    } else if (in->code == LX_SI_TIMER) {
        out->pid = out->uid = 0;
        out->tid = (u32)in->kill.pid;
        out->overrun = in->kill.uid;
    }
    if (in->code < 0) {
        out->value_ptr = in->rt.value;
        out->value_int = (i32)in->rt.value;
    }
}

/* 1: one was there and is stored; 0: none; -EFAULT: it is lost, as on Linux. */
static int take_one(u64 set, uptr_t buf)
{
    struct lx_siginfo info;
    if (!lx_signal_take(set, &info, NULL))
        return 0;
    struct lx_signalfd_siginfo out = { .signo = (u32)info.signo, .errno_ = info.errno_, .code = info.code };
    members_copy(&out, &info);
    return copy_to_user(buf, &out, sizeof out) ? -EFAULT : 1;
}

static int wait_for_one(struct file *f)
{
    if (file_has(f, FILE_NONBLOCK))
        return -EAGAIN;
    int r = event_wait(&lx_current()->signalled, POLL_IN, lx_signal_pending_set() & set_of(f), WAIT_INTERRUPTIBLE, 0);
    return r ? -ERESTARTSYS : 0;
}

static ssize_t_k signalfd_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    size_t room = n / sizeof(struct lx_signalfd_siginfo), done = 0;
    int r = 0;
    if (!room)
        return -EINVAL;
    while (done < room && r >= 0) {
        r = take_one(set_of(f), buf + done * sizeof(struct lx_signalfd_siginfo));
        if (r > 0)
            done++;
        else if (r == 0 && done)
            break;
        else if (r == 0)
            r = wait_for_one(f);
    }
    return done ? (ssize_t_k)(done * sizeof(struct lx_signalfd_siginfo)) : r;
}

static unsigned signalfd_poll(struct file *f) { return lx_signal_pending_set() & set_of(f) ? POLL_IN : 0; }

/* The process may end before the watcher goes (a child has the file too, and a port watches it). */
static struct event *signalfd_watch(struct file *f, struct kobject **keep)
{
    struct process *p = lx_current()->process;
    kobject_get(&p->obj);
    *keep = &p->obj;
    return &p->lx->signalled;
}

static void signalfd_release(struct file *f) { kfree(f->ctx); }

static size_t signalfd_describe(struct file *f, char *buf, size_t size)
{
    return (size_t)format(buf, size, "sigmask:\t%016llx\n", (unsigned long long)set_of(f));
}

static const struct file_ops signalfd_ops = {
    .name = "anon_inode:[signalfd]", .no_splice = true, .read = signalfd_read, .poll = signalfd_poll, .watch = signalfd_watch,
    .release = signalfd_release, .describe = signalfd_describe,
};

static long create(u64 set, u32 flags)
{
    struct file *f;
    u64 *ctx = kmalloc(sizeof *ctx);
    if (!ctx)
        return -ENOMEM;
    *ctx = set;
    int r = file_create(&signalfd_ops, ctx, FILE_READ | FILE_WRITE | lx_nonblock_of(flags), &f);
    if (r < 0) {
        kfree(ctx);
        return r;
    }
    f->event = NULL; /* what is ready depends on who asks */
    return lx_fd_install_new(f, flags);
}

/* Another set for one that exists; whoever waits for it looks again. */
static long replace(int fd, u64 set)
{
    struct file *f;
    int r = lx_file_get_open(fd, &f);
    if (r < 0)
        return r;
    r = f->ops == &signalfd_ops ? fd : -EINVAL;
    if (r >= 0) {
        __atomic_store_n((u64 *)f->ctx, set, __ATOMIC_RELAXED);
        event_tell(&lx_current()->signalled, POLL_IN);
    }
    file_put(f);
    return r;
}

long sys_signalfd4(u64 ufd, u64 uset, u64 size, u64 uflags, u64, u64)
{
    u64 set;
    u32 flags = (u32)uflags;
    if (size != SIGSET_BYTES)
        return -EINVAL;
    if (copy_from_user(&set, uptr(uset), sizeof set))
        return -EFAULT;
    if (flags & ~(LX_O_CLOEXEC | LX_O_NONBLOCK))
        return -EINVAL;
    set &= ~LX_UNMASKABLE;
    return (int)ufd == -1 ? create(set, flags) : replace((int)ufd, set);
}

long sys_signalfd(u64 fd, u64 set, u64 size, u64, u64, u64) { return sys_signalfd4(fd, set, size, 0, 0, 0); }
