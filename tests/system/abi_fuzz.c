/* Random system calls from several processes: whatever they do to themselves, the system must live.
 * The parent sees every child end and then finds pipes, files, memory and clocks as good as before.
 *
 * usage: abi_fuzz [SEED [CALLS [PROCESSES [root]]]]. As nobody unless told otherwise. Left out are calls that act on the whole machine or
 * on processes that are not ours, and those that only end or stop the caller. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

static const unsigned short left_out[] = {
    SYS_exit, SYS_exit_group, SYS_pause, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_vfork, SYS_clone, SYS_fork, SYS_clone3,
    SYS_execve, SYS_execveat, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal,
    SYS_reboot, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_sethostname, SYS_setdomainname,
    SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_syslog, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_iopl, SYS_ioperm, SYS_ptrace, SYS_process_vm_writev, SYS_setpriority,
    SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_prlimit64, SYS_setrlimit, SYS_ioprio_set, SYS_acct, SYS_quotactl,
    SYS_vhangup, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_userfaultfd, SYS_unshare, SYS_setns,
    SYS_move_mount, SYS_fsopen, SYS_fsmount, SYS_open_tree, SYS_fspick, SYS_seccomp, SYS_prctl, SYS_fallocate, SYS_sync, SYS_syncfs,
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_memfd_create, SYS_socket, SYS_socketpair, SYS_mlockall, SYS_mlock, SYS_mlock2,
    SYS_migrate_pages, SYS_move_pages, SYS_setsid, SYS_setpgid, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid,
    SYS_setresgid, SYS_setgroups, SYS_mknod, SYS_mknodat, SYS_msgget, SYS_semget, SYS_shmget, SYS_pidfd_open, SYS_landlock_restrict_self,
};

static uint64_t state;
static volatile long *done; /* calls made so far, shared with the children of one slot */
static char room[65536];
static const char *const paths[] = { ".", "a", "b", "d", "d/x", "link", "nosuch/x", "", "d/../a", "./././b", "/proc/self/maps",
                                     "/proc/self/stat", "/dev/null", "/dev/zero", "/proc/self/fd", "/" };

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static bool is_left_out(long number)
{
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (left_out[i] == number)
            return true;
    return false;
}

static long argument(void)
{
    static const long odd[] = { 0, 1, -1, 4096, 0x7fffffff, (long)0x80000000L, (long)0xffffffff80000000UL, 0x7ffffffff000L,
                                (long)0x8000000000000000UL, 0x7fffffffffffffffL, -4096, 0x100000000L };
    uint64_t r = next();
    switch (r % 9) {
    case 0: return (long)(r >> 8) & 15;              /* a descriptor, a small number */
    case 1: return odd[(r >> 8) % 12];
    case 2: return (long)next();
    case 3: return (long)(room + (r >> 8) % sizeof room);
    case 4: return (long)paths[(r >> 8) % 16];
    case 5: return (long)(room + sizeof room - (r >> 8) % 64); /* runs over the end of the page */
    case 6: return 1L << ((r >> 8) & 63);
    case 7: return (long)(r >> 8 & 0xfff);
    default: return (long)(room + ((r >> 8) % 64) * 64);
    }
}

/* Writes only below the directory made for it: an absolute path is read at most. */
static bool harmless(long number, const long *a)
{
    switch (number) {
    case SYS_truncate: case SYS_rename: case SYS_unlink: case SYS_rmdir: case SYS_link: case SYS_chmod: case SYS_chown:
    case SYS_lchown: case SYS_utime: case SYS_utimes: case SYS_renameat: case SYS_renameat2: case SYS_unlinkat: case SYS_linkat:
    case SYS_fchmodat: case SYS_fchownat: case SYS_utimensat: case SYS_futimesat: case SYS_setxattr: case SYS_lsetxattr:
        for (int i = 0; i < 4; i++)
            if (a[i] == (long)paths[15] || a[i] == (long)paths[12] || a[i] == (long)paths[13])
                return false;
        return true;
    case SYS_fchmod: case SYS_fchown: case SYS_fsetxattr: case SYS_chdir: case SYS_fchdir: case SYS_ioctl:
        return false; /* of inherited descriptors and of the terminal */
    case SYS_alarm: case SYS_setitimer: case SYS_timer_settime:
        return true;
    default:
        return true;
    }
}

