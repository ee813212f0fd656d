/* Futexes with an owner: the word, the order of waiters, the owner's death, circles, and robust lists
 * of the C library's mutexes with priority inheritance. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, WAIT_REQUEUE_PI = 11,
       CMP_REQUEUE_PI = 12, LOCK_PI2 = 13, PRIVATE = 128, REALTIME = 256 };
#define WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u
#define TID_MASK 0x3fffffffu

static long futex(volatile void *addr, int op, unsigned val, const void *val2, volatile void *addr2, unsigned val3)
{
    return syscall(SYS_futex, addr, op, val, val2, addr2, val3);
}

static uint32_t gettid_(void) { return (uint32_t)syscall(SYS_gettid); }
static long lock(_Atomic uint32_t *w) { return futex(w, LOCK_PI, 0, NULL, NULL, 0); }
static long trylock(_Atomic uint32_t *w) { return futex(w, TRYLOCK_PI, 0, NULL, NULL, 0); }
static long unlock(_Atomic uint32_t *w) { return futex(w, UNLOCK_PI, 0, NULL, NULL, 0); }

/* What the word says, without numbers that differ from run to run. */
static const char *word(uint32_t w)
{
    static char text[64];
    const char *owner = !(w & TID_MASK) ? "nobody" : (w & TID_MASK) == gettid_() ? "me" : "another";
    snprintf(text, sizeof text, "%s%s%s", owner, w & WAITERS ? " waiters" : "", w & OWNER_DIED ? " died" : "");
    return text;
}
#define WORD(w) printf("line %d: %s\n", __LINE__, word(w))

static _Atomic uint32_t a, b;

