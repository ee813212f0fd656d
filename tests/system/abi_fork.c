/* fork, vfork and wait: memory is copied, descriptors are shared, identity is new; a thousand
 * children (or as many as the argument says) come and go. */
#include "check.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/times.h>

static long data_value = 1;
static long bss_pages[64][512];

static int wait_for(pid_t pid)
{
    int raw = -1;
    return waitpid(pid, &raw, 0) == pid ? raw : -1;
}

static void check_copies(void)
{
    char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *private = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long *heap = malloc(100000);
    long local = 5;
    *heap = 6;
    private[0] = 'p', private[4096] = 'q';
    for (int i = 0; i < 64; i++)
        bss_pages[i][i] = i;
    pid_t child = fork();
    if (child == 0) {
        bool clean = data_value == 1 && *heap == 6 && local == 5 && private[4096] == 'q';
        for (int i = 0; i < 64; i++)
            clean = clean && bss_pages[i][i] == i;
        data_value = 2, *heap = 7, local = 8, private[0] = 'c', shared[0] = 's';
        pid_t grandchild = fork();
        if (grandchild == 0) {
            clean = clean && data_value == 2 && *heap == 7 && local == 8 && private[0] == 'c' && private[4096] == 'q';
            private[4096] = 'g', data_value = 3, shared[4096] = 't';
            pid_t third = fork();
            if (third == 0)
                _exit(clean && private[4096] == 'g' && data_value == 3 ? 33 : 1);
            _exit(wait_for(third) == 33 << 8 && private[4096] == 'g' ? 22 : 1);
        }
        clean = clean && wait_for(grandchild) == 22 << 8 && data_value == 2 && private[4096] == 'q';
        _exit(clean ? 11 : 1);
    }
    SHOW(wait_for(child));
    CHECK(data_value == 1 && *heap == 6 && local == 5 && private[0] == 'p' && private[4096] == 'q');
    CHECK(shared[0] == 's' && shared[4096] == 't');
    free(heap);
}

/* The parent writes after the fork: the child must keep seeing the old bytes. */
static void check_parent_writes(void)
{
    int ends[2];
    char byte;
    data_value = 100;
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool got = read(ends[0], &byte, 1) == 1;
        _exit(got && data_value == 100 && bss_pages[9][9] == 9 ? 0 : 1);
    }
    data_value = 200, bss_pages[9][9] = 99;
    CHECK(write(ends[1], "x", 1) == 1);
    SHOW(wait_for(pid));
    close(ends[0]);
    close(ends[1]);
}

static void check_files(void)
{
    char text[8] = { 0 };
    int fd = open("offset", O_RDWR | O_CREAT, 0600);
    CHECK(write(fd, "abcdef", 6) == 6 && lseek(fd, 0, SEEK_SET) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool good = read(fd, text, 3) == 3;
        close(fd);
        _exit(!good || fcntl(fd, F_GETFD) != -1);
    }
    SHOW(wait_for(pid));
    SHOW(lseek(fd, 0, SEEK_CUR));
    CHECK(read(fd, text, 3) == 3 && memcmp(text, "def", 3) == 0);
    close(fd);
    unlink("offset");
    umask(027);
    pid = fork();
    if (pid == 0) {
        bool good = umask(0) == 027 && chdir("/") == 0;
        _exit(!good);
    }
    SHOW(wait_for(pid));
    SHOW(umask(022));
}

static void check_vfork(void)
{
    static char *const argv[] = { "/proc/self/exe", "child", NULL };
    volatile long local = 1;
    pid_t pid = vfork();
    if (pid == 0) {
        local = 2; /* the parent's own stack, and the parent waits */
        data_value = 300;
        _exit(17);
    }
    SHOW(local);
    SHOW(data_value);
    SHOW(wait_for(pid));
    pid = vfork();
    if (pid == 0) {
        execv("/proc/self/exe", argv);
        _exit(1);
    }
    SHOW(wait_for(pid));
    pid = vfork();
    if (pid == 0) {
        kill(getpid(), SIGKILL);
        _exit(1);
    }
    SHOW(wait_for(pid));
}

