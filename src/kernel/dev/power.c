/* Ending: tries the registered ways one after the other, then halts and says so.
 *
 * Whoever calls power_do has stopped programs and written back what is dirty; from here on nothing
 * is switched or interrupted any more, and no other CPU runs: what they held is held for ever, so
 * the consoles ask no lock. A method that returns has failed. */
#include "dev/power.h"
#include "arch/smp_nmi.h"
#include "arch/spinlock.h"
#include "dev/console.h"
#include "lib/klog.h"

static struct spinlock lock = SPINLOCK_INIT("power");
static struct power_method *methods; /* by rank; entries are never removed */

void power_register(struct power_method *m)
{
    ASSERT(m->fn && m->name);
    spin_lock(&lock);
    struct power_method **at = &methods;
    while (*at && (*at)->rank <= m->rank)
        at = &(*at)->next;
    m->next = *at;
    *at = m;
    spin_unlock(&lock);
}

/* Of two CPUs that want to end everything at once one does it. */
static void stay_alone(void)
{
    static u32 ender; /* atomic; its number + 1 */
    u32 nobody = 0, me;

    irq_disable();
    me = this_cpu()->id + 1;
    if (!__atomic_compare_exchange_n(&ender, &nobody, me, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (nobody == me)
            return;
        cpu_halt_forever();
    }
    (void)smp_stop_others();
    console_panic_mode();
}

NORETURN void power_do(enum power_action action)
{
    const char *what = action == POWER_OFF ? "power off" : "reboot";
    stay_alone();
    for (struct power_method *m = methods; m; m = m->next) {
        if (m->action != action)
            continue;
        kinfo("%s: %s", what, m->name);
        m->fn();
    }
    kerr("%s: this machine knows no way that works", what);
    power_halt();
}

NORETURN void power_halt(void)
{
    stay_alone();
    klog(LOG_NOTICE, "System halted. It is safe to turn the machine off.");
    cpu_halt_forever();
}