static void alone(void)
{
    SHOW(lock(&a)), WORD(a);
    SHOW(lock(&a));
    SHOW(trylock(&a));
    SHOW(unlock(&a)), WORD(a);
    SHOW(unlock(&a));
    SHOW(trylock(&a)), WORD(a);
    SHOW(unlock(&a));
    a = OWNER_DIED;
    SHOW(lock(&a)), WORD(a);
    SHOW(unlock(&a)), WORD(a);
    a = OWNER_DIED | WAITERS;
    SHOW(trylock(&a)), WORD(a);
    SHOW(unlock(&a)), WORD(a);
    a = 0x3ffffff0;
    SHOW(lock(&a));
    SHOW(trylock(&a));
    a = 0;
    SHOW(futex((char *)&a + 1, LOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex((void *)8, LOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex((void *)8, UNLOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex(&a, LOCK_PI | REALTIME, 0, NULL, NULL, 0));
    SHOW(futex(&a, LOCK_PI2 | REALTIME | PRIVATE, 0, NULL, NULL, 0));
    SHOW(futex(&a, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
}

static void elsewhere(void)
{
    _Atomic uint32_t *fixed = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(lock(fixed));
    SHOW(mprotect((void *)fixed, 8192, PROT_READ | PROT_WRITE));
    SHOW(lock(fixed)); /* the page has yet to come */
    SHOW(unlock(fixed));
    SHOW(munmap((void *)fixed, 8192));
    SHOW(lock(fixed));
}

/* --- waiters ------------------------------------------------------------------------------------ */

static atomic_int order, waiting, died;
static int got[8];

struct waiter { pthread_t thread; _Atomic uint32_t *word; int nr; long result; };

static void *wait_for_lock(void *arg)
{
    struct waiter *w = arg;
    waiting++;
    w->result = lock(w->word) == 0 ? 0 : errno;
    if (w->result == 0) {
        got[order++] = w->nr;
        died += (*w->word & OWNER_DIED) != 0;
        atomic_fetch_and(w->word, ~OWNER_DIED);
        w->result = unlock(w->word) == 0 ? 0 : 1000 + errno;
    }
    return NULL;
}

/* n threads, asleep at the word in this order. */
static void start(struct waiter *w, int n, _Atomic uint32_t *at)
{
    order = died = 0;
    for (int i = 0; i < n; i++) {
        w[i] = (struct waiter){ .word = at, .nr = i };
        waiting = 0;
        pthread_create(&w[i].thread, NULL, wait_for_lock, &w[i]);
        while (!waiting)
            sched_yield();
        sleep_ms(20);
    }
}

static void join(struct waiter *w, int n)
{
    for (int i = 0; i < n; i++) {
        pthread_join(w[i].thread, NULL);
        printf("waiter %d: result %ld, %d. to get it\n", i, w[i].result, got[i]);
    }
}

static void handed_on(void)
{
    struct waiter w[4];
    struct timespec past = { 0, 1 };
    a = 0;
    SHOW(lock(&a));
    start(w, 4, &a);
    WORD(a);
    SHOW(futex(&a, WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&a, REQUEUE, 1, (void *)1, &b, 0));
    SHOW(unlock(&a));
    join(w, 4);
    WORD(a);
    SHOW(lock(&a));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) /* a copy of the word: its owner is no thread of ours, but it exists */
        _exit(futex(&a, LOCK_PI, 0, &past, NULL, 0) == -1 && errno == ETIMEDOUT && trylock(&a) == -1 && errno == EAGAIN ? 0 : 1);
    int raw = -1;
    waitpid(pid, &raw, 0);
    SHOW(raw);
    SHOW(unlock(&a));
}

/* --- the owner's death -------------------------------------------------------------------------- */

static atomic_int owned, leave;
static void *own_and_end(void *arg)
{
    lock(arg);
    owned = 1;
    while (!leave)
        sleep_ms(1);
    return NULL;
}

static void owner_ends(void)
{
    pthread_t owner;
    struct waiter w[3];
    a = 0;
    owned = 0;
    leave = 0;
    pthread_create(&owner, NULL, own_and_end, &a);
    while (!owned)
        sched_yield();
    start(w, 3, &a);
    leave = 1;
    pthread_join(owner, NULL);
    join(w, 3);
    SHOW(died);
    WORD(a);
    a = 0;
    owned = 0;
    pthread_create(&owner, NULL, own_and_end, &a); /* and nobody waits */
    pthread_join(owner, NULL);
    sleep_ms(30);
    WORD(a);
    SHOW(lock(&a));
    a = 0;
}

/* A process that is killed, with the word in shared memory. */
static void owner_is_killed(void)
{
    _Atomic uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct waiter w[2];
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        lock(shared);
        shared[1] = 1;
        for (;;)
            pause();
    }
    while (!shared[1])
        sleep_ms(1);
    start(w, 2, shared);
    kill(pid, SIGKILL);
    join(w, 2);
    SHOW(died);
    CHECK(waitpid(pid, NULL, 0) == pid);
    munmap((void *)shared, 4096);
}

/* --- circles, signals --------------------------------------------------------------------------- */

static void *lock_b_then_a(void *arg)
{
    (void)arg;
    lock(&b);
    owned = 1;
    long r = lock(&a);
    if (r == 0)
        unlock(&a);
    unlock(&b);
    return (void *)r;
}

static void circle(void)
{
    pthread_t t;
    void *result;
    a = b = 0;
    owned = 0;
    SHOW(lock(&a));
    pthread_create(&t, NULL, lock_b_then_a, NULL);
    while (!owned)
        sched_yield();
    sleep_ms(30);
    SHOW(lock(&b));
    SHOW(unlock(&a));
    pthread_join(t, &result);
    SHOW((long)result);
    SHOW(lock(&b));
    SHOW(unlock(&b));
}

static volatile int signals;
static void on_signal(int signo) { (void)signo, signals++; }

static void signal_does_not_end_it(void)
{
    struct waiter w[1];
    struct sigaction act = { .sa_handler = on_signal };
    sigaction(SIGUSR1, &act, NULL);
    a = 0;
    SHOW(lock(&a));
    start(w, 1, &a);
    pthread_kill(w[0].thread, SIGUSR1);
    while (!signals)
        sleep_ms(1);
    sleep_ms(20);
    SHOW(order);
    SHOW(unlock(&a));
    join(w, 1);
}

static void timed(void)
{
    struct waiter w[1];
    struct timespec at, past = { 0, 1 }, bad = { 0, 1000000000 };
    pthread_t owner;
    a = 0;
    owned = 0;
    leave = 0;
    pthread_create(&owner, NULL, own_and_end, &a);
    while (!owned)
        sched_yield();
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec = (at.tv_nsec + 20000000) % 1000000000, at.tv_sec += at.tv_nsec < 20000000;
    SHOW(futex(&a, LOCK_PI, 0, &at, NULL, 0)), WORD(a);
    SHOW(futex(&a, LOCK_PI2, 0, &past, NULL, 0));
    SHOW(futex(&a, LOCK_PI2 | REALTIME, 0, &past, NULL, 0));
    SHOW(futex(&a, LOCK_PI, 0, &bad, NULL, 0));
    SHOW(trylock(&a));
    start(w, 1, &a);
    leave = 1;
    pthread_join(owner, NULL);
    join(w, 1);
}

/* A word that is waited at in the ordinary way is no lock, and the kernel survives the mixture. */
static void *wait_plainly(void *arg)
{
    waiting++;
    while (futex(arg, WAIT | PRIVATE, *(_Atomic uint32_t *)arg, NULL, NULL, 0) == -1 && errno == EINTR)
        ;
    return NULL;
}

static void mixed(void)
{
    pthread_t plain;
    a = 0;
    waiting = 0;
    SHOW(futex(&a, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    pthread_create(&plain, NULL, wait_plainly, (void *)&a);
    while (!waiting)
        sched_yield();
    sleep_ms(20);
    SHOW(futex(&a, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    a = 0;
    SHOW(futex(&a, TRYLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    a = 0;
    SHOW(futex(&a, WAKE | PRIVATE, 1, NULL, NULL, 0));
    pthread_join(plain, NULL);
}

/* --- condition variables ------------------------------------------------------------------------ */

static _Atomic uint32_t cond, mutex;

static void *wait_for_signal(void *arg)
{
    struct waiter *w = arg;
    uint32_t before = cond;
    waiting++;
    w->result = futex(&cond, WAIT_REQUEUE_PI, before, NULL, &mutex, 0) == 0 ? 0 : errno;
    if (w->result == 0) {
        if ((mutex & TID_MASK) != gettid_())
            w->result = 2000;
        got[order++] = w->nr;
        if (unlock(&mutex) != 0)
            w->result = 1000 + errno;
    }
    return NULL;
}

static void start_at_cond(struct waiter *w, int n)
{
    order = 0;
    for (int i = 0; i < n; i++) {
        w[i] = (struct waiter){ .nr = i };
        waiting = 0;
        pthread_create(&w[i].thread, NULL, wait_for_signal, &w[i]);
        while (!waiting)
            sched_yield();
    }
}

/* Until that many sleep there, which only who tries to signal them hears; EAGAIN tells that nothing was done. */
static void signal_all(int n, unsigned long requeue)
{
    int done = 0;
    while (done < n) {
        long r = futex(&cond, CMP_REQUEUE_PI, 1, (void *)requeue, &mutex, cond);
        if (r < 0) {
            printf("line %d: %s\n", __LINE__, strerror(errno));
            return;
        }
        done += (int)r;
        sched_yield();
    }
    printf("%d were signalled\n", done);
}

static void owners(struct waiter *w, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        pthread_join(w[i].thread, NULL);
        printf("waiter %d: result %ld\n", i, w[i].result);
        sum += got[i];
    }
    CHECK(order == n && sum == n * (n - 1) / 2);
    WORD(mutex);
}

static void cond_refused(void)
{
    struct timespec past = { 0, 1 };
    cond = mutex = 0;
    SHOW(futex(&cond, WAIT_REQUEUE_PI, 0, NULL, &cond, 0));
    SHOW(futex(&cond, WAIT_REQUEUE_PI, 1, NULL, &mutex, 0));
    SHOW(futex(&cond, WAIT_REQUEUE_PI, 0, &past, &mutex, 0));
    SHOW(futex(&cond, WAIT_REQUEUE_PI | REALTIME, 0, &past, &mutex, 0));
    SHOW(futex(&cond, WAIT_REQUEUE_PI, 0, NULL, (char *)&mutex + 1, 0));
    SHOW(futex(&cond, WAIT_REQUEUE_PI, 0, NULL, (void *)8, 0));
    SHOW(futex((void *)8, WAIT_REQUEUE_PI, 0, NULL, &mutex, 0));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 1, NULL, &mutex, 1));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 1, NULL, &mutex, 0));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 2, NULL, &mutex, 0));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 0, NULL, &mutex, 0));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 1, (void *)-1l, &mutex, 0));
    SHOW(futex(&cond, CMP_REQUEUE_PI, 1, NULL, &cond, 0));
    WORD(mutex);
}

