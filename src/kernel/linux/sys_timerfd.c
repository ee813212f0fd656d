/* timerfd: a timer that is read.
 *
 * What is kept is when it expires next, in its clock's time, and the interval; how often it has
 * expired follows from the time of asking. So the kernel's timer only says "at least once": it is
 * armed for the first expiration after the last reading, and a short interval that nobody reads
 * costs one interrupt. The timer's function touches nothing but the event.
 *
 * A time of the settable clock is meant as such: when that clock is set, timers that wait for one
 * are armed anew, or cancelled if they asked for it. timerfd_create(2). */
#include "linux/abi/eventfd.h"
#include "linux/sys_priv.h"
#include "linux/sys_timerfd.h"
#include "lib/format.h"
#include "sched/event_wait.h"

enum { CLOCK_REALTIME_ID = 0, CLOCK_MONOTONIC_ID = 1, CLOCK_BOOTTIME_ID = 7, CLOCK_REALTIME_ALARM_ID = 8,
       CLOCK_BOOTTIME_ALARM_ID = 9 };

struct timerfd {
    struct event event;
    struct mutex lock;       /* all below but the timer's own fields */
    struct timer timer;
    u64 at_ns, interval_ns;  /* at 0: disarmed */
    int clock;
    u32 flags;               /* LX_TFD_* of the last settime */
    bool by_realtime;        /* at_ns is a time of the settable clock; then on `by_clock` */
    bool cancelled;          /* the clock was set, and nobody was told yet */
    struct list link;
};

/* Timers waiting for a time of the settable clock. Taken before a timer's lock. */
static struct mutex by_clock_lock = MUTEX_INIT(by_clock_lock, "timerfd clock");
static struct list by_clock = LIST_INIT(by_clock);

static void timer_fire(struct timer *timer)
{
    event_set(&container_of(timer, struct timerfd, timer)->event, POLL_IN);
}

static bool is_realtime(const struct timerfd *t)
{
    return t->clock == CLOCK_REALTIME_ID || t->clock == CLOCK_REALTIME_ALARM_ID;
}

static u64 now_of(const struct timerfd *t)
{
    return clock_now_ns() + (t->by_realtime ? clock_realtime_offset_ns() : 0);
}

static void arm_locked(struct timerfd *t)
{
    if (t->at_ns)
        timer_arm(&t->timer, t->by_realtime ? lx_realtime_to_monotonic(t->at_ns) : t->at_ns);
}

static u64 expired_locked(const struct timerfd *t, u64 now)
{
    if (!t->at_ns || now < t->at_ns)
        return 0;
    return t->interval_ns ? 1 + (now - t->at_ns) / t->interval_ns : 1;
}

/* The first expiration after `now`; 0: there is none. */
static u64 next_locked(const struct timerfd *t, u64 now)
{
    if (!t->at_ns || now < t->at_ns)
        return t->at_ns;
    return t->interval_ns ? lx_deadline(t->at_ns + (now - t->at_ns) / t->interval_ns * t->interval_ns, t->interval_ns) : 0;
}

/* Expirations since the last reading: they are read now. The kernel's timer may be about to fire for
 * them, and the clock may have been set back after it fired: it starts afresh either way.
 * -ECANCELED once after the clock was set. */
static int take_locked(struct timerfd *t, u64 *count)
{
    u64 now = now_of(t);
    bool cancelled = t->cancelled;
    *count = expired_locked(t, now);
    if (!*count && !(event_state(&t->event) & POLL_IN))
        return 0;
    timer_cancel(&t->timer);
    event_clear(&t->event, POLL_IN);
    t->cancelled = false;
    t->at_ns = next_locked(t, now);
    arm_locked(t);
    return cancelled ? -ECANCELED : 0;
}

static int take(struct timerfd *t, u64 *count)
{
    mutex_lock(&t->lock);
    int r = take_locked(t, count);
    mutex_unlock(&t->lock);
    return r;
}

