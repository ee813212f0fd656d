/* Burial of the dead: a kernel thread that drops the scheduler's reference.
 *
 * A dead thread cannot free the stack it stands on, and whoever runs next may hold any mutex, so
 * destroying must happen in a thread that holds nothing. That thread shares the CPU like any other,
 * so programs that come and go could leave the dead behind faster than it buries them; therefore
 * who makes a new thread first buries older ones, more than it adds. */
#include "sched/sched_priv.h"
#include "sched/waitq.h"

#define HELP_MAX 2 /* how many who makes one buries */

static struct spinlock lock = SPINLOCK_INIT("reaper"); /* irqsave */
static struct list dead_threads = LIST_INIT(dead_threads);
static struct waitq reaper_wq = WAITQ_INIT(reaper_wq, "reaper");

void reaper_add(struct thread *dead)
{
    u64 state = spin_lock_irqsave(&lock);
    ASSERT(list_empty(&dead->runq_link));
    list_push_back(&dead_threads, &dead->runq_link);
    spin_unlock_irqrestore(&lock, state);
    waitq_wake_one(&reaper_wq);
}

static struct thread *reaper_take(void)
{
    u64 state = spin_lock_irqsave(&lock);
    struct list *first = list_pop_front(&dead_threads);
    spin_unlock_irqrestore(&lock, state);
    return first ? list_entry(first, struct thread, runq_link) : NULL;
}

void reaper_help(void)
{
    struct thread *t;
    for (unsigned i = 0; i < HELP_MAX && (t = reaper_take()) != NULL; i++)
        kobject_put(&t->obj);
}

static void reaper_loop(void *unused)
{
    for (;;) {
        struct thread *t = NULL;
        (void)wait_event(&reaper_wq, (t = reaper_take()) != NULL, WAIT_KILLABLE_NOT, 0);
        kobject_put(&t->obj);
    }
}

void reaper_init(void)
{
    kthread_run("reaper", reaper_loop, NULL);
}
