/* Threads as a libc makes them: create and join, mutexes, condition variables, TLS, signals to one
 * thread, ends of all kinds, and the futex calls below them. */
#include "check.h"

#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* linux/futex.h, which musl does not bring along. */
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_CMP_REQUEUE = 4, FUTEX_WAIT_BITSET = 9, FUTEX_PRIVATE = 128 };
enum { FUTEX_WAIT_PRIVATE = FUTEX_WAIT | FUTEX_PRIVATE, FUTEX_WAKE_PRIVATE = FUTEX_WAKE | FUTEX_PRIVATE,
       FUTEX_CMP_REQUEUE_PRIVATE = FUTEX_CMP_REQUEUE | FUTEX_PRIVATE };

enum { THREADS = 100, WORKERS = 4, ROUNDS = 20000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter;
static int turn;
static __thread long own = 7;
static pthread_t signalled;
static volatile int signalled_right;

static void *return_number(void *number)
{
    own += (long)number;
    return (void *)(own * 2);
}

static void *count_locked(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void *take_turns(void *me)
{
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&lock);
        while (turn != (int)(long)me)
            pthread_cond_wait(&changed, &lock);
        turn = (turn + 1) % WORKERS;
        counter++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void start_all(pthread_t *threads, int n, void *(*what)(void *))
{
    for (long i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, what, (void *)i) != 0)
            printf("FAIL no thread %ld\n", i), failures++;
}

static void check_join(void)
{
    pthread_t threads[THREADS];
    void *answer;
    int good = 0;
    start_all(threads, THREADS, return_number);
    for (long i = 0; i < THREADS; i++)
        good += pthread_join(threads[i], &answer) == 0 && (long)answer == (7 + i) * 2;
    SHOW(good);
    SHOW(own);
    for (long i = 0; i < 1000; i++) {
        good += pthread_create(threads, NULL, return_number, (void *)i) == 0;
        good += pthread_join(threads[0], &answer) == 0;
    }
    SHOW(good);
}

static void check_contention(void)
{
    pthread_t threads[WORKERS];
    start_all(threads, WORKERS, count_locked);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    SHOW(counter);
    counter = 0;
    start_all(threads, WORKERS, take_turns);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    SHOW(counter);
}

static void on_signal(int signo)
{
    (void)signo;
    signalled_right = pthread_equal(pthread_self(), signalled);
}

static void *wait_for_signal(void *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
    return NULL;
}

static void *wait_to_be_cancelled(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void check_signals(void)
{
    sem_t semaphore;
    struct sigaction action = { .sa_handler = on_signal };
    void *answer;
    sem_init(&semaphore, 0, 0);
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&signalled, NULL, wait_for_signal, &semaphore);
    sleep_ms(20);
    pthread_kill(signalled, SIGUSR1);
    sleep_ms(20);
    SHOW(signalled_right);
    sem_post(&semaphore);
    SHOW(pthread_join(signalled, NULL));
    pthread_create(&signalled, NULL, wait_to_be_cancelled, NULL);
    sleep_ms(20);
    SHOW(pthread_cancel(signalled));
    SHOW(pthread_join(signalled, &answer));
    CHECK(answer == PTHREAD_CANCELED);
}

static void *exit_process(void *status)
{
    sleep_ms(20);
    exit((int)(long)status);
}

static void exit_from_thread(void)
{
    pthread_t thread;
    for (int i = 0; i < 5; i++)
        pthread_create(&thread, NULL, wait_to_be_cancelled, NULL);
    pthread_create(&thread, NULL, exit_process, (void *)9L);
    pause();
}

static void *write_null(void *unused)
{
    *(volatile int *)unused = 1;
    return NULL;
}

static void fault_in_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, write_null, NULL);
    pause();
}

static void first_thread_leaves(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, exit_process, (void *)12L);
    pthread_exit(NULL);
}

static void *exec_program(void *unused)
{
    execl("/proc/self/exe", "abi_threads", "child", (char *)NULL);
    return unused;
}

