/* system-check: try what a system must do, and say truly what works. Each check does the thing it names. */
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, TEST_BYTES = 4 * MEGABYTE, FILE_BYTES = 256 * 1024, PROCESSES = 32, WAIT_SECONDS = 60 };

static char why[128]; /* of the check that fails */

static bool fails(const char *what)
{
    snprintf(why, sizeof why, "%s: %s", what, strerror(errno));
    return false;
}

static bool is_wrong(const char *what)
{
    snprintf(why, sizeof why, "%s", what);
    return false;
}

static unsigned pattern(size_t i, unsigned seed) { return (unsigned)i * 2654435761u ^ seed; }

static bool check_memory(void)
{
    unsigned *words = mmap(NULL, TEST_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t n = TEST_BYTES / sizeof *words;
    bool good = true;
    if (words == MAP_FAILED)
        return fails("mmap");
    for (size_t i = 0; i < n && good; i++)
        good = words[i] == 0 || is_wrong("fresh memory is not zero");
    for (unsigned seed = 0; seed < 2 && good; seed++) {
        for (size_t i = 0; i < n; i++)
            words[i] = pattern(i, ~seed);
        for (size_t i = 0; i < n && good; i++)
            good = words[i] == pattern(i, ~seed) || is_wrong("memory does not keep what is written");
    }
    munmap(words, TEST_BYTES);
    return good;
}

static bool check_free_memory(void)
{
    uint64_t available;
    if (!meminfo_read("MemAvailable", &available))
        return is_wrong("/proc/meminfo does not tell");
    return available >= 8 * MEGABYTE || is_wrong("less than 8 MB are free");
}

/* The bytes come from another process that ran the same code on a copy of this memory. */
static bool check_fork_and_pipe(void)
{
    int ends[2], status = 0;
    char data[64] = "";
    if (pipe(ends) < 0)
        return fails("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dprintf(ends[1], "%d", getpid());
        _exit(7);
    }
    close(ends[1]);
    ssize_t n = pid < 0 ? -1 : read(ends[0], data, sizeof data - 1);
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return fails("fork and wait");
    if (n <= 0 || atoi(data) != pid)
        return is_wrong("a pipe did not bring what was written");
    return (WIFEXITED(status) && WEXITSTATUS(status) == 7) || is_wrong("the exit status is not what it was");
}

static bool check_many_processes(void)
{
    int started = 0, ended = 0, status;
    for (; started < PROCESSES; started++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            break;
    }
    while (ended < started && wait(&status) > 0)
        ended += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return started < PROCESSES ? fails("fork") : ended == started || is_wrong("not all processes came back");
}

static bool check_exec(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "exit $((40 + 2))", (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return fails("fork");
    return (WIFEXITED(status) && WEXITSTATUS(status) == 42) || is_wrong("/bin/sh does not run");
}

static volatile sig_atomic_t signals;
static void count_signal(int signo) { (void)signo; signals++; }

static bool check_signals(void)
{
    struct sigaction action = { .sa_handler = count_signal }, before;
    if (sigaction(SIGUSR1, &action, &before) < 0)
        return fails("sigaction");
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    return signals == 1 || is_wrong("a signal did not arrive");
}

static bool check_protection(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *(volatile char *)page = 1;
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return fails("fork");
    return (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) || is_wrong("read-only memory was written");
}

static bool compare_file(const char *path)
{
    static unsigned words[FILE_BYTES / sizeof(unsigned)];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, words, sizeof words);
    if (fd >= 0)
        close(fd);
    if (n != FILE_BYTES)
        return is_wrong("a file is not as long as what was written");
    for (size_t i = 0; i < FILE_BYTES / sizeof *words; i++)
        if (words[i] != pattern(i, 1))
            return is_wrong("a file does not keep what is written");
    return true;
}

static bool write_file(int fd)
{
    unsigned words[256];
    for (size_t i = 0; i < FILE_BYTES / sizeof *words;) {
        for (size_t k = 0; k < 256; k++)
            words[k] = pattern(i++, 1);
        if (full_write(fd, words, sizeof words) < 0)
            return fails("write");
    }
    return fsync(fd) == 0 || fails("fsync");
}

static bool check_files(void)
{
    char path[] = "/tmp/system-check-XXXXXX", renamed[64];
    int fd = mkstemp(path);
    if (fd < 0)
        return fails(path);
    bool good = write_file(fd);
    close(fd);
    snprintf(renamed, sizeof renamed, "%s.moved", path);
    if (good && rename(path, renamed) < 0)
        good = fails("rename");
    good = good && compare_file(renamed);
    unlink(path);
    unlink(renamed);
    if (good && access(renamed, F_OK) == 0)
        good = is_wrong("a removed file is still there");
    return good;
}

static bool check_sockets(void)
{
    int ends[2];
    char data[8] = "";
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return fails("socketpair");
    bool good = write(ends[0], "hello", 6) == 6 && read(ends[1], data, sizeof data) == 6 && strcmp(data, "hello") == 0;
    close(ends[0]);
    close(ends[1]);
    return good || is_wrong("a socket did not bring what was written");
}

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool check_clock(void)
{
    double before = now(CLOCK_MONOTONIC);
    struct timespec pause = { .tv_nsec = 50000000 };
    while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
        ;
    double slept = now(CLOCK_MONOTONIC) - before;
    if (slept < 0.05)
        return is_wrong("a sleep of 50 ms was shorter");
    return slept < WAIT_SECONDS || is_wrong("a sleep of 50 ms took a minute");
}

static bool check_date(void)
{
    time_t time_now = time(NULL);
    struct tm *tm = gmtime(&time_now);
    return (tm && tm->tm_year >= 2023 - 1900) || is_wrong("the clock shows a year before 2023: set it with date -s");
}

static bool check_random(void)
{
    unsigned char a[32], b[32];
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, a, sizeof a) == sizeof a && read(fd, b, sizeof b) == sizeof b;
    if (fd >= 0)
        close(fd);
    return !good ? fails("/dev/urandom") : memcmp(a, b, sizeof a) != 0 || is_wrong("random bytes came twice");
}

