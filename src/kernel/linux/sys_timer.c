/* timer_create and its relatives: which timers a process has, and judging what programs ask for. */
#include "lib/errno.h"
#include "linux/abi/sigevent.h"
#include "linux/lx_clock.h"
#include "linux/posix_timer.h"
#include "linux/syscall.h"
#include "mm/slab.h"

extern const size_t ptimer_entry_bytes;

void lx_ptimers_init(struct lx_process *lx)
{
    mutex_init(&lx->ptimers.lock, "posix timers");
    list_init(&lx->ptimers.list);
    list_init(&lx->ptimers.litter);
}

/* Entries that a timer's stop signal cancelled, which its interrupt could not free. */
static void litter_free(struct lx_process *lx)
{
    struct list litter = LIST_INIT(litter), *l;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    while ((l = list_pop_front(&lx->ptimers.litter)))
        list_push_back(&litter, l);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    lx_sigentries_free(&litter);
}

static void timer_delete_locked(struct ptimer *t)
{
    list_remove(&t->link);
    t->lx->ptimers.count--;
    if (ptimer_fini(t))
        kfree(t->entry);
    kfree(t);
}

void lx_ptimers_delete(struct lx_process *lx)
{
    struct ptimer *t, *next;
    if (!lx->ptimers.next_id)
        return; /* it never had one */
    mutex_lock(&lx->ptimers.lock);
    list_for_each_safe(t, next, &lx->ptimers.list, link)
        timer_delete_locked(t);
    mutex_unlock(&lx->ptimers.lock);
    litter_free(lx);
}

/* timer mutex held, as for all below. */
static struct ptimer *find(struct lx_process *lx, int id)
{
    struct ptimer *t;
    list_for_each(t, &lx->ptimers.list, link)
        if (t->id == id)
            return t;
    return NULL;
}

/* The next number that no timer has; never negative. */
static int id_take(struct lx_process *lx)
{
    int id;
    do {
        id = lx->ptimers.next_id;
        lx->ptimers.next_id = (id + 1) & INT32_MAX;
    } while (find(lx, id));
    return id;
}

/* Timers of another process's CPU time are not there: nobody could tell us. */
static int clock_check(int id)
{
    struct cpu_clock cpu;
    u64 ns;
    if (lx_clock_is_real(id) || lx_clock_is_steady(id))
        return 0;
    if (lx_clock_only_tells(id))
        return -EOPNOTSUPP;
    if (!cpu_clock_parse(id, &cpu) || cpu_clock_read(&cpu, &ns))
        return -EINVAL;
    return cpu.per_thread || cpu.id == process_current()->pid ? 0 : -EOPNOTSUPP;
}

struct thread_search { int tid; bool found; };

static bool is_it(struct uthread *ut, void *ctx)
{
    struct thread_search *s = ctx;
    s->found |= ut->tid == s->tid;
    return !s->found;
}

static int event_check(const struct lx_sigevent *ev)
{
    struct thread_search s = { .tid = ev->tid };
    if (ev->notify == SIGEV_NONE)
        return 0;
    if (ev->notify != SIGEV_SIGNAL && ev->notify != SIGEV_THREAD && ev->notify != SIGEV_THREAD_ID)
        return -EINVAL;
    if (ev->signo < 1 || ev->signo > LX_NSIG)
        return -EINVAL;
    if (ev->notify == SIGEV_THREAD_ID)
        process_for_each_thread(process_current(), is_it, &s);
    return ev->notify != SIGEV_THREAD_ID || s.found ? 0 : -EINVAL;
}

static int timer_make(int clock_id, const struct lx_sigevent *ev, struct ptimer **out)
{
    struct ptimer *t = kzalloc(sizeof *t);
    struct lx_sigentry *e = ev->notify == SIGEV_NONE ? NULL : kzalloc(ptimer_entry_bytes);
    if (!t || (!e && ev->notify != SIGEV_NONE)) {
        kfree(t);
        kfree(e);
        return -EAGAIN; /* timer_create(2) */
    }
    if (e)
        e->info = (struct lx_siginfo){ .signo = ev->signo, .code = LX_SI_TIMER, .timer.value = ev->value };
    t->tid = ev->notify == SIGEV_THREAD_ID ? ev->tid : 0;
    ptimer_init(t, lx_current(), clock_id, e);
    *out = t;
    return 0;
}

