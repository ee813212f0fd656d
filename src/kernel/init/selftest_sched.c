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

struct hog { u64 rounds; bool *stop; u32 *running; };

static void hog(void *arg)
{
    struct hog *h = arg;
    while (!__atomic_load_n(h->stop, __ATOMIC_RELAXED))
        h->rounds++;
    __atomic_sub_fetch(h->running, 1, __ATOMIC_RELEASE);
}

static void wait_zero(const u32 *n)
{
    while (__atomic_load_n(n, __ATOMIC_ACQUIRE))
        sleep_ms(4);
}

/* Two that only count, and this one, which only sleeps and must be back in time. */
static void busy_threads(void)
{
    bool stop = false;
    u32 running = 2;
    struct hog h[2] = { { .stop = &stop, .running = &running }, { .stop = &stop, .running = &running } };
    for (unsigned i = 0; i < ARRAY_SIZE(h); i++)
        kobject_put(&kthread_run("hog", hog, &h[i])->obj);
    u64 start = clock_now_ns(), sleeps = 0;
    for (; clock_now_ns() - start < NSEC_PER_SEC / 2; sleeps++)
        sleep_ms(4);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    wait_zero(&running);
    kinfo("busy-threads: %lu and %lu rounds, %lu sleeps of 4 ms", h[0].rounds, h[1].rounds, sleeps);
    if (ncpus == 1) /* on two CPUs the host of a virtual machine decides how fast each is */
        ASSERT(h[0].rounds > h[1].rounds / 2 && h[1].rounds > h[0].rounds / 2);
    ASSERT(sleeps > 10);
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
        while (!__atomic_load_n(&n.woken, __ATOMIC_ACQUIRE) || __atomic_load_n(&t->state, __ATOMIC_ACQUIRE) != THREAD_DEAD)
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
