/* trace: options, the first stop, and the loop.
 *
 * The program is started by a child that waits until it has been seized; so its first stop is that
 * of its execve, and nothing of ours is shown. From then on every stop is one of: the border of a
 * system call, a signal on its way, a stop of the whole process, an event. */
#include "trace.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct options options = { .string_max = 32 };
static struct tracee *all;
static pid_t program_pid;       /* what was started, 0 with -p alone */
static int program_status;
static char **program_argv;
static volatile sig_atomic_t interrupted;

static const char help[] =
    "usage: trace [-cfT] [-e CALLS] [-o FILE] [-s LENGTH] PROGRAM [ARGUMENT...]\n"
    "       trace [-cfT] [-e CALLS] [-o FILE] [-s LENGTH] -p PID...\n"
    "Show the system calls of a program, of what it starts too with -f.\n"
    "  -c        count calls, and show a table at the end\n"
    "  -e CALLS  only these: names with commas between them, or all but these after a !\n"
    "  -f        follow children and threads\n"
    "  -o FILE   write there, not to standard error\n"
    "  -p PID    a process that runs already; ^C leaves it alone again\n"
    "  -s LENGTH show so many bytes of strings (32)\n"
    "  -T        show how long each call took\n";

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct tracee *tracee_add(pid_t pid)
{
    struct tracee *t = calloc(1, sizeof *t);
    if (!t)
        die("trace");
    t->pid = pid;
    t->next = all;
    all = t;
    tracees++;
    return t;
}

static struct tracee *tracee_find(pid_t pid)
{
    for (struct tracee *t = all; t; t = t->next)
        if (t->pid == pid)
            return t;
    return tracee_add(pid); /* a child whose first stop came before its parent's event */
}

static void tracee_remove(struct tracee *gone)
{
    for (struct tracee **at = &all; *at; at = &(*at)->next)
        if (*at == gone) {
            *at = gone->next;
            break;
        }
    tracees--;
    free(gone);
}

static long trace_options(void)
{
    long wanted = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
    return options.follow ? wanted | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE : wanted;
}

static void start_program(char **argv)
{
    int go[2];
    char c;
    if (pipe(go) < 0)
        die("pipe");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(go[1]);
        if (read(go[0], &c, 1) != 1)
            _exit(127);
        close(go[0]);
        execvp(argv[0], argv);
        warn_errno(argv[0]);
        _exit(errno == ENOENT ? 127 : 126);
    }
    close(go[0]);
    if (ptrace(PTRACE_SEIZE, pid, 0, trace_options()) < 0)
        die("ptrace");
    program_pid = pid;
    program_argv = argv;
    tracee_add(pid)->attached = true;
    if (write(go[1], "x", 1) != 1)
        die("pipe");
    close(go[1]);
}

static void attach(const char *text)
{
    uint64_t pid;
    if (!parse_u64(text, &pid))
        die_usage();
    if (ptrace(PTRACE_SEIZE, (pid_t)pid, 0, trace_options()) < 0 || ptrace(PTRACE_INTERRUPT, (pid_t)pid, 0, 0) < 0)
        die(text);
    tracee_add((pid_t)pid);
    fprintf(stderr, "%s: process %s attached\n", program, text);
}

/* --- stops --- */

static void at_call(struct tracee *t)
{
    struct __ptrace_syscall_info info;
    uint64_t now = now_ns(), args[6];
    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) < 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        memcpy(args, info.entry.args, sizeof args);
        call_entered(t, info.entry.nr, args, now);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        call_left(t, info.exit.rval, now);
    }
}

/* The call that nobody saw begin: the one that started the program. */
static void show_start(struct tracee *t)
{
    if (t->pid != program_pid || !program_argv)
        return;
    if (!options.summary) {
        line_begin(t);
        fprintf(options.out, "execve(");
        put_quoted((unsigned char *)program_argv[0], strlen(program_argv[0]), false);
        fputs(", [", options.out);
        for (char **a = program_argv; *a; a++) {
            fputs(a == program_argv ? "" : ", ", options.out);
            put_quoted((unsigned char *)*a, strlen(*a), false);
        }
        fputs("]) = 0\n", options.out);
    }
    program_argv = NULL;
}

static void at_event(struct tracee *t, int event)
{
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, t->pid, 0, &message);
    if (event == PTRACE_EVENT_EXEC)
        show_start(t);
    else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE)
        tracee_find((pid_t)message);
}

