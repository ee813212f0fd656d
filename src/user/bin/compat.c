/* compat: what programs asked the kernel for and did not get, from /proc/compat. The kernel gives numbers; the names
 * of requests, and which gaps a program is known to live with, are tables here. */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct gap { char program[72], call[32], what[264]; unsigned long times; int answer; };
struct list { struct gap *gaps; size_t count; };

/* A detail's name. Sockets: family << 32 | type, level << 32 | option. */
static const struct { const char *call; unsigned long what; const char *name; } names[] = {
    { "ioctl", 0x5409, "TCSBRK" }, { "ioctl", 0x540a, "TCXONC" }, { "ioctl", 0x5412, "TIOCSTI" },
    { "ioctl", 0x5422, "TIOCEXCL" }, { "ioctl", 0x541d, "TIOCCONS" }, { "ioctl", 0x5423, "TIOCGETD" },
    { "ioctl", 0x5430, "TIOCGPTN" }, { "ioctl", 0x4b3a, "KDSETMODE" }, { "ioctl", 0x4b44, "KDGKBMODE" },
    { "ioctl", 0x4b46, "KDGKBENT" }, { "ioctl", 0x4b33, "KDGKBTYPE" }, { "ioctl", 0x4b72, "KDFONTOP" },
    { "ioctl", 0x5603, "VT_GETSTATE" }, { "ioctl", 0x5600, "VT_OPENQRY" }, { "ioctl", 0x5452, "FIOASYNC" },
    { "ioctl", 0x40049409, "FICLONE" }, { "ioctl", 0xc020660b, "FS_IOC_FIEMAP" },
    { "ioctl", 0x80086601, "FS_IOC_GETFLAGS" }, { "ioctl", 0x40086602, "FS_IOC_SETFLAGS" },
    { "ioctl", 0x801c581f, "FS_IOC_FSGETXATTR" }, { "ioctl", 0x80081272, "BLKGETSIZE64" },
    { "ioctl", 0x1260, "BLKGETSIZE" }, { "ioctl", 0x1268, "BLKSSZGET" }, { "ioctl", 0x8912, "SIOCGIFCONF" },
    { "ioctl", 0x8913, "SIOCGIFFLAGS" }, { "ioctl", 0x8915, "SIOCGIFADDR" }, { "ioctl", 0x8921, "SIOCGIFMTU" },
    { "ioctl", 0x8927, "SIOCGIFHWADDR" }, { "fcntl", 5, "F_GETLK" }, { "fcntl", 6, "F_SETLK" },
    { "fcntl", 7, "F_SETLKW" }, { "fcntl", 8, "F_SETOWN" }, { "fcntl", 9, "F_GETOWN" }, { "fcntl", 10, "F_SETSIG" },
    { "fcntl", 15, "F_SETOWN_EX" }, { "fcntl", 37, "F_OFD_SETLK" }, { "fcntl", 1024, "F_SETLEASE" },
    { "fcntl", 1025, "F_GETLEASE" }, { "fcntl", 1026, "F_NOTIFY" }, { "fcntl", 1036, "F_SET_RW_HINT" },
    { "prctl", 22, "PR_SET_SECCOMP" }, { "prctl", 24, "PR_CAPBSET_DROP" }, { "prctl", 35, "PR_SET_MM" },
    { "prctl", 41, "PR_SET_THP_DISABLE" }, { "prctl", 52, "PR_GET_SPECULATION_CTRL" },
    { "prctl", 53, "PR_SET_SPECULATION_CTRL" }, { "prctl", 59, "PR_SET_SYSCALL_USER_DISPATCH" },
    { "prctl", 62, "PR_SCHED_CORE" }, { "prctl", 65, "PR_SET_MDWE" }, { "prctl", 0x53564d41, "PR_SET_VMA" },
    { "madvise", 9, "MADV_REMOVE" }, { "madvise", 25, "MADV_COLLAPSE" }, { "madvise", 100, "MADV_HWPOISON" },
    { "futex", 6, "FUTEX_LOCK_PI" }, { "futex", 7, "FUTEX_UNLOCK_PI" }, { "futex", 8, "FUTEX_TRYLOCK_PI" },
    { "futex", 11, "FUTEX_WAIT_REQUEUE_PI" }, { "futex", 12, "FUTEX_CMP_REQUEUE_PI" },
    { "arch_prctl", 0x1001, "ARCH_SET_GS" }, { "arch_prctl", 0x1004, "ARCH_GET_GS" },
    { "arch_prctl", 0x3001, "ARCH_CET_STATUS" }, { "arch_prctl", 0x5001, "ARCH_SHSTK_ENABLE" },
    { "arch_prctl", 0x5005, "ARCH_SHSTK_STATUS" }, { "renameat2", 2, "RENAME_EXCHANGE" },
    { "renameat2", 4, "RENAME_WHITEOUT" }, { "pipe2", 0x4000, "O_DIRECT" },
    { "personality", 0x40000, "ADDR_NO_RANDOMIZE" }, { "memfd_create", 4, "MFD_HUGETLB" },
};

