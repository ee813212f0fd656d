/* Everything at once, for machines with several CPUs: memory that is unmapped, protected and forked
 * while other threads use it; futexes, pipes, names, signals, exec and dying threads.
 *
 *     torture_smp [SECONDS [SEED [PROCESSES]]]      2 seconds, seed 1, 4 processes
 *
 * Each process takes scenarios at random until the time is over. A scenario knows what must be true
 * in the end whatever the others do, and says so when it is not. A run is not repeatable to the
 * instruction; its seed only says which scenarios came in which order. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE 4096ul
#define MUST(condition) ((condition) ? (void)0 : broken(__LINE__, #condition))

static unsigned long deadline_us;
static unsigned seed;
static const char *volatile scenario_name = "start";

static void broken(int line, const char *what)
{
    int e = errno;
    dprintf(1, "BROKEN: %s, line %d: %s (errno %d: %s)\n", scenario_name, line, what, e, strerror(e));
    _exit(1);
}

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static void spin(unsigned n)
{
    while (n--)
        __asm__ volatile("pause");
}

static void start(pthread_t *t, void *(*what)(void *), void *arg) { MUST(pthread_create(t, NULL, what, arg) == 0); }
static void finish(pthread_t t) { MUST(pthread_join(t, NULL) == 0); }

static void *map(size_t size, int flags)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    MUST(p != MAP_FAILED);
    return p;
}

static int wait_status(pid_t pid)
{
    int status;
    pid_t got;
    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    MUST(got == pid);
    return status;
}

/* --- memory ----------------------------------------------------------------------------------- */

static __thread sigjmp_buf fault_jump;
static __thread volatile sig_atomic_t fault_expected;

static void on_fault(int sig)
{
    if (!fault_expected)
        broken(sig, "a fault that nobody expected");
    fault_expected = 0;
    siglongjmp(fault_jump, 1);
}

struct touch { volatile unsigned long *word; volatile int stop, faults, rounds; };

/* Counts in a word as long as it can be written, then looks whether it may again. */
static void *keep_counting(void *arg)
{
    struct touch *t = arg;
    while (!t->stop) {
        if (sigsetjmp(fault_jump, 1)) {
            t->faults++;
            sched_yield();
            continue;
        }
        fault_expected = 1;
        for (int i = 0; i < 200 && !t->stop; i++)
            ++*t->word;
        fault_expected = 0;
        t->rounds++;
    }
    return NULL;
}

static void must_stand_still(volatile unsigned long *word)
{
    unsigned long before = *word;
    spin(200);
    MUST(*word == before);
}

/* After mprotect has returned no CPU writes any more. */
static void protected_memory_stands_still(void)
{
    struct touch t = { .word = map(PAGE, MAP_PRIVATE) };
    pthread_t a, b;
    start(&a, keep_counting, &t);
    start(&b, keep_counting, &t);
    for (int i = 0; i < 50; i++) {
        MUST(mprotect((void *)t.word, PAGE, PROT_READ) == 0);
        must_stand_still(t.word);
        MUST(mprotect((void *)t.word, PAGE, PROT_READ | PROT_WRITE) == 0);
        spin(pick(300));
    }
    t.stop = 1;
    finish(a);
    finish(b);
    MUST(munmap((void *)t.word, PAGE) == 0);
}