static ssize_t_k timerfd_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct timerfd *t = f->ctx;
    u64 count = 0;
    if (n < sizeof count)
        return -EINVAL;
    for (;;) {
        int r = take(t, &count);
        if (r < 0)
            return r;
        if (count)
            return copy_to_user(buf, &count, sizeof count) ? -EFAULT : (ssize_t_k)sizeof count;
        if (file_has(f, FILE_NONBLOCK))
            return -EAGAIN;
        if (event_wait(&t->event, POLL_IN, event_state(&t->event) & POLL_IN, WAIT_INTERRUPTIBLE, 0))
            return -ERESTARTSYS;
    }
}

static void timerfd_release(struct file *f)
{
    struct timerfd *t = f->ctx;
    if (is_realtime(t)) {
        mutex_lock(&by_clock_lock);
        list_remove(&t->link);
        mutex_unlock(&by_clock_lock);
    }
    timer_cancel(&t->timer);
    event_fini(&t->event);
    kfree(t);
}

void timerfd_clock_was_set(void)
{
    struct timerfd *t;
    mutex_lock(&by_clock_lock);
    list_for_each(t, &by_clock, link) {
        mutex_lock(&t->lock);
        arm_locked(t);
        t->cancelled = t->flags & LX_TFD_TIMER_CANCEL_ON_SET;
        if (t->cancelled)
            event_set(&t->event, POLL_IN);
        mutex_unlock(&t->lock);
    }
    mutex_unlock(&by_clock_lock);
}

/* As struct itimerspec: interval, then value. */
struct setting { u64 interval_ns, value_ns; };

static struct setting setting_locked(const struct timerfd *t)
{
    u64 now = now_of(t), next = next_locked(t, now);
    return (struct setting){ t->interval_ns, next > now ? next - now : 0 };
}

static int set_locked(struct timerfd *t, u32 flags, const struct setting *new, struct setting *old)
{
    timer_cancel(&t->timer);
    *old = setting_locked(t);
    event_clear(&t->event, POLL_IN);
    t->flags = flags;
    t->interval_ns = new->interval_ns;
    t->by_realtime = is_realtime(t) && (flags & LX_TFD_TIMER_ABSTIME) && new->value_ns;
    t->at_ns = !new->value_ns || (flags & LX_TFD_TIMER_ABSTIME) ? new->value_ns : lx_deadline(clock_now_ns(), new->value_ns);
    arm_locked(t);
    bool cancelled = t->cancelled && t->at_ns;
    t->cancelled = false;
    return cancelled && t->by_realtime && (flags & LX_TFD_TIMER_CANCEL_ON_SET) ? -ECANCELED : 0;
}

/* Only timers on the settable clock can be on the list. */
static int timerfd_set(struct timerfd *t, u32 flags, const struct setting *new, struct setting *old)
{
    if (is_realtime(t))
        mutex_lock(&by_clock_lock);
    mutex_lock(&t->lock);
    int r = set_locked(t, flags, new, old);
    mutex_unlock(&t->lock);
    if (is_realtime(t)) {
        list_remove(&t->link);
        if (t->by_realtime)
            list_push_back(&by_clock, &t->link);
        mutex_unlock(&by_clock_lock);
    }
    return r;
}

/* After it, as after reading, the next expiration is news. */
static struct setting timerfd_get(struct timerfd *t)
{
    mutex_lock(&t->lock);
    struct setting s = setting_locked(t);
    u64 now = now_of(t);
    if (t->interval_ns && expired_locked(t, now))
        timer_arm(&t->timer, clock_now_ns() + (next_locked(t, now) - now));
    mutex_unlock(&t->lock);
    return s;
}