/* What programs ask for to be faster or nosier, and do without. NULL: whatever the detail. */
static const struct { const char *call, *what, *why; } harmless[] = {
    { "rseq", NULL, "the C library asks at every start and does without" },
    { "arch_prctl", "0x3001", "the C library asks for shadow stacks at every start" },
    { "prctl", "0x53564d41", "a name for memory that debuggers show" },
    { "ioctl", "0x40049409", "cp copies the bytes instead" },
    { "ioctl", "0x40086d01", "tar asks whether it writes to a tape" },
    { "ioctl", "0x5603", "nano asks whether the console is a virtual one" },
    { "prctl", "0x29", "there are no huge pages" },
    { NULL, "/sys/devices/system/memory", "memory comes and goes nowhere" },
    { NULL, "/proc/slabinfo", "slabtop alone reads it" },
    { NULL, "/proc/PID/ctty", "ps finds terminals by their number" },
    { NULL, "/proc/tty/drivers", "ps finds terminals by their number" },
    { NULL, "/proc/PID/ns/", "there are no name spaces" }, { NULL, "/proc/self/ns/", "there are no name spaces" },
    { NULL, "/dev/mem", "the firmware's tables are not shown" },
    { NULL, "/sys/firmware/", "the firmware's tables are not shown" },
    { NULL, "/proc/efi/", "the firmware's tables are not shown" }, { NULL, "/proc/fs/nfs/", "there is no NFS" },
    { NULL, "/sys/devices/system/clocksource", "only a warning hangs on it" },
    { NULL, "/proc/net/ax25", "a network nobody has" }, { NULL, "/proc/net/ipx", "a network nobody has" },
    { NULL, "/proc/net/nr", "a network nobody has" }, { NULL, "/proc/net/rose", "a network nobody has" },
    { NULL, "/proc/net/x25", "a network nobody has" }, { NULL, "/proc/net/sctp", "a network nobody has" },
    { NULL, "/proc/net/udplite", "a network nobody has" }, { NULL, "/proc/net/appletalk", "a network nobody has" },
    { NULL, "/proc/sys/net/ash", "a network nobody has" }, { NULL, "/proc/sys/net/econet", "a network nobody has" },
    { "set_mempolicy", NULL, "there is one memory node" }, { "get_mempolicy", NULL, "there is one memory node" },
    { "mbind", NULL, "there is one memory node" }, { "io_uring_setup", NULL, "programs fall back to read and write" },
    { "pkey_alloc", NULL, "programs do without keys" },
    { "landlock_create_ruleset", NULL, "programs run without this sandbox" },
    { "seccomp", NULL, "programs run without this filter" }, { NULL, "/sys/fs/selinux", "there is no SELinux" },
    { NULL, "/proc/PID/coredump_filter", "the kernel writes no core files" },
    { NULL, "/proc/self/coredump_filter", "the kernel writes no core files" },
    { NULL, "/proc/cgroups", "there are no control groups" },
    { "io_setup", NULL, "programs fall back to read and write" },
    { NULL, "/dev/console1", "ps tries names made of a driver's and a number" },
    { "socket", "0x1000000003", "there is no audit that su and sudo could tell" },
    { NULL, "/proc/sys/kernel/seccomp/", "programs run without this filter" },
    { NULL, "/sys/fs/selinux/", "there is no SELinux" },
    { NULL, "/proc/sys/crypto/fips_enabled", "there is no FIPS mode" },
    { NULL, "/proc/sys/kernel/ngroups_max", "the C library knows a bound" },
    { NULL, "/proc/self/loginuid", "there is no audit" }, { NULL, "/proc/self/attr/", "there is no security module" },
    { NULL, "/proc/PID/attr/", "there is no security module" },
    { NULL, "/sys/kernel/mm/transparent_hugepage", "there are no huge pages" },
    { NULL, "/sys/kernel/mm/hugepages", "there are no huge pages" },
    { NULL, "/sys/devices/system/node", "there is one memory node" },
    { NULL, "/sys/fs/cgroup", "there are no control groups" }, { NULL, "/dev/log", "nobody collects messages" },
    { NULL, "/dev/sgx", "there are no enclaves" }, { NULL, "/dev/dri", "there is no graphics device" },
};