/* What was unmapped is nobody's: the pages it had may have new owners at once. */
static void unmapped_memory_is_not_written(void)
{
    char *three = map(3 * PAGE, MAP_PRIVATE);
    void *place = three + PAGE; /* its hole is too small for what is mapped meanwhile */
    struct touch t = { .word = place };
    pthread_t a;
    start(&a, keep_counting, &t);
    for (int i = 0; i < 30; i++) {
        MUST(munmap(place, PAGE) == 0);
        unsigned long *others = map(16 * PAGE, MAP_PRIVATE);
        for (unsigned k = 0; k < 16; k++)
            others[k * PAGE / 8] = k;
        spin(200);
        for (unsigned k = 0; k < 16; k++)
            MUST(others[k * PAGE / 8] == k);
        MUST(munmap(others, 16 * PAGE) == 0);
        MUST(mmap(place, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == place);
        spin(pick(300));
    }
    t.stop = 1;
    finish(a);
    MUST(munmap(three, 3 * PAGE) == 0);
}

/* A child's copy is of one moment, whatever the parent's threads go on writing. */
static void forked_memory_stands_still(void)
{
    struct touch t = { .word = map(4 * PAGE, MAP_PRIVATE) };
    pthread_t a;
    start(&a, keep_counting, &t);
    for (int i = 0; i < 10; i++) {
        pid_t pid = fork();
        MUST(pid >= 0);
        if (pid == 0) {
            must_stand_still(t.word);
            unsigned long mine = *t.word + 1;
            *t.word = mine;
            spin(500);
            _exit(*t.word == mine ? 0 : 1);
        }
        unsigned long before = *t.word;
        MUST(wait_status(pid) == 0);
        MUST(*t.word >= before);
    }
    t.stop = 1;
    finish(a);
    MUST(munmap((void *)t.word, 4 * PAGE) == 0);
}

struct arena { volatile unsigned char *base; unsigned pages; unsigned char mark; };

static void *fill_and_check(void *arg)
{
    struct arena *a = arg;
    for (int round = 0; round < 20; round++) {
        for (unsigned i = 0; i < a->pages; i++)
            a->base[i * PAGE] = a->mark;
        if (round % 4 == 3)
            MUST(madvise((void *)a->base, a->pages / 2 * PAGE, MADV_DONTNEED) == 0);
        for (unsigned i = round % 4 == 3 ? a->pages / 2 : 0; i < a->pages; i++)
            MUST(a->base[i * PAGE] == a->mark);
        for (unsigned i = 0; round % 4 == 3 && i < a->pages / 2; i++)
            MUST(a->base[i * PAGE] == 0);
    }
    return NULL;
}

/* Threads fault side by side in one address space, each in pages of its own. */
static void neighbours_do_not_mix(void)
{
    enum { N = 4, PAGES = 24 };
    struct arena a[N];
    pthread_t t[N];
    unsigned char *base = map(N * PAGES * PAGE, MAP_PRIVATE);
    for (unsigned i = 0; i < N; i++) {
        a[i] = (struct arena){ base + i * PAGES * PAGE, PAGES, (unsigned char)(i + 1) };
        start(&t[i], fill_and_check, &a[i]);
    }
    for (unsigned i = 0; i < N; i++)
        finish(t[i]);
    MUST(munmap(base, N * PAGES * PAGE) == 0);
}

/* --- threads and futexes ---------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned long counted;
static int turn;

static void *count_locked(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        counted++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *take_turns(void *arg)
{
    int me = (int)(long)arg;
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&lock);
        while (turn != me)
            pthread_cond_wait(&changed, &lock);
        turn = (turn + 1) % 3;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void locks_exclude(void)
{
    pthread_t t[3];
    counted = 0;
    for (long i = 0; i < 3; i++)
        start(&t[i], count_locked, (void *)i);
    for (int i = 0; i < 3; i++)
        finish(t[i]);
    MUST(counted == 3000);
    turn = 0;
    for (long i = 0; i < 3; i++)
        start(&t[i], take_turns, (void *)i);
    for (int i = 0; i < 3; i++)
        finish(t[i]);
}

static void *come_and_go(void *arg) { return arg; }

static void threads_come_and_go(void)
{
    for (int i = 0; i < 10; i++) {
        pthread_t t[5];
        for (long k = 0; k < 5; k++)
            start(&t[k], come_and_go, (void *)k);
        for (long k = 0; k < 5; k++) {
            void *r;
            MUST(pthread_join(t[k], &r) == 0 && r == (void *)k);
        }
    }
}

static void *never_end(void *arg)
{
    int *pipe_end = arg;
    char c;
    for (;;) {
        if (pipe_end && read(pipe_end[0], &c, 1) != 1)
            sched_yield();
        free(malloc(200000)); /* mmap and munmap */
    }
    return NULL;
}

