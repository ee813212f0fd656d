/* Threads: who never sleeps does not starve the others, mutexes hand over, thousands come and go. */
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "sched/clock.h"
#include "sched/waitq.h"

#define THREADS 10000
#define ALIVE_AT_ONCE 32
#define ROUNDS 1000

struct hogs { u32 stop, running, last, turns; };
struct hog { struct hogs *all; u32 me; };

/* Never sleeps; counts how often it runs behind the other one. */
static void hog(void *arg)
{
    const struct hog *h = arg;
    struct hogs *all = h->all;
    while (!__atomic_load_n(&all->stop, __ATOMIC_RELAXED))
        if (__atomic_load_n(&all->last, __ATOMIC_RELAXED) != h->me) {
            __atomic_store_n(&all->last, h->me, __ATOMIC_RELAXED);
            __atomic_add_fetch(&all->turns, 1, __ATOMIC_RELAXED);
        }
    __atomic_sub_fetch(&all->running, 1, __ATOMIC_RELEASE);
}

static void wait_zero(const u32 *n)
{
    while (__atomic_load_n(n, __ATOMIC_ACQUIRE))
        sleep_ms(4);
}

/* Two that only compute, and this one, which only sleeps: all of them come to their turns. How many turns fit in a
 * second, and how much is done in each, a busy host decides; that one of them comes to no more turns, it cannot. */
static void busy_threads(void)
{
    enum { SLEEPS = 100, TURNS = 20, PATIENCE_S = 60 };
    struct hogs all = { .running = 2 };
    struct hog h[2] = { { &all, 0 }, { &all, 1 } };
    for (unsigned i = 0; i < ARRAY_SIZE(h); i++)
        kobject_put(&kthread_run("hog", hog, &h[i])->obj);
    u64 start = clock_now_ns(), sleeps = 0;
    for (; sleeps < SLEEPS || __atomic_load_n(&all.turns, __ATOMIC_RELAXED) < TURNS; sleeps++) {
        ASSERT(clock_now_ns() - start < PATIENCE_S * NSEC_PER_SEC);
        sleep_ms(4);
    }
    __atomic_store_n(&all.stop, 1, __ATOMIC_RELAXED);
    wait_zero(&all.running);
    kinfo("busy-threads: %u turns, %lu sleeps of 4 ms", all.turns, sleeps);
}
SELFTEST("busy-threads", busy_threads);

struct pingpong { struct mutex lock; struct waitq turned; unsigned turn, rounds; u32 running; u64 inside; };
struct player { struct pingpong *game; unsigned me; };

static void play(void *arg)
{
    const struct player *p = arg;
    struct pingpong *g = p->game;
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)!wait_event(&g->turned, __atomic_load_n(&g->turn, __ATOMIC_ACQUIRE) == p->me, WAIT_KILLABLE_NOT, 0);
        mutex_lock(&g->lock);
        ASSERT(g->inside++ == 0);
        g->rounds++;
        __atomic_store_n(&g->turn, 1 - p->me, __ATOMIC_RELEASE);
        waitq_wake_all(&g->turned);
        thread_yield(); /* the other one runs into the lock */
        g->inside--;
        mutex_unlock(&g->lock);
    }
    __atomic_sub_fetch(&g->running, 1, __ATOMIC_RELEASE);
}

static void mutex_pingpong(void)
{
    struct pingpong g = { .running = 2 };
    struct player p[2] = { { &g, 0 }, { &g, 1 } };
    mutex_init(&g.lock, "ping-pong");
    waitq_init(&g.turned, "ping-pong");
    for (unsigned i = 0; i < ARRAY_SIZE(p); i++)
        kobject_put(&kthread_run("player", play, &p[i])->obj);
    wait_zero(&g.running);
    ASSERT(g.rounds == 2 * ROUNDS && !g.lock.owner);
}
SELFTEST("mutex-pingpong", mutex_pingpong);

/* One that has the lock nearly always, and lets go of it only to take it again: the other one gets it. */
struct greedy { struct mutex lock; bool stop; u32 running; u64 rounds; };

