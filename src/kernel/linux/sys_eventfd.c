/* eventfd: a counter that writes add to and reads empty, or lower by one (EFD_SEMAPHORE).
 *
 * `lock` guards the count and keeps the state true: readable above 0, writable while 1 can be added.
 * Watchers are told after it is let go. The count never reaches 2^64-1, so POLLERR, which Linux has
 * for a kernel-side overflow, cannot happen. eventfd(2). */
#include "linux/abi/eventfd.h"
#include "linux/sys_priv.h"
#include "lib/format.h"
#include "sched/event_wait.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct counter { struct event event; struct spinlock lock; u64 count; bool semaphore; };

static void state_update_locked(struct counter *c)
{
    u32 now = (c->count ? POLL_IN : 0) | (c->count < COUNT_MAX ? POLL_OUT : 0);
    event_clear(&c->event, (POLL_IN | POLL_OUT) & ~now);
    event_set_quietly(&c->event, now);
}

static bool take(struct counter *c, u64 *value)
{
    spin_lock(&c->lock);
    bool some = c->count > 0;
    if (some) {
        *value = c->semaphore ? 1 : c->count;
        c->count -= *value;
        state_update_locked(c);
    }
    spin_unlock(&c->lock);
    return some;
}

static bool add(struct counter *c, u64 value)
{
    spin_lock(&c->lock);
    bool fits = value <= COUNT_MAX - c->count;
    if (fits) {
        c->count += value;
        state_update_locked(c);
    }
    spin_unlock(&c->lock);
    return fits;
}

static ssize_t_k counter_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct counter *c = f->ctx;
    u64 value;
    if (n < sizeof value)
        return -EINVAL;
    if (!take(c, &value)) {
        if (file_has(f, FILE_NONBLOCK))
            return -EAGAIN;
        if (event_wait(&c->event, POLL_IN, take(c, &value), WAIT_INTERRUPTIBLE, 0))
            return -ERESTARTSYS;
    }
    event_tell(&c->event, POLL_OUT);
    return copy_to_user(buf, &value, sizeof value) ? -EFAULT : (ssize_t_k)sizeof value;
}

static ssize_t_k counter_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct counter *c = f->ctx;
    u64 value;
    if (n < sizeof value)
        return -EINVAL;
    if (copy_from_user(&value, buf, sizeof value))
        return -EFAULT;
    if (value == UINT64_MAX)
        return -EINVAL;
    if (!add(c, value)) {
        if (file_has(f, FILE_NONBLOCK))
            return -EAGAIN;
        if (event_wait(&c->event, POLL_OUT, add(c, value), WAIT_INTERRUPTIBLE, 0))
            return -ERESTARTSYS;
    }
    event_tell(&c->event, POLL_IN);
    return sizeof value;
}

static void counter_release(struct file *f)
{
    struct counter *c = f->ctx;
    event_fini(&c->event);
    kfree(c);
}

static size_t counter_describe(struct file *f, char *buf, size_t size)
{
    struct counter *c = f->ctx;
    return (size_t)format(buf, size, "eventfd-count: %16llx\n",
                          (unsigned long long)__atomic_load_n(&c->count, __ATOMIC_RELAXED));
}

static const struct file_ops counter_ops = {
    .name = "anon_inode:[eventfd]", .no_splice = true, .read = counter_read, .write = counter_write, .release = counter_release,
    .describe = counter_describe,
};

long sys_eventfd2(u64 initial, u64 uflags, u64, u64, u64, u64)
{
    u32 flags = (u32)uflags;
    if (flags & ~(LX_EFD_SEMAPHORE | LX_O_NONBLOCK | LX_O_CLOEXEC))
        return -EINVAL;
    struct counter *c = kzalloc(sizeof *c);
    if (!c)
        return -ENOMEM;
    c->count = (u32)initial;
    c->semaphore = flags & LX_EFD_SEMAPHORE;
    event_init(&c->event, "eventfd event", 0);
    spin_init(&c->lock, "eventfd");
    state_update_locked(c);
    struct file *f;
    int r = file_create(&counter_ops, c, FILE_READ | FILE_WRITE | lx_nonblock_of(flags), &f);
    if (r < 0) {
        kfree(c);
        return r;
    }
    f->event = &c->event;
    return lx_fd_install_new(f, flags);
}

long sys_eventfd(u64 initial, u64, u64, u64, u64, u64) { return sys_eventfd2(initial, 0, 0, 0, 0, 0); }
