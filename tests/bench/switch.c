/* From one thread or process to the next. */
#include "bench.h"
#include <pthread.h>
#include <sched.h>

enum { SWITCHES = 10000, TRIPS = 3000, RING = 64, LAPS = 100, WAKES = 20000, JOINS = 300 };
enum { SENDERS = 8, RECEIVERS = 8, MESSAGE = 64, EACH = 60 };

/* Two that yield to each other must share a CPU, or they would only both run. */
static void stay_on_one_cpu(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    CHECK(sched_setaffinity(0, sizeof set, &set) == 0);
}

/* Counts switches, not yields: a yield that comes straight back is no switch. */
struct turns { volatile long last, switches; };

static void take_turns(struct turns *t, long me)
{
    for (long yields = 0; t->switches < SWITCHES && yields < 20l * SWITCHES; yields++) {
        if (t->last != me) {
            t->last = me;
            t->switches++;
        }
        sys3(SYS_sched_yield, 0, 0, 0);
    }
}

static void measure_turns(struct turns *t)
{
    while (t->switches == 0)
        sys3(SYS_sched_yield, 0, 0, 0);
    long before = t->switches;
    measure_begin();
    take_turns(t, 1);
    u64 counted = (u64)(t->switches - before);
    measure_end(0, counted);
    CHECK(t->switches >= SWITCHES);
}

static void yield_proc(void)
{
    struct turns *t = map_shared(PAGE);
    stay_on_one_cpu();
    pid_t pid = fork_checked();
    if (pid == 0) {
        take_turns(t, 2);
        _exit(0);
    }
    measure_turns(t);
    wait_checked(pid, 0);
}

static void *turns_thread(void *arg)
{
    take_turns(arg, 2);
    return arg;
}

static void yield_thread(void)
{
    static struct turns t;
    pthread_t thread;
    void *end = NULL;
    stay_on_one_cpu();
    CHECK(pthread_create(&thread, NULL, turns_thread, &t) == 0);
    measure_turns(&t);
    CHECK(pthread_join(thread, &end) == 0 && end == &t);
}

/* --- futex -------------------------------------------------------------------------------------- */

/* linux/futex.h, which is no part of the C library */
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };

static int word;

static void hand_over(int value)
{
    __atomic_store_n(&word, value, __ATOMIC_SEQ_CST);
    sys6(SYS_futex, (long)&word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

static void wait_for(int value)
{
    int now;
    while ((now = __atomic_load_n(&word, __ATOMIC_SEQ_CST)) != value)
        sys6(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, now, 0, 0, 0);
}

static void *futex_thread(void *arg)
{
    for (long i = 0; i < TRIPS; i++) {
        wait_for(1);
        hand_over(0);
    }
    return arg;
}

static void futex_lat(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, futex_thread, NULL) == 0);
    measure_begin();
    ROUNDS(i, TRIPS) {
        hand_over(1);
        wait_for(0);
    }
    measure_end(TRIPS, TRIPS);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void futex_wake0(void)
{
    long bad = 0;
    measure_begin();
    ROUNDS(i, WAKES)
        bad |= sys6(SYS_futex, (long)&word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
    measure_end(WAKES, WAKES);
    CHECK(bad == 0);
}

static void *no_work(void *arg)
{
    return (char *)arg + 1;
}

static void thread_join(void)
{
    static char base;
    long bad = 0;
    measure_begin();
    ROUNDS(i, JOINS) {
        pthread_t thread;
        void *end = NULL;
        bad |= pthread_create(&thread, NULL, no_work, &base);
        bad |= bad ? 1 : pthread_join(thread, &end);
        bad |= end != &base + 1;
    }
    measure_end(JOINS, JOINS);
    CHECK(bad == 0);
}

/* --- many processes ------------------------------------------------------------------------------- */

static void pass_token(int in, int out)
{
    int token;
    while (sys3(SYS_read, in, (long)&token, sizeof token) == sizeof token) {
        token++;
        if (sys3(SYS_write, out, (long)&token, sizeof token) != sizeof token)
            _exit(EXIT_FAIL);
        if (token >= RING * (LAPS + 1) - RING)
            break;
    }
    _exit(0);
}

static void ring_64(void)
{
    int ends[RING][2], token = 0;
    long bad = 0;
    for (int i = 0; i < RING; i++)
        CHECK(pipe(ends[i]) == 0);
    for (int i = 1; i < RING; i++)
        if (fork_checked() == 0)
            pass_token(ends[i - 1][0], ends[i][1]);
    for (long lap = 0; lap <= LAPS; lap++) {
        if (lap == 1)
            measure_begin();
        bad |= write(ends[0][1], &token, sizeof token) ^ (long)sizeof token;
        bad |= read(ends[RING - 1][0], &token, sizeof token) ^ (long)sizeof token;
        token++;
    }
    measure_end(0, RING * LAPS);
    CHECK(bad == 0);
    CHECK(token == RING * (LAPS + 1));
}

static void send_all(int ends[RECEIVERS][2], int start)
{
    char message[MESSAGE];
    memset(message, 'm', sizeof message);
    if (read(start, message, 1) != 1)
        _exit(EXIT_FAIL);
    message[0] = 'm';
    for (int i = 0; i < EACH; i++)
        for (int r = 0; r < RECEIVERS; r++)
            if (sys3(SYS_write, ends[r][1], (long)message, MESSAGE) != MESSAGE)
                _exit(EXIT_FAIL);
    _exit(0);
}

static void receive_all(int in)
{
    char message[MESSAGE];
    for (int got = 0; got < SENDERS * EACH * MESSAGE;) {
        long n = sys3(SYS_read, in, (long)message, MESSAGE);
        if (n <= 0 || message[0] != 'm' || message[n - 1] != 'm')
            _exit(EXIT_FAIL);
        got += n;
    }
    _exit(0);
}

static void hackbench_64(void)
{
    int ends[RECEIVERS][2], start[2], good = 0, status;
    char go[SENDERS] = { 0 };
    CHECK(pipe(start) == 0);
    for (int r = 0; r < RECEIVERS; r++) {
        CHECK(pipe(ends[r]) == 0);
        if (fork_checked() == 0)
            receive_all(ends[r][0]);
    }
    for (int s = 0; s < SENDERS; s++)
        if (fork_checked() == 0)
            send_all(ends, start[0]);
    measure_begin();
    CHECK(write(start[1], go, sizeof go) == sizeof go);
    while (wait(&status) > 0)
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    measure_end(0, SENDERS * RECEIVERS * EACH);
    errno = 0;
    CHECK(good == SENDERS + RECEIVERS);
}

const struct test switch_tests[] = {
    { "yield_proc", yield_proc }, { "yield_thread", yield_thread }, { "futex_lat", futex_lat },
    { "futex_wake0", futex_wake0 }, { "ring_64", ring_64 }, { "hackbench_64", hackbench_64 },
    { "thread_join", thread_join }, { NULL, NULL },
};
