/* Arguments by kind: one row of `kinds` for each word that syscalls.tbl uses. Structures are read
 * from the tracee's memory; what cannot be read is shown as its address. */
#include "trace.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STRINGS_MAX 16 /* of an argument vector */

struct place { const struct tracee *t; int index; uint64_t value; int64_t result; };
typedef unsigned long long ull;

size_t memory_read(pid_t pid, uint64_t addr, void *to, size_t n)
{
    struct iovec local = { to, n }, remote = { (void *)(uintptr_t)addr, n };
    ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return got < 0 ? 0 : (size_t)got;
}

static bool fetch(const struct place *p, void *to, size_t n)
{
    if (!p->value) {
        fputs("NULL", options.out);
        return false;
    }
    if (memory_read(p->t->pid, p->value, to, n) == n)
        return true;
    fprintf(options.out, "%#llx", (ull)p->value);
    return false;
}

void put_quoted(const unsigned char *bytes, size_t n, bool cut)
{
    fputc('"', options.out);
    for (size_t i = 0; i < n; i++) {
        static const char special[] = "\a\b\f\n\r\t\v\"\\", letters[] = "abfnrtv\"\\";
        const char *s = bytes[i] ? strchr(special, bytes[i]) : NULL;
        bool digit_follows = i + 1 < n && bytes[i + 1] >= '0' && bytes[i + 1] <= '9';
        if (s)
            fprintf(options.out, "\\%c", letters[s - special]);
        else if (bytes[i] >= ' ' && bytes[i] < 127)
            fputc(bytes[i], options.out);
        else
            fprintf(options.out, digit_follows ? "\\%03o" : "\\%o", bytes[i]);
    }
    fputs(cut ? "\"..." : "\"", options.out);
}

/* --- numbers --- */

static void put_int(const struct place *p) { fprintf(options.out, "%d", (int)p->value); }
static void put_uint(const struct place *p) { fprintf(options.out, "%u", (unsigned)p->value); }
static void put_long(const struct place *p) { fprintf(options.out, "%lld", (long long)p->value); }
static void put_size(const struct place *p) { fprintf(options.out, "%llu", (ull)p->value); }
static void put_hex(const struct place *p) { fprintf(options.out, p->value ? "%#llx" : "%llx", (ull)p->value); }
static void put_mode(const struct place *p) { fprintf(options.out, "%#03o", (unsigned)p->value); }
static void put_pointer(const struct place *p) { p->value ? put_hex(p) : (void)fputs("NULL", options.out); }
static void put_signal(const struct place *p) { fputs(signal_name((int)p->value), options.out); }

static void put_dirfd(const struct place *p)
{
    if ((int)p->value == AT_FDCWD)
        fputs("AT_FDCWD", options.out);
    else
        put_int(p);
}

/* --- bytes and strings --- */

static void put_string_at(const struct place *p, uint64_t addr, size_t max)
{
    unsigned char text[4096];
    size_t want = max < sizeof text ? max + 1 : sizeof text;
    size_t got = memory_read(p->t->pid, addr, text, want);
    size_t page = 4096 - addr % 4096;
    if (got == 0 && page < want) /* the page behind it may not be there */
        got = memory_read(p->t->pid, addr, text, page);
    if (got == 0) {
        fprintf(options.out, "%#llx", (ull)addr);
        return;
    }
    size_t len = strnlen((char *)text, got);
    bool cut = len > max || (len == got && got == want);
    put_quoted(text, len > max ? max : len, cut);
}

static void put_path(const struct place *p)
{
    if (p->value)
        put_string_at(p, p->value, 4095);
    else
        fputs("NULL", options.out);
}

static void put_result_string(const struct place *p)
{
    if (p->result < 0)
        put_pointer(p);
    else
        put_path(p);
}

static void put_bytes_at(const struct place *p, uint64_t addr, uint64_t n)
{
    unsigned char bytes[4096];
    size_t want = n < options.string_max ? (size_t)n : options.string_max;
    if (want > sizeof bytes)
        want = sizeof bytes;
    size_t got = memory_read(p->t->pid, addr, bytes, want);
    if (got < want)
        fprintf(options.out, "%#llx", (ull)addr);
    else
        put_quoted(bytes, got, got < n);
}

/* Going in, the next argument is their number; coming out, the result is. */
static void put_bytes(const struct place *p)
{
    bool out = !p->t->in_call;
    if (!p->value || (out && p->result < 0))
        put_pointer(p);
    else
        put_bytes_at(p, p->value, out ? (uint64_t)p->result : p->t->args[p->index + 1]);
}

