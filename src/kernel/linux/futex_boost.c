/* Priority inheritance: who owns a lock runs with the highest priority of those that wait for it, and so does
 * whom the owner itself waits for, and so on.
 *
 *     waiter --waits_for--> owner --waits_for--> its owner --> ...
 *
 * A thread waits for one lock at most, so this is a forest, but for a circle that futex_owner.c is about to
 * refuse; the walk ends where nothing changes any more, and after CHAIN_MAX owners at the latest. The boost is
 * always worked out anew from all waiters, so what it was does not matter.
 *
 * Only real-time priorities are inherited: threads that share by nice have none. */
#include "linux/futex_boost.h"
#include "arch/spinlock.h"
#include "sched/policy.h"

#define CHAIN_MAX 1024u /* Linux's max_lock_depth */

static struct spinlock boost_lock = SPINLOCK_INIT("futex boost"); /* irqsave: every struct futex_boost */

void futex_boost_init(struct futex_boost *b)
{
    list_init(&b->waiters);
    b->waits_for = NULL;
    b->thread = NULL;
    b->highest = 0;
}

/* Nobody is above `most`, and looking ends with the first who is there. */
static u8 highest_locked(const struct futex_boost *owner, u8 most)
{
    const struct futex_boost *w;
    u8 highest = 0;
    list_for_each(w, &owner->waiters, link) {
        highest = MAX(highest, thread_rt_prio(w->thread));
        if (highest >= most)
            break;
    }
    return highest;
}

/* One of owner's waiters, `changed`, has another priority now; NULL: one has left. */
static void pass_on_locked(struct futex_boost *owner, const struct futex_boost *changed)
{
    for (unsigned i = 0; owner && i < CHAIN_MAX; i++) {
        u8 prio = changed ? thread_rt_prio(changed->thread) : 0;
        owner->highest = prio >= owner->highest ? prio : highest_locked(owner, owner->highest);
        if (!thread_boost(owner->thread, owner->highest))
            return;
        changed = owner;
        owner = owner->waits_for;
    }
}

static void link_locked(struct futex_boost *waiter, struct futex_boost *owner)
{
    struct futex_boost *before = waiter->waits_for;
    if (before == owner)
        return;
    waiter->waits_for = owner;
    if (before) {
        list_remove(&waiter->link);
        pass_on_locked(before, NULL);
    }
    if (!owner)
        return;
    list_push_back(&owner->waiters, &waiter->link);
    if (thread_rt_prio(waiter->thread) > owner->highest)
        pass_on_locked(owner, waiter);
}

void futex_boost_wait(struct futex_boost *waiter, struct futex_boost *owner)
{
    u64 irq = spin_lock_irqsave(&boost_lock);
    link_locked(waiter, owner);
    spin_unlock_irqrestore(&boost_lock, irq);
}

void futex_boost_wait_if(struct futex_boost *waiter, struct futex_boost *owner, const int *said, int what)
{
    u64 irq = spin_lock_irqsave(&boost_lock);
    if (__atomic_load_n(said, __ATOMIC_RELAXED) == what)
        link_locked(waiter, owner);
    spin_unlock_irqrestore(&boost_lock, irq);
}

void futex_boost_changed(struct futex_boost *b)
{
    u64 irq = spin_lock_irqsave(&boost_lock);
    if (b->waits_for)
        pass_on_locked(b->waits_for, b);
    spin_unlock_irqrestore(&boost_lock, irq);
}