static void cond_signalled(void)
{
    struct waiter w[4];
    cond = mutex = 0;
    start_at_cond(w, 1); /* the lock is free */
    signal_all(1, 0);
    owners(w, 1);
    SHOW(lock(&mutex)); /* the lock is ours, as when pthread_cond_broadcast is called with it */
    start_at_cond(w, 4);
    signal_all(4, 100);
    SHOW(order);
    SHOW(unlock(&mutex));
    owners(w, 4);
}

/* Nobody but the right call with the right lock wakes such a waiter. */
static void cond_and_other_calls(void)
{
    struct waiter w[1];
    cond = mutex = 0;
    SHOW(lock(&mutex));
    start_at_cond(w, 1);
    while (futex(&cond, WAKE, 1, NULL, NULL, 0) == 0) /* until it sleeps */
        sched_yield();
    SHOW(futex(&cond, WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&cond, REQUEUE, 1, (void *)1, &b, 0));
    SHOW(futex(&cond, CMP_REQUEUE, 1, (void *)1, &b, 0));
    b = 0;
    SHOW(futex(&cond, CMP_REQUEUE_PI, 1, NULL, &b, 0));
    signal_all(1, 0);
    SHOW(unlock(&mutex));
    owners(w, 1);
}

/* --- many at once ------------------------------------------------------------------------------- */

