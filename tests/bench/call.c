/* Short calls, the clock, and signals. */
#include "bench.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>

enum { CALLS = 20000, OPENS = 4000, SIGNALS = 5000 };
#define FILE_PATH "/tmp/bench/file"

static void make_file(void)
{
    int fd = open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && write(fd, "0123456", 7) == 7 && close(fd) == 0);
}

static void null_syscall(void)
{
    long parent = getppid(), bad = 0;
    measure_begin();
    ROUNDS(i, CALLS)
        bad |= sys3(SYS_getppid, 0, 0, 0) ^ parent;
    measure_end(CALLS, CALLS);
    CHECK(bad == 0);
}

static void one_byte(const char *path, long nr)
{
    int fd = open(path, O_RDWR);
    char byte = 'x';
    long bad = 0;
    CHECK(fd >= 0);
    measure_begin();
    ROUNDS(i, CALLS)
        bad |= sys3(nr, fd, (long)&byte, 1) ^ 1;
    measure_end(CALLS, CALLS);
    CHECK(bad == 0 && byte == (nr == SYS_read ? 0 : 'x'));
}

static void read_zero_1b(void)
{
    one_byte("/dev/zero", SYS_read);
}

static void write_null_1b(void)
{
    one_byte("/dev/null", SYS_write);
}

static void dup_close(void)
{
    long next = dup(1), bad = 0;
    CHECK(next > 1 && close((int)next) == 0);
    measure_begin();
    ROUNDS(i, CALLS) {
        bad |= sys3(SYS_dup, 1, 0, 0) ^ next;
        bad |= sys3(SYS_close, next, 0, 0);
    }
    measure_end(CALLS, CALLS);
    CHECK(bad == 0);
}

static u64 in_ns(const struct timespec *t)
{
    return (u64)t->tv_sec * 1000000000u + (u64)t->tv_nsec;
}

static void clock_vdso(void)
{
    struct timespec t;
    u64 last = 0, back = 0;
    measure_begin();
    ROUNDS(i, CALLS) {
        clock_gettime(CLOCK_MONOTONIC, &t);
        back += in_ns(&t) < last;
        last = in_ns(&t);
    }
    measure_end(CALLS, CALLS);
    CHECK(back == 0 && last > 0);
}

static void clock_syscall(void)
{
    struct timespec t;
    u64 last = 0, back = 0;
    long bad = 0;
    measure_begin();
    ROUNDS(i, CALLS) {
        bad |= sys3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0);
        back += in_ns(&t) < last;
        last = in_ns(&t);
    }
    measure_end(CALLS, CALLS);
    CHECK(back == 0 && bad == 0 && last > 0);
}

static void open_close(void)
{
    make_file();
    long next = open(FILE_PATH, O_RDONLY), bad = 0;
    CHECK(next >= 0 && close((int)next) == 0);
    measure_begin();
    ROUNDS(i, OPENS) {
        bad |= sys3(SYS_open, (long)FILE_PATH, O_RDONLY, 0) ^ next;
        bad |= sys3(SYS_close, next, 0, 0);
    }
    measure_end(OPENS, OPENS);
    CHECK(bad == 0);
}

static void stat_path(void)
{
    struct stat st = { 0 };
    long bad = 0;
    make_file();
    measure_begin();
    ROUNDS(i, OPENS)
        bad |= sys3(SYS_stat, (long)FILE_PATH, (long)&st, 0);
    measure_end(OPENS, OPENS);
    CHECK(bad == 0 && st.st_size == 7 && S_ISREG(st.st_mode));
}

static void stat_open(void)
{
    struct stat st = { 0 };
    long bad = 0;
    make_file();
    int fd = open(FILE_PATH, O_RDONLY);
    CHECK(fd >= 0);
    measure_begin();
    ROUNDS(i, CALLS)
        bad |= sys3(SYS_fstat, fd, (long)&st, 0);
    measure_end(CALLS, CALLS);
    CHECK(bad == 0 && st.st_size == 7 && S_ISREG(st.st_mode));
}

static volatile sig_atomic_t caught;
static char *volatile wanted_address;

static void on_signal(int signo)
{
    (void)signo;
    caught++;
}

static void sig_install(void)
{
    struct sigaction a = { .sa_handler = on_signal }, b = { .sa_handler = SIG_IGN }, old;
    long bad = 0;
    CHECK(sigaction(SIGUSR1, &b, NULL) == 0);
    measure_begin();
    ROUNDS(i, CALLS) {
        bad |= sigaction(SIGUSR1, i & 1 ? &b : &a, &old);
        bad |= old.sa_handler != (i & 1 ? on_signal : SIG_IGN);
    }
    measure_end(CALLS, CALLS);
    CHECK(bad == 0);
}

static void sig_deliver(void)
{
    struct sigaction a = { .sa_handler = on_signal };
    long pid = getpid(), bad = 0;
    CHECK(sigaction(SIGUSR1, &a, NULL) == 0);
    measure_begin();
    ROUNDS(i, SIGNALS)
        bad |= sys3(SYS_kill, pid, SIGUSR1, 0);
    measure_end(SIGNALS, SIGNALS);
    CHECK(bad == 0 && caught == SIGNALS);
}

/* Steps over the store that faulted: movb $1, (%rax) is three bytes long. */
static void on_fault(int signo, siginfo_t *info, void *context)
{
    if (signo == SIGSEGV && info->si_code == SEGV_ACCERR && info->si_addr == wanted_address)
        caught++;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 3;
}

static void prot_fault(void)
{
    struct sigaction a = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    char *page = map_private(PAGE);
    page[5] = 3;
    CHECK(mprotect(page, PAGE, PROT_READ) == 0 && sigaction(SIGSEGV, &a, NULL) == 0);
    wanted_address = page + 5;
    measure_begin();
    ROUNDS(i, SIGNALS)
        __asm__ volatile("movb $1, (%0)" : : "a"(page + 5) : "memory");
    measure_end(SIGNALS, SIGNALS);
    CHECK(caught == SIGNALS && page[5] == 3);
}

const struct test call_tests[] = {
    { "null_syscall", null_syscall }, { "read_zero_1b", read_zero_1b }, { "write_null_1b", write_null_1b },
    { "dup_close", dup_close }, { "clock_vdso", clock_vdso }, { "clock_syscall", clock_syscall },
    { "open_close", open_close }, { "stat", stat_path }, { "fstat", stat_open }, { "sig_install", sig_install },
    { "sig_deliver", sig_deliver }, { "prot_fault", prot_fault }, { NULL, NULL },
};