static void put_strings(const struct place *p)
{
    uint64_t at[STRINGS_MAX + 1];
    size_t got = memory_read(p->t->pid, p->value, at, sizeof at) / sizeof *at;
    for (size_t n = STRINGS_MAX; got == 0 && n > 0; n--) /* the vector may end where its page does */
        got = memory_read(p->t->pid, p->value, at, n * sizeof *at) / sizeof *at;
    if (!p->value || got == 0) {
        put_pointer(p);
        return;
    }
    fputc('[', options.out);
    for (size_t i = 0; i < got && at[i]; i++) {
        fputs(i ? ", " : "", options.out);
        if (i == STRINGS_MAX) {
            fputs("...", options.out);
            break;
        }
        put_string_at(p, at[i], options.string_max);
    }
    fputc(']', options.out);
}

static void put_vars(const struct place *p)
{
    uint64_t at;
    unsigned n = 0;
    while (n < 4096 && memory_read(p->t->pid, p->value + n * sizeof at, &at, sizeof at) == sizeof at && at)
        n++;
    put_pointer(p);
    if (p->value)
        fprintf(options.out, " /* %u vars */", n);
}

static void put_iovec(const struct place *p)
{
    struct iovec iov[8];
    uint64_t count = p->t->args[p->index + 1], left = p->t->in_call ? UINT64_MAX : (uint64_t)p->result;
    size_t n = count < 8 ? (size_t)count : 8;
    if ((!p->t->in_call && p->result < 0) || !fetch(p, iov, n * sizeof *iov)) {
        if (!p->t->in_call && p->result < 0)
            put_pointer(p);
        return;
    }
    fputc('[', options.out);
    for (size_t i = 0; i < n; i++) {
        uint64_t len = iov[i].iov_len < left ? iov[i].iov_len : left;
        left -= len;
        fputs(i ? ", {" : "{", options.out);
        put_bytes_at(p, (uint64_t)(uintptr_t)iov[i].iov_base, len);
        fprintf(options.out, ", %zu}", iov[i].iov_len);
    }
    fputs(count > n ? ", ...]" : "]", options.out);
}

/* --- structures --- */

static void put_stat(const struct place *p)
{
    static const struct name types[] = { { S_IFREG, "S_IFREG" }, { S_IFDIR, "S_IFDIR" }, { S_IFLNK, "S_IFLNK" },
        { S_IFCHR, "S_IFCHR" }, { S_IFBLK, "S_IFBLK" }, { S_IFIFO, "S_IFIFO" }, { S_IFSOCK, "S_IFSOCK" } };
    struct stat st; /* the C library's is the kernel's on x86-64 */
    if (p->result < 0) {
        put_pointer(p);
        return;
    }
    if (!fetch(p, &st, sizeof st))
        return;
    fputs("{st_mode=", options.out);
    put_choice(ARRAY(types), st.st_mode & S_IFMT);
    fprintf(options.out, "|%#03o, ", st.st_mode & 07777);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        fprintf(options.out, "st_rdev=%#llx, ...}", (ull)st.st_rdev);
    else
        fprintf(options.out, "st_size=%lld, ...}", (long long)st.st_size);
}

static void put_two(const struct place *p, const char *first, const char *second)
{
    int64_t v[2];
    if (p->result < 0 && !p->t->in_call)
        put_pointer(p);
    else if (fetch(p, v, sizeof v))
        fprintf(options.out, "{%s=%lld, %s=%lld}", first, (long long)v[0], second, (long long)v[1]);
}
static void put_timespec(const struct place *p) { put_two(p, "tv_sec", "tv_nsec"); }
static void put_timeval(const struct place *p) { put_two(p, "tv_sec", "tv_usec"); }

static void put_limit(uint64_t v)
{
    if (v == UINT64_MAX)
        fputs("RLIM64_INFINITY", options.out);
    else
        fprintf(options.out, v && v % 1024 == 0 ? "%llu*1024" : "%llu", (ull)(v && v % 1024 == 0 ? v / 1024 : v));
}

static void put_limits(const struct place *p)
{
    uint64_t v[2];
    if (p->result < 0) {
        put_pointer(p);
        return;
    }
    if (!fetch(p, v, sizeof v))
        return;
    fputs("{rlim_cur=", options.out);
    put_limit(v[0]);
    fputs(", rlim_max=", options.out);
    put_limit(v[1]);
    fputc('}', options.out);
}

static void put_fdpair(const struct place *p)
{
    int fd[2];
    if (p->result < 0)
        put_pointer(p);
    else if (fetch(p, fd, sizeof fd))
        fprintf(options.out, "[%d, %d]", fd[0], fd[1]);
}