static void check_identity(void)
{
    struct tms used;
    pid_t parent = getpid();
    alarm(100);
    pid_t pid = fork();
    if (pid == 0) {
        bool good = getppid() == parent && getpid() != parent && getpid() == (pid_t)syscall(SYS_gettid);
        good = good && getpgrp() == getpgid(parent) && getsid(0) == getsid(parent) && alarm(0) == 0;
        good = good && times(&used) != -1 && used.tms_cutime == 0;
        _exit(!good);
    }
    SHOW(wait_for(pid));
    CHECK(alarm(0) > 90);
}

static void check_wait(void)
{
    int raw = 12345;
    struct rusage usage;
    siginfo_t info;
    SHOW(waitpid(-1, &raw, 0));
    SHOW(waitpid(getpid(), &raw, 0));
    SHOW(waitpid(-1, &raw, 0x40));
    SHOW(raw);
    pid_t pid = fork();
    if (pid == 0) {
        sleep_ms(60);
        _exit(256 + 3);
    }
    SHOW(waitpid(pid, &raw, WNOHANG));
    SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
    SHOW(info.si_pid);
    SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK(info.si_pid == pid && info.si_signo == SIGCHLD && info.si_uid == getuid());
    SHOW(info.si_code);
    SHOW(info.si_status);
    SHOW(waitid(P_PID, (id_t)pid, &info, 0));
    SHOW(waitid(P_PID, (id_t)pid, &info, 0x80));
    SHOW(waitid((idtype_t)99, 0, &info, WEXITED));
    CHECK(wait4(pid, &raw, 0, &usage) == pid);
    SHOW(raw);
    CHECK(usage.ru_utime.tv_sec == 0);
    SHOW(waitpid(pid, &raw, 0));
    SHOW(waitid(P_ALL, 0, &info, WEXITED));
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        sleep_ms(30);
        _exit(4);
    }
    setpgid(pid, pid);
    SHOW(waitpid(0, &raw, 0)); /* nobody in our own group */
    CHECK(waitpid(-pid, &raw, 0) == pid);
    SHOW(raw);
    SHOW(syscall(SYS_wait4, 0x80000000, &raw, 0, NULL));
    signal(SIGCHLD, SIG_IGN);
    pid = fork();
    if (pid == 0)
        _exit(5);
    SHOW(waitpid(pid, &raw, 0));
    signal(SIGCHLD, SIG_DFL);
    pid = fork();
    if (pid == 0)
        _exit(6);
    sleep_ms(30);
    SHOW(syscall(SYS_wait4, pid, (int *)8, 0, NULL));
    SHOW(waitpid(pid, &raw, 0));
}

static void check_many(int n)
{
    int good = 0, alive = 0;
    pid_t pids[64], highest = 0;
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(i & 127);
        highest = pid > highest ? pid : highest;
        good += pid > 0 && wait_for(pid) == (i & 127) << 8;
    }
    CHECK(good == n && highest < 4194304);
    for (int i = 0; i < 64; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            pause();
            _exit(0);
        }
        for (int j = 0; j < i; j++)
            alive += pids[i] == pids[j];
    }
    SHOW(alive);
    for (int i = 0; i < 64; i++)
        kill(pids[i], SIGTERM);
    good = 0;
    while (wait(&alive) > 0)
        good += alive == SIGTERM;
    SHOW(good);
}

static void check_clone_flags(void)
{

    SHOW(syscall(SYS_clone, 0x10000UL, 0, 0, 0, 0));       /* CLONE_THREAD without SIGHAND */
    SHOW(syscall(SYS_clone, 0x800UL, 0, 0, 0, 0));         /* CLONE_SIGHAND without VM */
    SHOW(syscall(SYS_clone, 0x20200UL | 17, 0, 0, 0, 0));  /* CLONE_NEWNS with FS */
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return 55;
    work_in_tmp("fork");
    check_copies();
    check_parent_writes();
    check_files();
    check_vfork();
    check_identity();
    check_wait();
    check_many(argc > 1 ? atoi(argv[1]) : 1000);
    check_clone_flags();
    return check_result();
}