static size_t timerfd_describe(struct file *f, char *buf, size_t size)
{
    struct timerfd *t = f->ctx;
    mutex_lock(&t->lock);
    struct setting s = setting_locked(t);
    u64 ticks = expired_locked(t, now_of(t));
    mutex_unlock(&t->lock);
    return (size_t)format(buf, size,
                          "clockid: %d\nticks: %llu\nsettime flags: 0%o\nit_value: (%llu, %llu)\nit_interval: (%llu, %llu)\n",
                          t->clock, (unsigned long long)ticks, t->flags,
                          (unsigned long long)(s.value_ns / NSEC_PER_SEC),
                          (unsigned long long)(s.value_ns % NSEC_PER_SEC),
                          (unsigned long long)(s.interval_ns / NSEC_PER_SEC),
                          (unsigned long long)(s.interval_ns % NSEC_PER_SEC));
}

static const struct file_ops timerfd_ops = {
    .name = "anon_inode:[timerfd]", .no_splice = true, .read = timerfd_read, .release = timerfd_release, .describe = timerfd_describe,
};

long sys_timerfd_create(u64 uclock, u64 uflags, u64, u64, u64, u64)
{
    int clock = (int)uclock;
    u32 flags = (u32)uflags;
    bool alarm = clock == CLOCK_REALTIME_ALARM_ID || clock == CLOCK_BOOTTIME_ALARM_ID;
    if (flags & ~(LX_O_CLOEXEC | LX_O_NONBLOCK))
        return -EINVAL;
    if (clock != CLOCK_REALTIME_ID && clock != CLOCK_MONOTONIC_ID && clock != CLOCK_BOOTTIME_ID && !alarm)
        return -EINVAL;
    if (alarm && !lx_capable(LX_CAP_WAKE_ALARM)) /* nothing suspends: they are as their namesakes */
        return -EPERM;
    struct timerfd *t = kzalloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    struct file *f;
    int r = file_create(&timerfd_ops, t, FILE_READ | FILE_WRITE | lx_nonblock_of(flags), &f);
    if (r < 0) {
        kfree(t);
        return r;
    }
    t->clock = clock;
    event_init(&t->event, "timerfd event", 0);
    mutex_init(&t->lock, "timerfd");
    timer_init(&t->timer, timer_fire);
    list_init(&t->link);
    f->event = &t->event;
    return lx_fd_install_new(f, flags);
}

/* The file, with a reference: -EBADF, -EINVAL. */
static int timerfd_file(u64 fd, struct file **out)
{
    int r = lx_file_get_open((int)fd, out);
    if (r == 0 && (*out)->ops != &timerfd_ops) {
        file_put(*out);
        r = -EINVAL;
    }
    return r;
}

static int setting_get(u64 user, struct setting *s)
{
    int r = lx_timespec_get(uptr(user), &s->interval_ns);
    return r ? r : lx_timespec_get(uptr(user + sizeof(struct lx_timespec)), &s->value_ns);
}

static int setting_put(u64 user, struct setting s)
{
    int r = lx_timespec_put(uptr(user), s.interval_ns);
    return r ? r : lx_timespec_put(uptr(user + sizeof(struct lx_timespec)), s.value_ns);
}

long sys_timerfd_settime(u64 fd, u64 uflags, u64 unew, u64 uold, u64, u64)
{
    u32 flags = (u32)uflags;
    struct setting new, old;
    struct file *f;
    int r = setting_get(unew, &new);
    if (r == 0 && (flags & ~(LX_TFD_TIMER_ABSTIME | LX_TFD_TIMER_CANCEL_ON_SET)))
        r = -EINVAL;
    if (r == 0)
        r = timerfd_file(fd, &f);
    if (r < 0)
        return r;
    r = timerfd_set(f->ctx, flags, &new, &old);
    file_put(f);
    if (uold && setting_put(uold, old))
        return -EFAULT;
    return r;
}

long sys_timerfd_gettime(u64 fd, u64 ucur, u64, u64, u64, u64)
{
    struct file *f;
    int r = timerfd_file(fd, &f);
    if (r < 0)
        return r;
    struct setting s = timerfd_get(f->ctx);
    file_put(f);
    return setting_put(ucur, s);
}