static void put_signal_set(uint64_t set)
{
    const char *separator = "";
    bool most = __builtin_popcountll(set) > 32;
    fputs(most ? "~[" : "[", options.out);
    for (int sig = 1; sig <= 64; sig++)
        if ((set >> (sig - 1) & 1) != most) {
            const char *name = signal_name(sig);
            fprintf(options.out, "%s%s", separator, strncmp(name, "SIG", 3) == 0 ? name + 3 : name);
            separator = " ";
        }
    fputc(']', options.out);
}

static void put_sigset(const struct place *p)
{
    uint64_t set;
    if (p->result < 0 && !p->t->in_call)
        put_pointer(p);
    else if (fetch(p, &set, sizeof set))
        put_signal_set(set);
}

static void put_sigaction(const struct place *p)
{
    static const struct name flags[] = { { SA_RESTART, "SA_RESTART" }, { SA_SIGINFO, "SA_SIGINFO" },
        { SA_NOCLDSTOP, "SA_NOCLDSTOP" }, { SA_NOCLDWAIT, "SA_NOCLDWAIT" }, { SA_ONSTACK, "SA_ONSTACK" },
        { SA_NODEFER, "SA_NODEFER" }, { SA_RESETHAND, "SA_RESETHAND" }, { 0x04000000, "SA_RESTORER" } };
    struct { uint64_t handler, flags, restorer, mask; } a; /* the kernel's own */
    if (p->result < 0 && !p->t->in_call) {
        put_pointer(p);
        return;
    }
    if (!fetch(p, &a, sizeof a))
        return;
    fputs("{sa_handler=", options.out);
    if (a.handler < 2)
        fputs(a.handler ? "SIG_IGN" : "SIG_DFL", options.out);
    else
        fprintf(options.out, "%#llx", (ull)a.handler);
    fputs(", sa_mask=", options.out);
    put_signal_set(a.mask);
    fputs(", sa_flags=", options.out);
    put_flags(ARRAY(flags), a.flags, "0");
    fputc('}', options.out);
}

static void put_waitstatus(const struct place *p)
{
    int s;
    if (p->result <= 0) {
        put_pointer(p);
        return;
    }
    if (!fetch(p, &s, sizeof s))
        return;
    if (WIFEXITED(s))
        fprintf(options.out, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(s));
    else if (WIFSIGNALED(s))
        fprintf(options.out, "[{WIFSIGNALED(s) && WTERMSIG(s) == %s}]", signal_name(WTERMSIG(s)));
    else if (WIFSTOPPED(s))
        fprintf(options.out, "[{WIFSTOPPED(s) && WSTOPSIG(s) == %s}]", signal_name(WSTOPSIG(s) & 0x7f));
    else
        fprintf(options.out, s == 0xffff ? "[{WIFCONTINUED(s)}]" : "[%#x]", s);
}

static void put_pollfds(const struct place *p)
{
    static const struct name events[] = { { POLLIN, "POLLIN" }, { POLLPRI, "POLLPRI" }, { POLLOUT, "POLLOUT" },
        { POLLERR, "POLLERR" }, { POLLHUP, "POLLHUP" }, { POLLNVAL, "POLLNVAL" } };
    struct pollfd fds[8];
    uint64_t count = p->t->args[p->index + 1];
    size_t n = count < 8 ? (size_t)count : 8;
    if (!fetch(p, fds, n * sizeof *fds))
        return;
    fputc('[', options.out);
    for (size_t i = 0; i < n; i++) {
        fprintf(options.out, "%s{fd=%d, events=", i ? ", " : "", fds[i].fd);
        put_flags(ARRAY(events), (uint16_t)fds[i].events, "0");
        fputc('}', options.out);
    }
    fputs(count > n ? ", ...]" : "]", options.out);
}

/* --- flags and choices --- */

#define V(name) { name, #name }
static const struct name open_flags[] = { V(O_CREAT), V(O_EXCL), V(O_NOCTTY), V(O_TRUNC), V(O_APPEND), V(O_NONBLOCK),
    V(O_SYNC), V(O_DSYNC), { 020000000 | O_DIRECTORY, "O_TMPFILE" }, V(O_DIRECTORY), V(O_NOFOLLOW), V(O_CLOEXEC),
    V(O_DIRECT), { 0100000, "O_LARGEFILE" }, V(O_NOATIME), V(O_PATH) };

static void put_open(const struct place *p)
{
    static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
    uint64_t rest = p->value & ~3ull & UINT32_MAX;
    fputs(modes[p->value & 3], options.out);
    if (!rest)
        return;
    fputc('|', options.out);
    put_flags(ARRAY(open_flags), rest, "0");
}