static void at_signal(struct tracee *t, int sig)
{
    siginfo_t info;
    if (options.summary || ptrace(PTRACE_GETSIGINFO, t->pid, 0, &info) < 0)
        return;
    line_begin(t);
    fprintf(options.out, "--- %s {si_signo=%s, ", signal_name(sig), signal_name(info.si_signo));
    if (sig == SIGCHLD && info.si_code > 0)
        fprintf(options.out, "si_code=%d, si_pid=%d, si_status=%d", info.si_code, (int)info.si_pid, info.si_status);
    else if (info.si_code > 0 && info.si_code != SI_KERNEL)
        fprintf(options.out, "si_code=%d, si_addr=%p", info.si_code, info.si_addr);
    else if (info.si_code == SI_KERNEL)
        fputs("si_code=SI_KERNEL", options.out);
    else
        fprintf(options.out, "si_code=%d, si_pid=%d, si_uid=%u", info.si_code, (int)info.si_pid, (unsigned)info.si_uid);
    fputs("} ---\n", options.out);
}

static void at_stop(struct tracee *t, int status)
{
    int sig = WSTOPSIG(status), event = status >> 16, request = PTRACE_SYSCALL, inject = 0;
    if (event == PTRACE_EVENT_STOP) {
        bool group = sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
        if (group && t->attached && !options.summary) {
            line_begin(t);
            fprintf(options.out, "--- stopped by %s ---\n", signal_name(sig));
        }
        request = group ? PTRACE_LISTEN : PTRACE_SYSCALL;
        t->attached = true;
    } else if (event) {
        at_event(t, event);
    } else if (sig == (SIGTRAP | 0x80)) {
        at_call(t);
    } else {
        at_signal(t, sig);
        inject = sig;
    }
    fflush(options.out);
    ptrace(request, t->pid, 0, inject); /* ESRCH: it was killed meanwhile */
}

static void at_end(struct tracee *t, int status)
{
    call_abandoned(t);
    if (!options.summary) {
        line_begin(t);
        if (WIFSIGNALED(status))
            fprintf(options.out, "+++ killed by %s +++\n", signal_name(WTERMSIG(status)));
        else
            fprintf(options.out, "+++ exited with %d +++\n", WEXITSTATUS(status));
        fflush(options.out);
    }
    if (t->pid == program_pid)
        program_status = status;
    tracee_remove(t);
}

static void loop(void)
{
    int status;
    while (tracees && !interrupted) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return;
        struct tracee *t = tracee_find(pid);
        if (WIFSTOPPED(status))
            at_stop(t, status);
        else
            at_end(t, status);
    }
}

static void on_interrupt(int sig) { interrupted = sig; }

/* ^C is for the program that was started; who only watches lets go. */
static void set_signals(void)
{
    struct sigaction act = { .sa_handler = program_pid ? SIG_IGN : on_interrupt };
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGQUIT, &act, NULL);
    if (!program_pid)
        sigaction(SIGTERM, &act, NULL);
}

static void read_option(int c, const char *value)
{
    uint64_t number;
    switch (c) {
    case 'c': options.summary = true; break;
    case 'f': options.follow = true; break;
    case 'T': options.times = true; break;
    case 'e':
        if (!calls_select(value)) {
            warn_text(value, "no such system call");
            exit(2);
        }
        break;
    case 'o':
        options.out = fopen(value, "we");
        if (!options.out)
            die(value);
        break;
    case 's':
        if (!parse_u64(value, &number))
            die_usage();
        options.string_max = (size_t)number;
        break;
    case 'p': break;
    default: die_usage();
    }
}

int main(int argc, char **argv)
{
    const char *pids[64];
    int c, npids = 0;
    tool_init(argv, help);
    options.out = stderr;
    opterr = 0;
    while ((c = getopt(argc, argv, "+cfTe:o:p:s:")) != -1) {
        read_option(c, optarg);
        if (c == 'p' && npids < 64)
            pids[npids++] = optarg;
    }
    if ((optind < argc) == (npids > 0))
        die_usage();
    if (!npids)
        start_program(argv + optind);
    for (int i = 0; i < npids; i++)
        attach(pids[i]);
    set_signals();
    loop();
    if (options.summary)
        summary_put();
    if (fflush(options.out))
        die("write");
    if (WIFSIGNALED(program_status)) {
        signal(WTERMSIG(program_status), SIG_DFL);
        raise(WTERMSIG(program_status));
    }
    return WIFSIGNALED(program_status) ? 128 + WTERMSIG(program_status) : WEXITSTATUS(program_status);
}
