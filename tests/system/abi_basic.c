/* Bad pointers and descriptors, faults, fork, pipes, wait, signals, memory: one short check each. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KERNEL_ADDRESS ((void *)0xffffffff80000000UL)

static char zeros[10000]; /* .bss: zero to its last byte, across pages */
static int data_value = 1;
static volatile sig_atomic_t caught;

static void on_signal(int signo)
{
    caught = signo;
}

/* The signal that ends a child doing `what`; 0 if it lived. */
static int signal_of(void (*what)(void))
{
    int raw = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        what();
        _exit(0);
    }
    return waitpid(pid, &raw, 0) == pid && WIFSIGNALED(raw) ? WTERMSIG(raw) : 0;
}

static void write_text(void)
{
    *(volatile char *)(void *)write_text = 0;
}

static void execute_data(void)
{
    static char code[] = { (char)0xc3 };
    void (*call)(void) = (void (*)(void))(void *)code;
    call();
}

static void read_kernel(void)
{
    (void)*(volatile char *)KERNEL_ADDRESS;
}

static void read_null(void)
{
    (void)*(volatile char *volatile *)NULL;
}

static void check_pointers(int fd)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(munmap(page + 4096, 4096) == 0);
    CHECK(syscall(SYS_write, fd, NULL, 1) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_write, fd, KERNEL_ADDRESS, 1) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_write, fd, page + 4096, 1) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_write, fd, page + 4000, 4000) != 4000);
    CHECK(syscall(SYS_open, KERNEL_ADDRESS, 0) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_pipe, KERNEL_ADDRESS) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_stat, "/", KERNEL_ADDRESS) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_read, fd, page, -1L) == -1);
    CHECK(syscall(SYS_write, 999, page, 1) == -1 && errno == EBADF);
    CHECK(close(-1) == -1 && errno == EBADF);
    CHECK(syscall(100000L) == -1 && errno == ENOSYS);
}

static void check_faults(void)
{
    bool clean = true;
    for (size_t i = 0; i < sizeof zeros; i++)
        clean = clean && zeros[i] == 0;
    CHECK(clean);
    CHECK(signal_of(write_text) == SIGSEGV);
    CHECK(signal_of(execute_data) == SIGSEGV);
    CHECK(signal_of(read_kernel) == SIGSEGV);
    CHECK(signal_of(read_null) == SIGSEGV);
}

static void check_fork(void)
{
    int raw = 0;
    pid_t pid = fork();
    if (pid == 0) {
        data_value = 2;
        _exit(data_value + 40);
    }
    CHECK(waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) && WEXITSTATUS(raw) == 42);
    CHECK(data_value == 1);
    CHECK(waitpid(-1, &raw, 0) == -1 && errno == ECHILD);
    int good = 0;
    for (int i = 0; i < 1000; i++) {
        pid = fork();
        if (pid == 0)
            _exit(i & 127);
        good += pid > 0 && waitpid(pid, &raw, 0) == pid && WEXITSTATUS(raw) == (i & 127);
    }
    CHECK(good == 1000);
}

static void check_pipe(void)
{
    int ends[2];
    char byte = 'x';
    CHECK(pipe(ends) == 0);
    struct pollfd poll_set = { .fd = ends[0], .events = POLLIN };
    CHECK(poll(&poll_set, 1, 0) == 0);
    CHECK(write(ends[1], &byte, 1) == 1);
    CHECK(poll(&poll_set, 1, 0) == 1 && poll_set.revents == POLLIN);
    CHECK(read(ends[0], &byte, 1) == 1 && byte == 'x');
    close(ends[1]);
    CHECK(read(ends[0], &byte, 1) == 0);
    close(ends[0]);
    signal(SIGPIPE, on_signal);
    CHECK(pipe(ends) == 0);
    close(ends[0]);
    CHECK(write(ends[1], &byte, 1) == -1 && errno == EPIPE && caught == SIGPIPE);
    close(ends[1]);
}

static void check_signals(void)
{
    int ends[2];
    char byte;
    struct sigaction action = { .sa_handler = on_signal };
    sigset_t set, waiting;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    caught = 0;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && caught == 0);
    CHECK(sigpending(&waiting) == 0 && sigismember(&waiting, SIGUSR1));
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && caught == SIGUSR1);
    CHECK(pipe(ends) == 0);
    alarm(1);
    CHECK(read(ends[0], &byte, 1) == -1 && errno == EINTR && caught == SIGALRM);
    CHECK(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
    close(ends[0]);
    close(ends[1]);
}

static void check_files(void)
{
    char text[8] = { 0 };
    int fd = open("/tmp/abi_data", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    CHECK(fd >= 0 && write(fd, "abc", 3) == 3 && lseek(fd, 0, SEEK_SET) == 0 && write(fd, "d", 1) == 1);
    CHECK(pread(fd, text, 8, 0) == 4 && memcmp(text, "abcd", 4) == 0);
    CHECK(rename("/tmp/abi_data", "/tmp/abi_data2") == 0 && access("/tmp/abi_data", F_OK) == -1);
    CHECK(unlink("/tmp/abi_data2") == 0 && pread(fd, text, 1, 0) == 1);
    CHECK(close(fd) == 0 && open("/tmp/abi_data2", O_RDONLY) == -1 && errno == ENOENT);
}

int main(void)
{
    int fd = open("/tmp/abi_pointers", O_RDWR | O_CREAT, 0600);
    check_pointers(fd);
    unlink("/tmp/abi_pointers");
    check_faults();
    check_fork();
    check_pipe();
    check_signals();
    check_files();
    return check_result();
}