#define FLAGS(kind, zero, ...)                                                               \
    static void put_##kind(const struct place *p)                                            \
    {                                                                                        \
        static const struct name names[] = { __VA_ARGS__ };                                  \
        put_flags(ARRAY(names), (uint32_t)p->value, zero);                                   \
    }
#define CHOICE(kind, ...)                                                                    \
    static void put_##kind(const struct place *p)                                            \
    {                                                                                        \
        static const struct name names[] = { __VA_ARGS__ };                                  \
        put_choice(ARRAY(names), (uint32_t)p->value);                                        \
    }

FLAGS(prot, "PROT_NONE", V(PROT_READ), V(PROT_WRITE), V(PROT_EXEC))
FLAGS(map, "0", V(MAP_SHARED_VALIDATE), V(MAP_SHARED), V(MAP_PRIVATE), V(MAP_FIXED_NOREPLACE), V(MAP_FIXED), V(MAP_ANONYMOUS),
      V(MAP_GROWSDOWN), V(MAP_DENYWRITE), V(MAP_LOCKED), V(MAP_NORESERVE), V(MAP_POPULATE), V(MAP_STACK))
FLAGS(at, "0", V(AT_SYMLINK_NOFOLLOW), V(AT_REMOVEDIR), V(AT_SYMLINK_FOLLOW), V(AT_NO_AUTOMOUNT), V(AT_EMPTY_PATH))
FLAGS(access, "F_OK", V(R_OK), V(W_OK), V(X_OK))
FLAGS(wait, "0", V(WNOHANG), V(WUNTRACED), V(WEXITED), V(WCONTINUED), V(WNOWAIT), { 0x20000000, "__WNOTHREAD" },
      { 0x40000000, "__WALL" }, { 0x80000000, "__WCLONE" })
CHOICE(whence, V(SEEK_SET), V(SEEK_CUR), V(SEEK_END), { 3, "SEEK_DATA" }, { 4, "SEEK_HOLE" })
CHOICE(sighow, V(SIG_BLOCK), V(SIG_UNBLOCK), V(SIG_SETMASK))
CHOICE(clock, V(CLOCK_REALTIME), V(CLOCK_MONOTONIC), V(CLOCK_PROCESS_CPUTIME_ID), V(CLOCK_THREAD_CPUTIME_ID),
       V(CLOCK_MONOTONIC_RAW), V(CLOCK_REALTIME_COARSE), V(CLOCK_MONOTONIC_COARSE), V(CLOCK_BOOTTIME))
CHOICE(rlimit, V(RLIMIT_CPU), V(RLIMIT_FSIZE), V(RLIMIT_DATA), V(RLIMIT_STACK), V(RLIMIT_CORE), V(RLIMIT_RSS),
       V(RLIMIT_NPROC), V(RLIMIT_NOFILE), V(RLIMIT_MEMLOCK), V(RLIMIT_AS), V(RLIMIT_SIGPENDING), V(RLIMIT_NICE),
       V(RLIMIT_RTPRIO))
CHOICE(fcntl, V(F_DUPFD), V(F_GETFD), V(F_SETFD), V(F_GETFL), V(F_SETFL), V(F_GETLK), V(F_SETLK), V(F_SETLKW), V(F_SETOWN),
       V(F_GETOWN), V(F_DUPFD_CLOEXEC), { 1031, "F_SETPIPE_SZ" }, { 1032, "F_GETPIPE_SZ" }, { 1033, "F_ADD_SEALS" },
       { 1034, "F_GET_SEALS" })
CHOICE(madvise, V(MADV_NORMAL), V(MADV_RANDOM), V(MADV_SEQUENTIAL), V(MADV_WILLNEED), V(MADV_DONTNEED), { 8, "MADV_FREE" },
       V(MADV_DONTFORK), V(MADV_DOFORK), V(MADV_HUGEPAGE), V(MADV_NOHUGEPAGE))
CHOICE(ioctl, { 0x5401, "TCGETS" }, { 0x5402, "TCSETS" }, { 0x5403, "TCSETSW" }, { 0x5404, "TCSETSF" },
       { 0x540e, "TIOCSCTTY" },
       { 0x540f, "TIOCGPGRP" }, { 0x5410, "TIOCSPGRP" }, { 0x5413, "TIOCGWINSZ" }, { 0x5414, "TIOCSWINSZ" },
       { 0x541b, "FIONREAD" },
       { 0x5421, "FIONBIO" }, { 0x5429, "TIOCGSID" }, { 0x5450, "FIONCLEX" }, { 0x5451, "FIOCLEX" })
