/* LOCK_DEBUG kernels: each misuse of a lock that the checker knows, on purpose; and one that is only
 * said, because nothing broke yet. */
#include "arch/tsc.h"
#include "arch/lock_check.h"
#include "init/selftest.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "sched/waitq.h"

static struct spinlock a = SPINLOCK_INIT("test a"), b = SPINLOCK_INIT("test b"), c = SPINLOCK_INIT("test c");
static struct mutex m = MUTEX_INIT(m, "test m"), n = MUTEX_INIT(n, "test n");

static __attribute__((noinline)) void take_both(struct spinlock *first, struct spinlock *second)
{
    spin_lock(first);
    spin_lock(second);
    spin_unlock(second);
    spin_unlock(first);
}

/* a before b before c; then a under c. No CPU ever waits here. */
static void die_lock_order(void)
{
    take_both(&a, &b);
    take_both(&b, &c);
    take_both(&c, &a);
}
SELFTEST("die-lock-order", die_lock_order);

static void die_mutex_order(void)
{
    mutex_lock(&m);
    mutex_lock(&n);
    mutex_unlock(&m);
    mutex_lock(&m);
}
SELFTEST("die-mutex-order", die_mutex_order);

static void take_in_interrupt(struct timer *t)
{
    spin_lock(&a);
    spin_unlock(&a);
}

static void die_lock_irq(void)
{
    struct timer t;
    spin_lock(&a);
    spin_unlock(&a);
    timer_init(&t, take_in_interrupt);
    timer_arm(&t, clock_now_ns());
    (void)!sleep_until_ns(clock_now_ns() + NSEC_PER_SEC, false);
}
SELFTEST("die-lock-irq", die_lock_irq);

static void die_sleep_locked(void)
{
    spin_lock(&a);
    mutex_lock(&m);
}
SELFTEST("die-sleep-locked", die_sleep_locked);

static void die_unlock_free(void) { spin_unlock(&a); }
SELFTEST("die-unlock-free", die_unlock_free);

static void die_lock_many(void)
{
    static struct spinlock many[64];
    for (unsigned i = 0; i < ARRAY_SIZE(many); i++) {
        spin_init(&many[i], "test many");
        spin_lock(&many[i]);
    }
}
SELFTEST("die-lock-many", die_lock_many);

static void die_lock_freed(void)
{
    struct mutex *x = kmalloc(sizeof *x);
    mutex_init(x, "test freed");
    mutex_lock(x);
    kfree(x);
}
SELFTEST("die-lock-freed", die_lock_freed);

static void die_lock_init(void)
{
    spin_lock(&a);
    spin_init(&a, "test a");
}
SELFTEST("die-lock-init", die_lock_init);

static void irqs_off_long(void)
{
    lock_time_limit(5);
    u64 state = irq_save();
    tsc_delay_us(20000);
    irq_restore(state);
    spin_lock(&a);
    tsc_delay_us(20000);
    spin_unlock(&a);
}
SELFTEST("bench-off-long", irqs_off_long);