static bool check_devices(void)
{
    char byte = 1;
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    bool good = zero >= 0 && read(zero, &byte, 1) == 1 && byte == 0;
    good = good && full >= 0 && write(full, "", 1) < 0 && errno == ENOSPC;
    if (zero >= 0)
        close(zero);
    if (full >= 0)
        close(full);
    return good || is_wrong("/dev/zero or /dev/full do not do what they are for");
}

static bool check_console(void)
{
    int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return fails("/dev/console");
    bool good = isatty(fd) || is_wrong("/dev/console is no terminal");
    close(fd);
    return good;
}

static const struct check { const char *group, *name; bool (*run)(void); } checks[] = {
    { "memory", "4 MB keep what is written", check_memory }, { "memory", "some is free", check_free_memory },
    { "memory", "read-only is read-only", check_protection },
    { "processes", "fork, pipe, wait", check_fork_and_pipe }, { "processes", "32 at once", check_many_processes },
    { "processes", "a program runs", check_exec }, { "processes", "signals arrive", check_signals },
    { "processes", "sockets carry bytes", check_sockets },
    { "files", "write, rename, read, remove", check_files }, { "files", "devices answer", check_devices },
    { "files", "random bytes differ", check_random },
    { "time", "sleeping takes its time", check_clock }, { "time", "the date is possible", check_date },
    { "console", "is a terminal", check_console },
};

/* 0: fine or passed over, 1: failed. */
static int run_check(const struct check *check, bool only_failures)
{
    bool good = check->run(), colour = isatty(1);
    if (good && only_failures)
        return 0;
    printf("%s%-6s%s  %-9s  %s%s%s\n", colour ? good ? "\033[32m" : "\033[31m" : "", good ? "OK" : "FAILED",
           colour ? "\033[0m" : "",
           check->group, check->name, good ? "" : ": ", good ? "" : why);
    fflush(stdout); /* the next one forks, or might never come back */
    return !good;
}

int main(int argc, char **argv)
{
    int failed = 0, ran = 0;
    bool have[128] = { 0 };
    tool_init(argv, "usage: system-check [-q] [memory|processes|files|time|console]...\n"
                    "Try what a system must do; a line for each check. -q: only what fails.\n"
                    "The status is 0 when all is well.\n");
    int index = parse_flags(argc, argv, "q", have);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        bool chosen = index == argc;
        for (int k = index; k < argc; k++)
            chosen |= strcmp(argv[k], checks[i].group) == 0;
        if (!chosen)
            continue;
        ran++;
        failed += run_check(&checks[i], have['q']);
    }
    if (ran == 0)
        die_usage();
    printf("%d checks, %d failed\n", ran, failed);
    return flush_output() || failed;
}
