/* System calls about signals: actions, masks, waiting for one, the alternate stack. */
#include "lib/errno.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2
#define SIGSET_BYTES 8

static bool valid_signal(int sig) { return sig >= 1 && sig <= LX_NSIG; }

static int sigset_get(u64 user, u64 size, u64 *set)
{
    if (size != SIGSET_BYTES)
        return -EINVAL;
    return copy_from_user(set, uptr(user), sizeof *set);
}

static void action_read(int sig, struct lx_sigaction *was)
{
    struct lx_process *lx = lx_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    *was = lx->actions->action[sig];
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

static NOINLINE void drop_waiting_unlock(struct lx_process *lx, int sig, u64 irq)
{
    struct list dropped = LIST_INIT(dropped);
    lx_signal_drop_locked(lx->process, LX_SIGBIT(sig), &dropped);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    lx_sigentries_free(&dropped);
}

/* Flags that nobody knows are forgotten, so that a program can find out which are known. An action
 * that ignores the signal throws away those that wait. */
static void action_swap(int sig, struct lx_sigaction *new, struct lx_sigaction *was)
{
    struct lx_process *lx = lx_current();
    struct lx_sighand *sh = lx->sighand;
    new->mask &= ~LX_UNMASKABLE;
    new->flags &= LX_SA_KNOWN;
    u64 irq = spin_lock_irqsave(&sh->lock);
    struct lx_actions *all = lx->actions;
    *was = all->action[sig];
    all->action[sig] = *new;
    all->ever_set |= LX_SIGBIT(sig);
    if (unlikely(lx->sent & LX_SIGBIT(sig)) && lx_sig_is_ignored(new, sig))
        drop_waiting_unlock(lx, sig, irq);
    else
        spin_unlock_irqrestore(&sh->lock, irq);
}

long sys_rt_sigaction(u64 signo, u64 act, u64 old, u64 size, u64 a4, u64 a5)
{
    int sig = (int)signo;
    struct lx_sigaction new, was;
    if (size != SIGSET_BYTES || !valid_signal(sig))
        return -EINVAL;
    if (act && (LX_SIGBIT(sig) & LX_UNMASKABLE))
        return -EINVAL;
    if (act && copy_from_user(&new, uptr(act), sizeof new))
        return -EFAULT;
    if (act)
        action_swap(sig, &new, &was);
    else
        action_read(sig, &was);
    return old ? copy_to_user(uptr(old), &was, sizeof was) : 0;
}

long sys_rt_sigprocmask(u64 how, u64 set, u64 old, u64 size, u64 a4, u64 a5)
{
    u64 was = lx_thread_current()->sigmask, given = 0;
    if (size != SIGSET_BYTES)
        return -EINVAL;
    if (set) {
        if (copy_from_user(&given, uptr(set), sizeof given))
            return -EFAULT;
        switch ((int)how) {
        case SIG_BLOCK: given = was | given; break;
        case SIG_UNBLOCK: given = was & ~given; break;
        case SIG_SETMASK: break;
        default: return -EINVAL;
        }
    }
    if (old && copy_to_user(uptr(old), &was, sizeof was))
        return -EFAULT;
    if (set)
        lx_sigmask_set(given);
    return 0;
}

long sys_rt_sigpending(u64 set, u64 size, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 pending = lx_signal_pending_set() & lx_thread_current()->sigmask;
    if (size > SIGSET_BYTES)
        return -EINVAL;
    return copy_to_user(uptr(set), &pending, size);
}

long sys_rt_sigreturn(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct trap_frame *f = thread_user_frame(thread_current());
    struct lx_thread *lt = lx_thread_current();
    if (lx_frame_pop(f) == 0)
        lx_frame_enter(f);
    lt->fault_reason = "damaged signal frame";
    lt->fault_addr = f->rsp;
    f->vector = LX_VECTOR_SIGRETURN;
    lx_signal_force(&(struct lx_siginfo){ .signo = SIGSEGV, .code = LX_SI_KERNEL });
    return 0;
}

static long wait_for_signal(void)
{
    struct waitq never;
    waitq_init(&never, "pause");
    (void)wait_event(&never, false, WAIT_INTERRUPTIBLE, 0);
    return -ERESTARTNOHAND;
}

long sys_pause(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return wait_for_signal();
}

long sys_rt_sigsuspend(u64 set, u64 size, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 mask;
    int r = sigset_get(set, size, &mask);
    if (r < 0)
        return r;
    lx_sigmask_set_temporary(mask);
    return wait_for_signal();
}

static int signal_wait(u64 set, u64 deadline_ns, struct lx_siginfo *info)
{
    struct waitq never;
    int sig, r = 0;
    waitq_init(&never, "sigtimedwait");
    lx_signal_wait_for(set);
    for (;;) {
        sig = lx_signal_take(set, info, NULL);
        if (sig || r == -ETIMEDOUT)
            break;
        if (lx_must_stop() || (lx_signal_pending_set() & ~lx_thread_current()->sigmask)) {
            r = -EINTR;
            break;
        }
        r = wait_event(&never, lx_signal_pending_set() & set, WAIT_INTERRUPTIBLE, deadline_ns);
        if (r == -EINTR && lx_wait_interrupted_by_death())
            break;
    }
    lx_signal_wait_for(0);
    lx_signal_recheck();
    return sig ? sig : r == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

long sys_rt_sigtimedwait(u64 set, u64 uinfo, u64 timeout, u64 size, u64 a4, u64 a5)
{
    u64 mask, ns = 0, deadline = 0;
    struct lx_siginfo info;
    int r = sigset_get(set, size, &mask);
    if (r == 0 && timeout)
        r = lx_timespec_get(uptr(timeout), &ns);
    if (r < 0)
        return r;
    if (timeout)
        deadline = lx_deadline(clock_now_ns(), ns);
    r = signal_wait(mask & ~LX_UNMASKABLE, deadline, &info);
    if (r > 0 && uinfo && lx_siginfo_put(uptr(uinfo), &info))
        return -EFAULT;
    return r;
}

long sys_sigaltstack(u64 new, u64 old, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 rsp = thread_user_frame(thread_current())->rsp;
    struct lx_stack s, was = lx_altstack_get(rsp);
    if (new) {
        if (copy_from_user(&s, uptr(new), sizeof s))
            return -EFAULT;
        int r = lx_altstack_set(&s, rsp);
        if (r < 0)
            return r;
    }
    return old ? copy_to_user(uptr(old), &was, sizeof was) : 0;
}