static void do_nothing(int signo)
{
    (void)signo;
}

static void fuzz(uint64_t seed, long calls)
{
    struct rlimit memory = { 64 << 20, 64 << 20 }, files = { 32, 32 }, size = { 1 << 20, 1 << 20 };
    struct itimerval tick = { { 0, 20000 }, { 0, 20000 } }; /* nothing may sleep for long */
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_NOFILE, &files);
    setrlimit(RLIMIT_FSIZE, &size);
    state = (seed + (uint64_t)*done * 104729) * 0x9e3779b97f4a7c15u + 1;
    for (int fd = 0; fd < 8; fd++)
        close(fd);
    long first = *done;
    for (long i = *done; i < calls; i = ++*done) {
        long number = (long)(next() % 470), a[6];
        for (int j = 0; j < 6; j++)
            a[j] = argument();
        if (is_left_out(number) || !harmless(number, a))
            continue;
        if (i % 64 == 0 || i == first) {
            struct sigaction interrupt = { .sa_handler = do_nothing };
            sigaction(SIGALRM, &interrupt, NULL);
            setitimer(ITIMER_REAL, &tick, NULL);
        }
        syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    _exit(0);
}

static void make_files(void)
{
    int fd = open("a", O_CREAT | O_RDWR, 0644);
    (void)!write(fd, room, 5000);
    close(fd);
    close(open("b", O_CREAT | O_RDWR, 0644));
    mkdir("d", 0755);
    (void)!symlink("a", "link");
}

static void remove_all(const char *path)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/busybox", "busybox", "rm", "-rf", path, (char *)NULL);
        execl("/bin/rm", "rm", "-rf", path, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static int count_ended(int limit_ms, int missing)
{
    int ended = 0;
    for (int ms = 0; ended < missing && ms < limit_ms; ms++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ended++;
        if (ended < missing)
            sleep_ms(1);
    }
    return ended;
}

/* Makes all the calls of one slot: a child that died of one of them is followed by another. One that
 * has put itself to sleep must still be killable. */
static void run_slot(int slot, uint64_t seed, long calls, bool as_root)
{
    char name[16];
    snprintf(name, sizeof name, "p%d", slot);
    if (mkdir(name, 0755) != 0 || chdir(name) != 0)
        _exit(1);
    make_files();
    if (!as_root && getuid() == 0 && (chown(".", 65534, 65534) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(1);
    done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (*done < calls) {
        pid_t pid = fork();
        if (pid == 0)
            fuzz(seed + (uint64_t)slot * 7919, calls);
        if (count_ended(1500, 1) == 0 && (kill(pid, SIGKILL) != 0 || count_ended(10000, 1) == 0))
            _exit(2);
        ++*done; /* past the call that it died of */
    }
    _exit(0);
}

static int run_slots(uint64_t seed, long calls, int processes, bool as_root)
{
    int good = 0, raw;
    for (int i = 0; i < processes; i++) {
        fflush(stdout);
        if (fork() == 0)
            run_slot(i, seed, calls, as_root);
    }
    while (wait(&raw) > 0)
        good += raw == 0;
    return good;
}

static void check_alive(void)
{
    int ends[2], raw = -1;
    char byte = 0;
    CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'x');
    char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && (page[12345] = 1) == 1 && page[99999] == 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(9);
    CHECK(waitpid(pid, &raw, 0) == pid && WEXITSTATUS(raw) == 9);
    unsigned long before = now_us();
    sleep_ms(10);
    CHECK(now_us() - before >= 10000);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    long calls = argc > 2 ? atol(argv[2]) : 2000;
    int processes = argc > 3 ? atoi(argv[3]) : 4;
    processes = processes < 256 ? processes : 256;
    work_in_tmp("fuzz");
    CHECK(run_slots(seed, calls, processes, argc > 4) == processes);
    check_alive();
    char name[16];
    for (int i = 0; i < processes; i++) {
        snprintf(name, sizeof name, "p%d", i);
        remove_all(name);
    }
    return check_result();
}