static void *grow(void *old, size_t bytes)
{
    void *fresh = realloc(old, bytes);
    if (!fresh)
        die("memory");
    return fresh;
}

static struct list gaps_read(void)
{
    struct list all = { NULL, 0 };
    char line[512];
    FILE *f = fopen("/proc/compat", "r");
    if (!f)
        die("/proc/compat");
    while (fgets(line, sizeof line, f)) {
        struct gap g;
        if (sscanf(line, "%71s %lu %d %31s %263s", g.program, &g.times, &g.answer, g.call, g.what) != 5)
            continue;
        all.gaps = grow(all.gaps, (all.count + 1) * sizeof g);
        all.gaps[all.count++] = g;
    }
    fclose(f);
    return all;
}

static bool same(const struct gap *a, const struct gap *b)
{
    return !strcmp(a->program, b->program) && a->answer == b->answer && !strcmp(a->call, b->call) &&
        !strcmp(a->what, b->what);
}

/* What came since `before` was read. */
static void subtract(struct list *all, const struct list *before)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < before->count; k++)
            if (same(&all->gaps[i], &before->gaps[k]))
                all->gaps[i].times -= before->gaps[k].times;
}

static const char *detail_name(const struct gap *g)
{
    if (strncmp(g->what, "0x", 2) != 0)
        return g->what;
    unsigned long what = strtoul(g->what, NULL, 16);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].what == what && !strcmp(names[i].call, g->call))
            return names[i].name;
    return g->what;
}

static const char *why_harmless(const struct gap *g)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        const char *call = harmless[i].call, *what = harmless[i].what;
        if (call && strcmp(call, g->call) != 0)
            continue;
        if (!what || (call ? !strcmp(what, g->what) : !strncmp(what, g->what, strlen(what))))
            return harmless[i].why;
    }
    return NULL;
}

static int by_program(const void *a, const void *b)
{
    const struct gap *x = a, *y = b;
    int d = strcmp(x->program, y->program);
    return d ? d : x->times != y->times ? (x->times < y->times ? 1 : -1) : strcmp(x->what, y->what);
}

static void print_gap(const struct gap *g)
{
    const char *detail = detail_name(g), *why = why_harmless(g);
    if (!strcmp(g->program, "-")) {
        printf("(%lu more found no room in the kernel's table)\n", g->times);
        return;
    }
    printf("%-15s %6lu  %s%s%s: %s", g->program, g->times, g->call, strcmp(detail, "-") ? " " : "",
           strcmp(detail, "-") ? detail : "", strerror(g->answer));
    printf(why ? " (harmless: %s)\n" : "%s\n", why ? why : "");
}

static bool wanted(const struct gap *g, char **programs)
{
    if (g->times == 0)
        return false;
    for (char **p = programs; *p; p++)
        if (!strcmp(*p, g->program))
            return true;
    return !*programs;
}

static void print_list(struct list *all, char **programs)
{
    size_t shown = 0;
    qsort(all->gaps, all->count, sizeof *all->gaps, by_program);
    for (size_t i = 0; i < all->count; i++)
        if (wanted(&all->gaps[i], programs)) {
            if (shown++ == 0)
                printf("%-15s %6s  %s\n", "PROGRAM", "TIMES", "WHAT, AND THE ANSWER");
            print_gap(&all->gaps[i]);
        }
    if (shown == 0)
        printf("nothing was asked for in vain\n");
}

static int run(char **argv)
{
    struct list before = gaps_read();
    int status = 0;
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            die("wait");
    struct list after = gaps_read();
    subtract(&after, &before);
    print_list(&after, (char *[]){ NULL });
    flush_output();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    bool have[128] = { false };
    tool_init(argv, "usage: compat [NAME...]\n       compat -x PROGRAM [ARGUMENT...]\n"
                    "List what programs (of these names) asked the kernel for and did not get: system calls, their options,\n"
                    "files in /proc, /sys and /dev; how often, and what they were answered.\n"
                    "  -x   run PROGRAM and list what came up meanwhile; the status is the program's\n");
    int first = parse_flags(argc, argv, "x", have);
    if (have['x'] && first >= argc)
        die_usage();
    if (have['x'])
        return run(argv + first);
    struct list all = gaps_read();
    print_list(&all, argv + first);
    return flush_output();
}