CHOICE(archprctl, { 0x1001, "ARCH_SET_GS" }, { 0x1002, "ARCH_SET_FS" }, { 0x1003, "ARCH_GET_FS" },
       { 0x1004, "ARCH_GET_GS" })
CHOICE(ptrace, V(PTRACE_TRACEME), V(PTRACE_PEEKTEXT), V(PTRACE_PEEKDATA), V(PTRACE_PEEKUSER), V(PTRACE_POKETEXT),
       V(PTRACE_POKEDATA), V(PTRACE_POKEUSER), V(PTRACE_CONT), V(PTRACE_KILL), V(PTRACE_SINGLESTEP), V(PTRACE_GETREGS),
       V(PTRACE_SETREGS), V(PTRACE_ATTACH), V(PTRACE_DETACH), V(PTRACE_SYSCALL), V(PTRACE_SETOPTIONS), V(PTRACE_GETEVENTMSG),
       V(PTRACE_GETSIGINFO), V(PTRACE_GETREGSET), V(PTRACE_SEIZE), V(PTRACE_INTERRUPT), V(PTRACE_LISTEN),
       { 0x420e, "PTRACE_GET_SYSCALL_INFO" })

static void put_clone(const struct place *p)
{
    static const struct name names[] = { V(CLONE_VM), V(CLONE_FS), V(CLONE_FILES), V(CLONE_SIGHAND), V(CLONE_PTRACE),
        V(CLONE_VFORK), V(CLONE_PARENT), V(CLONE_THREAD), V(CLONE_SYSVSEM), V(CLONE_SETTLS), V(CLONE_PARENT_SETTID),
        V(CLONE_CHILD_CLEARTID), V(CLONE_DETACHED), V(CLONE_CHILD_SETTID) };
    put_flags(ARRAY(names), p->value & ~0xffull & UINT32_MAX, "0");
    if (p->value & 0xff)
        fprintf(options.out, "|%s", signal_name((int)(p->value & 0xff)));
}

static void put_futex(const struct place *p)
{
    static const struct name names[] = { { 0, "FUTEX_WAIT" }, { 1, "FUTEX_WAKE" }, { 3, "FUTEX_REQUEUE" },
                                         { 4, "FUTEX_CMP_REQUEUE" },
        { 5, "FUTEX_WAKE_OP" }, { 6, "FUTEX_LOCK_PI" }, { 7, "FUTEX_UNLOCK_PI" }, { 8, "FUTEX_TRYLOCK_PI" },
        { 9, "FUTEX_WAIT_BITSET" }, { 10, "FUTEX_WAKE_BITSET" } };
    put_choice(ARRAY(names), p->value & 0x7f);
    fputs(p->value & 128 ? "_PRIVATE" : "", options.out);
    fputs(p->value & 256 ? "|FUTEX_CLOCK_REALTIME" : "", options.out);
}

#define KIND(word, fn) { #word, put_##fn }
static const struct { const char *word; void (*put)(const struct place *p); } kinds[] = {
    KIND(fd, int), KIND(int, int), KIND(uint, uint), KIND(long, long), KIND(size, size), KIND(hex, hex),
    KIND(ptr, pointer),
    KIND(mode, mode), KIND(cmode, mode), KIND(dirfd, dirfd), KIND(path, path), KIND(string, result_string),
    KIND(bytes, bytes),
    KIND(strings, strings), KIND(vars, vars), KIND(iovec, iovec), KIND(stat, stat), KIND(timespec, timespec),
    KIND(timeval, timeval), KIND(limits, limits), KIND(fdpair, fdpair), KIND(sigset, sigset),
    KIND(sigaction, sigaction),
    KIND(waitstatus, waitstatus), KIND(pollfds, pollfds), KIND(open, open), KIND(prot, prot), KIND(map, map),
    KIND(at, at),
    KIND(access, access), KIND(wait, wait), KIND(whence, whence), KIND(sighow, sighow), KIND(clock, clock),
    KIND(rlimit, rlimit), KIND(fcntl, fcntl), KIND(madvise, madvise), KIND(ioctl, ioctl), KIND(archprctl, archprctl),
    KIND(ptrace, ptrace), KIND(clone, clone), KIND(futex, futex), KIND(signal, signal),
};

void put_argument(const struct tracee *t, const char *kind, size_t len, int index, int64_t result)
{
    struct place p = { t, index, t->args[index], result };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].word) == len && memcmp(kinds[i].word, kind, len) == 0) {
            kinds[i].put(&p);
            return;
        }
    put_hex(&p);
}