static void exec_from_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, wait_to_be_cancelled, NULL);
    pthread_create(&thread, NULL, exec_program, NULL);
    pause();
}

static void fork_from_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, wait_to_be_cancelled, NULL);
    pid_t pid = fork();
    int raw = 0;
    if (pid == 0)
        _exit(syscall(SYS_gettid) == getpid() ? 14 : 1);
    waitpid(pid, &raw, 0);
    _exit(WEXITSTATUS(raw));
}

static void check_ends(void)
{
    SHOW(status_of(exit_from_thread));
    SHOW(status_of(fault_in_thread) & 0x7f);
    SHOW(status_of(first_thread_leaves));
    SHOW(status_of(exec_from_thread));
    SHOW(status_of(fork_from_thread));
}

static long futex(unsigned *word, int op, unsigned value, const struct timespec *timeout, unsigned *other, unsigned third)
{
    return syscall(SYS_futex, word, op, value, timeout, other, third);
}

static unsigned words[2];
static void *sleep_on_word(void *which)
{
    unsigned *word = which;
    return (void *)futex(word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void check_futex(void)
{
    struct timespec brief = { 0, 30000000 }, bad = { 0, 1000000000 }, now;
    unsigned word = 1;
    unsigned long began = now_us();
    SHOW(futex(&word, FUTEX_WAIT, 1, &brief, NULL, 0));
    unsigned long took = now_us() - began;
    CHECK(took >= 30000 && took < 1000000);
    SHOW(futex(&word, FUTEX_WAIT, 2, &brief, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT, 1, &bad, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE, 10, NULL, NULL, 0));
    SHOW(futex((unsigned *)((char *)&word + 1), FUTEX_WAIT, 1, &brief, NULL, 0));
    SHOW(futex((unsigned *)16, FUTEX_WAIT, 1, &brief, NULL, 0));
    SHOW(futex((unsigned *)16, FUTEX_WAIT_PRIVATE, 1, &brief, NULL, 0));
    SHOW(futex((unsigned *)0xffffffff80000000UL, FUTEX_WAIT, 1, &brief, NULL, 0));
    SHOW(futex((unsigned *)0xffffffff80000000UL, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&word, 77, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT_BITSET, 1, &brief, NULL, 0));
    now = (struct timespec){ 0, 1 }; /* long ago */
    SHOW(futex(&word, FUTEX_WAIT_BITSET, 1, &now, NULL, ~0u));
    SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (struct timespec *)1, &words[1], 5));
}

static void check_requeue(void)
{
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, sleep_on_word, &words[0]);
    sleep_ms(50);
    SHOW(futex(&words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    SHOW(futex(&words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, (struct timespec *)2, &words[1], 0));
    SHOW(futex(&words[1], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
    SHOW(futex(&words[0], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
}

/* A futex in memory that two processes share. */
static void check_shared(void)
{
    unsigned *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct timespec limit = { 5, 0 };
    int raw = -1;
    pid_t pid = fork();
    if (pid == 0) {
        while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0)
            if (futex(word, FUTEX_WAIT, 0, &limit, NULL, 0) == -1 && errno == ETIMEDOUT)
                _exit(1);
        _exit(0);
    }
    sleep_ms(30);
    __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    SHOW(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0));
    waitpid(pid, &raw, 0);
    SHOW(raw);
}

static pthread_mutex_t robust;
static void *die_with_lock(void *unused)
{
    pthread_mutex_lock(&robust);
    return unused;
}

static void check_robust(void)
{
    pthread_mutexattr_t kind;
    pthread_t thread;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &kind);
    pthread_create(&thread, NULL, die_with_lock, NULL);
    pthread_join(thread, NULL);
    SHOW(pthread_mutex_lock(&robust));
    SHOW(pthread_mutex_consistent(&robust));
    SHOW(pthread_mutex_unlock(&robust));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return 31;
    (void)argv;
    check_join();
    check_contention();
    check_signals();
    check_ends();
    check_futex();
    check_requeue();
    check_shared();
    check_robust();
    return check_result();
}