struct storm { _Atomic uint32_t word, inside, passed, ended; };

/* EINVAL: the parent gave the lock of a dead owner free just when somebody began to wait for it. On Linux it stays so
 * until that one has given up. */
static bool storm_goes_on(int error, int *confused)
{
    if (error != EINVAL)
        return error == ETIMEDOUT || error == ESRCH || error == EAGAIN;
    sleep_ms(1);
    return ++*confused < 5000;
}

/* Locks until it is killed or has had its share; now and then it gives up waiting, or dies as the owner. */
static void storm_process(struct storm *s, unsigned seed)
{
    int confused = 0;
    for (int i = 0; i < 150; i++) {
        struct timespec at;
        clock_gettime(CLOCK_REALTIME, &at);
        seed = seed * 1664525u + 1013904223u;
        bool brief = seed >> 28 < 4;
        while (futex(&s->word, LOCK_PI, 0, brief ? &at : NULL, NULL, 0) == -1)
            if (!storm_goes_on(errno, &confused))
                _exit(errno);
        if (s->word & OWNER_DIED) {
            s->inside = 0;
            atomic_fetch_and(&s->word, ~OWNER_DIED);
        }
        if (atomic_fetch_add(&s->inside, 1) != 0)
            _exit(200);
        s->passed++;
        if (seed >> 24 == 77 && (s->word & WAITERS))
            _exit(0); /* as the owner, with somebody waiting */
        if (seed >> 28 == 5)
            sched_yield();
        atomic_fetch_sub(&s->inside, 1);
        if (unlock(&s->word) == -1)
            _exit(201);
    }
    _exit(0);
}

static void *storm_killer(void *pids)
{
    sleep_ms(30);
    kill(((pid_t *)pids)[1], SIGKILL);
    return NULL;
}

static void storm(void)
{
    struct storm *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_t killer;
    pid_t pids[6];
    int wrong = 0, raw;
    fflush(stdout);
    for (unsigned i = 0; i < 6; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            storm_process(s, i * 7919 + 1);
    }
    pthread_create(&killer, NULL, storm_killer, pids);
    for (int left = 6, quiet = 0; left > 0;) {
        uint32_t before = s->word;
        pid_t pid = waitpid(-1, &raw, WNOHANG);
        if (pid > 0) {
            left--;
            wrong |= raw == SIGKILL ? 0 : raw;
            continue;
        }
        sleep_ms(1);
        bool dead = (before & TID_MASK) && kill((pid_t)(before & TID_MASK), 0) == -1;
        quiet = dead && s->word == before ? quiet + 1 : 0;
        if (quiet > 300) /* it died when nobody waited: nobody inherits */
            atomic_compare_exchange_strong(&s->word, &before, OWNER_DIED);
    }
    pthread_join(killer, NULL);
    SHOW(wrong);
    CHECK(s->passed > 150);
}

/* --- the C library's ---------------------------------------------------------------------------- */

static pthread_mutex_t *mutex_make(bool robust)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    SHOW(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
    if (robust)
        pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(m, &attr);
    return m;
}

static void mutexes_by_the_library(void)
{
    pthread_mutex_t *m = mutex_make(false);
    volatile int *sum = (int *)((char *)m + 2048);
    fflush(stdout);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            for (int n = 0; n < 500; n++) {
                pthread_mutex_lock(m);
                int now = *sum;
                if (n % 50 == 0)
                    sched_yield();
                *sum = now + 1;
                pthread_mutex_unlock(m);
            }
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    SHOW(*sum);
    m = mutex_make(true);
    fflush(stdout);
    if (fork() == 0) {
        pthread_mutex_lock(m);
        _exit(0);
    }
    wait(NULL);
    SHOW(pthread_mutex_lock(m) == EOWNERDEAD);
    SHOW(pthread_mutex_consistent(m));
    SHOW(pthread_mutex_unlock(m));
    SHOW(pthread_mutex_lock(m));
    SHOW(pthread_mutex_unlock(m));
}