/* A process ends with threads in the middle of everything. */
static void processes_end_in_the_middle(void)
{
    for (int i = 0; i < 4; i++) {
        pid_t pid = fork();
        MUST(pid >= 0);
        if (pid == 0) {
            int ends[2];
            pthread_t t;
            MUST(pipe(ends) == 0);
            start(&t, never_end, ends);
            start(&t, never_end, NULL);
            start(&t, never_end, NULL);
            spin(pick(20000));
            if (i % 2)
                _exit(7);
            raise(SIGKILL);
        }
        int status = wait_status(pid);
        MUST(i % 2 ? WIFEXITED(status) && WEXITSTATUS(status) == 7 : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
}

/* --- pipes and names -------------------------------------------------------------------------- */

/* Writers of up to PIPE_BUF bytes do not mix. */
static void pipe_messages_stay_whole(void)
{
    enum { WRITERS = 3, MESSAGES = 60 };
    int ends[2];
    unsigned seen[WRITERS] = { 0 };
    pid_t pid[WRITERS];
    MUST(pipe(ends) == 0);
    for (int w = 0; w < WRITERS; w++) {
        pid[w] = fork();
        MUST(pid[w] >= 0);
        if (pid[w] == 0) {
            unsigned char message[400];
            for (int i = 0; i < MESSAGES; i++) {
                memset(message, w * 64 + i, sizeof message);
                message[0] = (unsigned char)w;
                MUST(write(ends[1], message, sizeof message) == sizeof message);
            }
            _exit(0);
        }
    }
    close(ends[1]);
    for (;;) {
        unsigned char message[400];
        size_t got = 0;
        ssize_t n = 1;
        while (got < sizeof message && (n = read(ends[0], message + got, sizeof message - got)) > 0)
            got += (size_t)n;
        if (got == 0)
            break;
        MUST(got == sizeof message && message[0] < WRITERS);
        unsigned char want = (unsigned char)(message[0] * 64 + seen[message[0]]++);
        for (size_t i = 1; i < sizeof message; i++)
            MUST(message[i] == want);
    }
    close(ends[0]);
    for (int w = 0; w < WRITERS; w++) {
        MUST(wait_status(pid[w]) == 0);
        MUST(seen[w] == MESSAGES);
    }
}

static volatile int names_stop;

static void *keep_opening(void *path)
{
    char text[8];
    while (!names_stop) {
        int fd = open(path, O_RDONLY);
        MUST(fd >= 0);
        MUST(read(fd, text, sizeof text) == 4 && (memcmp(text, "aaaa", 4) == 0 || memcmp(text, "bbbb", 4) == 0));
        close(fd);
    }
    return NULL;
}

static void file_write(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    MUST(fd >= 0 && write(fd, text, 4) == 4);
    close(fd);
}

/* A name that is replaced by rename is never absent and never half written. */
static void renamed_files_are_always_there(void)
{
    char dir[] = "/tmp/torture.XXXXXX", name[64], fresh[64], other[64];
    pthread_t a, b;
    MUST(mkdtemp(dir));
    snprintf(name, sizeof name, "%s/name", dir);
    snprintf(fresh, sizeof fresh, "%s/fresh", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    file_write(name, "aaaa");
    names_stop = 0;
    start(&a, keep_opening, name);
    start(&b, keep_opening, name);
    for (int i = 0; i < 60; i++) {
        file_write(fresh, i % 2 ? "aaaa" : "bbbb");
        MUST(rename(fresh, name) == 0);
        if (i % 8 == 0)
            MUST(link(name, other) == 0 && unlink(other) == 0 && mkdir(other, 0700) == 0 && rmdir(other) == 0);
    }
    names_stop = 1;
    finish(a);
    finish(b);
    MUST(unlink(name) == 0 && rmdir(dir) == 0);
}

/* --- signals and programs --------------------------------------------------------------------- */

static volatile sig_atomic_t queued_seen;
static void on_queued(int sig) { queued_seen += sig == SIGRTMIN; }
static void on_nothing(int sig) { (void)sig; }

/* Each real-time signal that was queued arrives once; others disturb meanwhile. */
static void queued_signals_all_arrive(void)
{
    int ready[2];
    char c;
    MUST(pipe(ready) == 0);
    pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        signal(SIGRTMIN, on_queued);
        signal(SIGUSR1, on_nothing);
        MUST(write(ready[1], "x", 1) == 1);
        while (queued_seen < 100) {
            struct timespec ms = { 0, 1000000 };
            nanosleep(&ms, NULL);
        }
        _exit(queued_seen == 100 ? 0 : 1);
    }
    MUST(read(ready[0], &c, 1) == 1);
    for (int i = 0; i < 100; i++) {
        while (sigqueue(pid, SIGRTMIN, (union sigval){ .sival_int = i }) != 0)
            MUST(errno == EAGAIN);
        if (i % 3 == 0)
            MUST(kill(pid, SIGUSR1) == 0);
        if (i % 20 == 0)
            MUST(kill(pid, SIGSTOP) == 0 && kill(pid, SIGCONT) == 0);
    }
    MUST(wait_status(pid) == 0);
    close(ready[0]);
    close(ready[1]);
}

static void *exec_self(void *arg)
{
    execl("/proc/self/exe", "torture_smp", "child", (char *)NULL);
    broken(__LINE__, "execl came back");
    return arg;
}

/* exec from a thread while others run: one program comes out, with status 42. */
static void programs_replace_themselves(void)
{
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();
        MUST(pid >= 0);
        if (pid == 0) {
            pthread_t t;
            start(&t, never_end, NULL);
            start(&t, never_end, NULL);
            if (i == 0)
                exec_self(NULL);
            start(&t, exec_self, NULL);
            for (;;)
                pause();
        }
        int status = wait_status(pid);
        MUST(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    }
}

static void borrowed_memory_comes_back(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execl("/proc/self/exe", "torture_smp", "child", (char *)NULL);
        _exit(1);
    }
    MUST(pid > 0);
    int status = wait_status(pid);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

/* --- all of it -------------------------------------------------------------------------------- */

static const struct { const char *name; void (*run)(void); } scenarios[] = {
    { "protect", protected_memory_stands_still }, { "unmap", unmapped_memory_is_not_written },
    { "fork", forked_memory_stands_still },       { "neighbours", neighbours_do_not_mix },
    { "locks", locks_exclude },                   { "threads", threads_come_and_go },
    { "ends", processes_end_in_the_middle },      { "pipe", pipe_messages_stay_whole },
    { "names", renamed_files_are_always_there },  { "signals", queued_signals_all_arrive },
    { "exec", programs_replace_themselves },      { "vfork", borrowed_memory_comes_back },
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void worker(unsigned number, const char *only)
{
    seed += number * 7919;
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    for (unsigned i = number; now_us() < deadline_us; i = pick(SCENARIOS)) {
        i %= SCENARIOS;
        if (only && strcmp(only, scenarios[i].name) != 0)
            continue;
        scenario_name = scenarios[i].name;
        scenarios[i].run();
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return 42;
    unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 2;
    seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    unsigned n = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 4, bad = 0;
    printf("%lu seconds, seed %u, %u processes\n", seconds, seed, n);
    fflush(stdout);
    deadline_us = now_us() + seconds * 1000000;
    for (unsigned i = 0; i < n; i++)
        if (fork() == 0)
            worker(i, argc > 4 ? argv[4] : NULL);
    for (int status; wait(&status) > 0 || errno == EINTR;)
        if (status != 0) {
            printf("a worker ended with status %#x\n", status);
            bad++;
        }
    CHECK(bad == 0);
    return check_result();
}
