/* The benchmark's first process: the same static program is init on Rustica and on Linux. Every test
 * runs in a child of its own with an alarm, so that what crashes or hangs is a line that says so:
 *
 *   BENCH name fail|skip|ok UNITS TICKS   and around the tests: START TSC, CLOCK PPM, MEM ..., END
 *
 * Arguments name the tests to run (none: all); "meminfo" prints /proc/meminfo instead, "exit" is for
 * the tests that execute this program. As process 1 it ends by switching the machine off. */
#include "bench.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>

const char *program_path;

static struct { u64 units, ticks; } result;
static u64 began, loop_millicost, read_cost;
static int result_fd;

void measure_begin(void)
{
    began = tsc();
}

void measure_end(u64 loops, u64 units)
{
    u64 ticks = tsc() - began, off = read_cost + loops * loop_millicost / 1000;
    measure_ticks(ticks > off ? ticks - off : 0, units);
}

void measure_ticks(u64 ticks, u64 units)
{
    result.ticks = ticks;
    result.units = units;
}

void check_at(bool good, const char *what)
{
    if (good)
        return;
    if (errno != ENOSYS)
        printf("  check failed: %s (errno %d)\n", what, errno);
    fflush(stdout);
    _exit(errno == ENOSYS ? EXIT_SKIP : EXIT_FAIL);
}

pid_t fork_checked(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    return pid;
}

void wait_checked(pid_t pid, int status)
{
    int got = -1;
    CHECK(waitpid(pid, &got, 0) == pid);
    CHECK(WIFEXITED(got) && WEXITSTATUS(got) == status);
}

void *map_shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

char *map_private(size_t size)
{
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    madvise(p, size, MADV_NOHUGEPAGE); /* a kernel without huge pages may refuse the word */
    errno = 0;
    return p;
}

static void calibrate(void)
{
    enum { LOOPS = 100000 };
    u64 a = tsc();
    read_cost = tsc() - a;
    a = tsc();
    ROUNDS(i, LOOPS)
        ;
    loop_millicost = (tsc() - a - read_cost) * 1000 / LOOPS;
}

/* The guest's own clock against the counter under it, in parts per million: a kernel that keeps bad time
 * must not profit from it. Needs a counter of 1 GHz, as QEMU's -icount has it. */
static void print_clock(void)
{
    struct timespec t0, t1;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    u64 a = tsc();
    while (tsc() - a < 20000000)
        ;
    clock_gettime(CLOCK_MONOTONIC, &t1);
    u64 ticks = tsc() - a;
    long long ns = (t1.tv_sec - t0.tv_sec) * 1000000000ll + t1.tv_nsec - t0.tv_nsec;
    printf("CLOCK %lld\n", (ns - (long long)ticks) * 1000000 / (long long)ticks);
}

static void in_child(const struct test *t, int fd)
{
    setpgid(0, 0);
    alarm(TEST_SECONDS);
    result_fd = fd;
    errno = 0;
    t->run();
    _exit(write(result_fd, &result, sizeof result) == sizeof result ? 0 : EXIT_FAIL);
}

static void run_test(const struct test *t)
{
    int ends[2], status = -1;
    printf("RUN %s\n", t->name);
    fflush(stdout);
    if (pipe(ends) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0)
        in_child(t, ends[1]);
    close(ends[1]);
    memset(&result, 0, sizeof result);
    bool ok = pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
              read(ends[0], &result, sizeof result) == sizeof result && result.units;
    close(ends[0]);
    kill(-pid, SIGKILL); /* what it left behind */
    while (waitpid(-1, NULL, 0) > 0)
        ;
    bool skip = !ok && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;
    printf("BENCH %s %s %llu %llu\n", t->name, ok ? "ok" : skip ? "skip" : "fail", (unsigned long long)result.units,
           (unsigned long long)result.ticks);
    fflush(stdout);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 1;
}

static void print_meminfo(void)
{
    char line[128];
    mkdir("/proc", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    FILE *f = fopen("/proc/meminfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "MemTotal:", 9) == 0 || strncmp(line, "MemAvailable:", 13) == 0)
            printf("MEM %s", line);
}

/* The tests' files lie in /tmp/bench, on a tmpfs. */
static void prepare(bool first)
{
    if (first) {
        mkdir("/tmp", 01777);
        mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
        mkdir("/dev", 0755);
        if (access("/dev/zero", F_OK) < 0)
            mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    }
    mkdir("/tmp/bench", 0755);
}

static void run_all(int argc, char **argv)
{
    static const struct test *const rooms[] = { call_tests, file_tests, ipc_tests, switch_tests, memory_tests, task_tests };
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++)
        for (const struct test *t = rooms[r]; t->name; t++)
            if (wanted(t->name, argc, argv))
                run_test(t);
    static const struct test *const asked[] = { program_tests, console_tests, key_tests }; /* by name: they want more than this program */
    for (size_t r = 0; argc > 1 && r < sizeof asked / sizeof *asked; r++)
        for (const struct test *t = asked[r]; t->name; t++)
            if (wanted(t->name, argc, argv))
                run_test(t);
}

int main(int argc, char **argv)
{
    u64 started = tsc();
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return 7;
    bool first = getpid() == 1;
    program_path = argv[0];
    printf("START %llu\n", (unsigned long long)started);
    if (argc > 1 && strcmp(argv[1], "meminfo") == 0) {
        print_meminfo();
    } else {
        prepare(first);
        calibrate();
        print_clock();
        run_all(argc, argv);
    }
    printf("END\n");
    fflush(stdout);
    if (first)
        reboot(RB_POWER_OFF);
    return 0;
}