/* Without an event it is SIGALRM, which carries the timer's number. */
static int timer_add_locked(struct ptimer *t, bool value_is_id)
{
    struct lx_process *lx = t->lx;
    t->id = id_take(lx);
    if (t->entry) {
        t->entry->info.timer.id = t->id;
        if (value_is_id)
            t->entry->info.timer.value = (u64)t->id;
    }
    list_push_back(&lx->ptimers.list, &t->link);
    lx->ptimers.count++;
    return t->id;
}

static bool has_room(const struct lx_process *lx)
{
    return lx->ptimers.count < MIN(lx->rlimit[LX_RLIMIT_SIGPENDING].cur, (u64)LX_SIGQUEUE_MAX);
}

static long timer_create(int clock_id, const struct lx_sigevent *ev, bool value_is_id, u64 uid)
{
    struct lx_process *lx = lx_current();
    struct ptimer *t;
    int r = has_room(lx) ? timer_make(clock_id, ev, &t) : -EAGAIN;
    if (r < 0)
        return r;
    mutex_lock(&lx->ptimers.lock);
    int id = timer_add_locked(t, value_is_id);
    r = copy_to_user(uptr(uid), &id, sizeof id);
    if (r < 0)
        timer_delete_locked(t);
    mutex_unlock(&lx->ptimers.lock);
    return r;
}

long sys_timer_create(u64 clock_id, u64 uevent, u64 uid, u64 a3, u64 a4, u64 a5)
{
    struct lx_sigevent ev = { .signo = SIGALRM, .notify = SIGEV_SIGNAL };
    if (uevent && copy_from_user(&ev, uptr(uevent), sizeof ev))
        return -EFAULT;
    int r = clock_check((int)clock_id);
    if (r == 0)
        r = event_check(&ev);
    return r < 0 ? r : timer_create((int)clock_id, &ev, !uevent, uid);
}

static int setting_put(u64 user, struct ptimer_setting s)
{
    if (lx_timespec_put(uptr(user), s.interval_ns))
        return -EFAULT;
    return lx_timespec_put(uptr(user + sizeof(struct lx_timespec)), s.value_ns);
}

long sys_timer_settime(u64 id, u64 flags, u64 unew, u64 uold, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    struct ptimer_setting s, old = { 0, 0 };
    if (!unew)
        return -EINVAL;
    int r = lx_timespec_get(uptr(unew), &s.interval_ns);
    if (r == 0)
        r = lx_timespec_get(uptr(unew + sizeof(struct lx_timespec)), &s.value_ns);
    if (r < 0)
        return r;
    mutex_lock(&lx->ptimers.lock);
    struct ptimer *t = find(lx, (int)id);
    if (t)
        old = ptimer_set(t, s, flags & LX_TIMER_ABSTIME);
    mutex_unlock(&lx->ptimers.lock);
    litter_free(lx);
    return !t ? -EINVAL : uold ? setting_put(uold, old) : 0;
}

long sys_timer_gettime(u64 id, u64 ucur, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    struct ptimer_setting s = { 0, 0 };
    mutex_lock(&lx->ptimers.lock);
    struct ptimer *t = find(lx, (int)id);
    if (t)
        s = ptimer_get(t);
    mutex_unlock(&lx->ptimers.lock);
    return t ? setting_put(ucur, s) : -EINVAL;
}

long sys_timer_getoverrun(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    mutex_lock(&lx->ptimers.lock);
    struct ptimer *t = find(lx, (int)id);
    long n = t ? (long)t->last_overrun : -EINVAL;
    mutex_unlock(&lx->ptimers.lock);
    return n;
}

long sys_timer_delete(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    mutex_lock(&lx->ptimers.lock);
    struct ptimer *t = find(lx, (int)id);
    if (t)
        timer_delete_locked(t);
    mutex_unlock(&lx->ptimers.lock);
    return t ? 0 : -EINVAL;
}