static void greedy_owner(void *arg)
{
    struct greedy *g = arg;
    while (!__atomic_load_n(&g->stop, __ATOMIC_RELAXED)) {
        mutex_lock(&g->lock);
        for (u64 end = clock_now_ns() + 500000; clock_now_ns() < end;)
            ;
        __atomic_add_fetch(&g->rounds, 1, __ATOMIC_RELAXED);
        mutex_unlock(&g->lock);
    }
    __atomic_sub_fetch(&g->running, 1, __ATOMIC_RELEASE);
}

static void mutex_hand_over(void)
{
    enum { TIMES = 20, ROUNDS_EACH = 40 }; /* it loses three times, and each time a turn of 4 ms passes */
    struct greedy g = { .running = 1 };
    mutex_init(&g.lock, "greedy");
    kobject_put(&kthread_run("greedy", greedy_owner, &g)->obj);
    while (!__atomic_load_n(&g.rounds, __ATOMIC_RELAXED))
        sleep_ms(1);
    u64 before = __atomic_load_n(&g.rounds, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < TIMES; i++) {
        mutex_lock(&g.lock);
        mutex_unlock(&g.lock);
    }
    u64 rounds = __atomic_load_n(&g.rounds, __ATOMIC_RELAXED) - before;
    __atomic_store_n(&g.stop, true, __ATOMIC_RELAXED);
    wait_zero(&g.running);
    kinfo("mutex-hand-over: %lu rounds of the greedy one for %u of the other", rounds, TIMES);
    ASSERT(rounds <= TIMES * ROUNDS_EACH && !g.lock.owner);
}
SELFTEST("mutex-hand-over", mutex_hand_over);

/* A condition that itself sleeps must not eat the wake-up that the outer sleep waits for. */
struct nested { struct mutex lock; struct waitq wq; bool ready, woken; };

static bool nested_ready(struct nested *n)
{
    mutex_lock(&n->lock);
    bool ready = n->ready;
    mutex_unlock(&n->lock);
    return ready;
}

static void nested_sleeper(void *arg)
{
    struct nested *n = arg;
    (void)!wait_event(&n->wq, nested_ready(n), WAIT_KILLABLE_NOT, 0);
    __atomic_store_n(&n->woken, true, __ATOMIC_RELEASE);
}

static void nested_sleep(void)
{
    for (unsigned i = 0; i < 200; i++) {
        struct nested n = { 0 };
        mutex_init(&n.lock, "nested");
        waitq_init(&n.wq, "nested");
        mutex_lock(&n.lock);
        struct thread *t = kthread_run("nested", nested_sleeper, &n);
        for (unsigned k = 0; k < i % 3; k++)
            thread_yield(); /* the sleeper gets as far as the lock, or not */
        n.ready = true;
        waitq_wake_all(&n.wq); /* while the sleeper sleeps for the lock */
        mutex_unlock(&n.lock);
        while (!__atomic_load_n(&n.woken, __ATOMIC_ACQUIRE) ||
               __atomic_load_n(&t->state, __ATOMIC_ACQUIRE) != THREAD_DEAD)
            thread_yield();
        kobject_put(&t->obj);
    }
}
SELFTEST("nested-sleep", nested_sleep);

static void come_and_go(void *arg) { __atomic_add_fetch((u32 *)arg, 1, __ATOMIC_RELAXED); }

static void run_threads(unsigned n)
{
    u64 alive = kobject_count(KOBJ_THREAD);
    u32 ran = 0;
    for (unsigned i = 0; i < n; i++) {
        kobject_put(&kthread_run("mayfly", come_and_go, &ran)->obj);
        while (kobject_count(KOBJ_THREAD) >= alive + ALIVE_AT_ONCE)
            thread_yield();
    }
    while (kobject_count(KOBJ_THREAD) > alive)
        thread_yield();
    ASSERT(ran == n);
}

static void many_threads(void)
{
    run_threads(2 * ALIVE_AT_ONCE); /* page tables for so many stacks stay */
    struct resources before = resources_now();
    run_threads(THREADS);
    resources_expect(&before, "many-threads");
}
SELFTEST("many-threads", many_threads);