/* What /proc says of a thread's priority: 20 by nice 0, -1 - N by the real-time priority N that it runs with. */
static int runs_with(uint32_t tid)
{
    char path[64], text[512] = "";
    int prio = 0;
    snprintf(path, sizeof path, "/proc/self/task/%u/stat", tid);
    FILE *f = fopen(path, "r");
    if (f && fread(text, 1, sizeof text - 1, f) > 0 && strrchr(text, ')'))
        sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %d", &prio);
    if (f)
        fclose(f);
    return prio;
}

static int comes_to(uint32_t tid, int prio)
{
    for (int i = 0; i < 3000 && runs_with(tid) != prio; i++)
        sleep_ms(10);
    return runs_with(tid);
}

struct boosted { _Atomic uint32_t *first, *second; int prio; _Atomic uint32_t tid; atomic_int leave; pthread_t thread; };

static int set_fifo(uint32_t tid, int prio) { return (int)syscall(SYS_sched_setscheduler, tid, prio ? SCHED_FIFO : SCHED_OTHER, &prio); }

/* Takes the first lock and keeps it while it waits for the second. */
static void *lock_both(void *arg)
{
    struct boosted *b = arg;
    if (b->prio && set_fifo(0, b->prio))
        perror("sched_setscheduler");
    if (b->first)
        lock(b->first);
    b->tid = gettid_();
    if (b->second)
        lock(b->second), unlock(b->second);
    while (!b->leave)
        sleep_ms(1);
    if (b->first)
        unlock(b->first);
    return NULL;
}

static void boosted_start(struct boosted *b)
{
    pthread_create(&b->thread, NULL, lock_both, b);
    while (!b->tid)
        sleep_ms(1);
}

static void boosted_end(struct boosted *b)
{
    b->leave = 1;
    pthread_join(b->thread, NULL);
}

/* me <-a- low <-b- high; and a second one above that waits for me alone */
static void inherited(void)
{
    uint32_t me = gettid_();
    struct boosted low = { .first = &b, .second = &a }, high = { .second = &b, .prio = 30 }, higher = { .second = &a, .prio = 40 };
    a = b = 0;
    SHOW(lock(&a));
    SHOW(runs_with(me));
    boosted_start(&low);
    boosted_start(&high);
    SHOW(comes_to(low.tid, -31));
    SHOW(comes_to(me, -31));
    SHOW(syscall(SYS_sched_getscheduler, 0));
    boosted_start(&higher);
    SHOW(comes_to(me, -41));
    SHOW(set_fifo(higher.tid, 0));
    SHOW(comes_to(me, -31));
    SHOW(set_fifo(high.tid, 50));
    SHOW(comes_to(me, -51));
    SHOW(set_fifo(0, 10));
    SHOW(runs_with(me));
    SHOW(set_fifo(0, 0));
    SHOW(runs_with(me));
    SHOW(unlock(&a));
    SHOW(runs_with(me));
    SHOW(comes_to(low.tid, -51));
    low.leave = 1; /* it lets go of b */
    boosted_end(&high);
    boosted_end(&higher);
    boosted_end(&low);
    SHOW(a & TID_MASK);
    SHOW(b & TID_MASK);
}

/* A child inherits what was given, not what is lent. */
static void not_inherited_by_children(void)
{
    uint32_t me = gettid_();
    a = 0;
    SHOW(lock(&a));
    struct boosted high = { .second = &a, .prio = 30 };
    boosted_start(&high);
    SHOW(comes_to(me, -31));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(runs_with((uint32_t)getpid()) == 20 ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    SHOW(status);
    SHOW(unlock(&a));
    SHOW(runs_with(me));
    boosted_end(&high);
}

int main(void)
{
    alarm(60);
    alone();
    elsewhere();
    handed_on();
    owner_ends();
    owner_is_killed();
    circle();
    signal_does_not_end_it();
    timed();
    mixed();
    cond_refused();
    cond_signalled();
    cond_and_other_calls();
    storm();
    inherited();
    not_inherited_by_children();
    mutexes_by_the_library();
    return check_result();
}
