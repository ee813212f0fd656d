/* Signals and traps. A handler only sets flags; the actions run between commands. An interactive
 * shell survives what would end it, and its children get the defaults back. */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <strings.h>

enum { NSIGNALS = 65 };

static const char *const names[] = {
    [SIGHUP] = "HUP",   [SIGINT] = "INT",   [SIGQUIT] = "QUIT", [SIGILL] = "ILL",   [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",
    [SIGBUS] = "BUS",   [SIGFPE] = "FPE",   [SIGKILL] = "KILL", [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
    [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM", [SIGCHLD] = "CHLD", [SIGCONT] = "CONT", [SIGSTOP] = "STOP",
    [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU", [SIGURG] = "URG",   [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
    [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH", [SIGIO] = "IO", [SIGPWR] = "PWR", [SIGSYS] = "SYS",
};

volatile sig_atomic_t shell_interrupted;
static volatile sig_atomic_t pending[NSIGNALS], any_pending;
static char *actions[NSIGNALS]; /* 0 is EXIT; "" means ignore */
static bool ignored_at_entry[NSIGNALS];

const char *signal_name(int signo)
{
    return signo > 0 && signo < (int)(sizeof names / sizeof *names) ? names[signo] : NULL;
}

int signal_from_name(const char *name)
{
    char *end;
    long number = strtol(name, &end, 10);
    if (*name && !*end)
        return number >= 0 && number < NSIGNALS ? (int)number : -1;
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int signo = 1; signo < (int)(sizeof names / sizeof *names); signo++)
        if (names[signo] && strcasecmp(name, names[signo]) == 0)
            return signo;
    return strcasecmp(name, "EXIT") == 0 ? 0 : -1;
}

static void note_signal(int signo)
{
    if (actions[signo] && *actions[signo])
        pending[signo] = any_pending = 1;
    else if (signo == SIGINT)
        shell_interrupted = 1;
}

static void set_handler(int signo, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL); /* no SA_RESTART: a signal must end a read at the prompt */
}

static void (*default_handler(int signo))(int)
{
    if (!shell.interactive)
        return SIG_DFL;
    if (signo == SIGINT)
        return note_signal;
    if (signo == SIGQUIT || signo == SIGTERM || signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU)
        return SIG_IGN;
    return SIG_DFL;
}

void traps_init(void)
{
    struct sigaction old;
    for (int signo = 1; signo < 32; signo++)
        if (sigaction(signo, NULL, &old) == 0)
            ignored_at_entry[signo] = old.sa_handler == SIG_IGN;
    if (shell.interactive)
        for (int signo = 1; signo < 32; signo++)
            if (default_handler(signo) != SIG_DFL)
                set_handler(signo, default_handler(signo));
}

void traps_reset_in_child(void)
{
    bool was_interactive = shell.interactive;
    for (int signo = 1; signo < 32; signo++) {
        bool handled = actions[signo] && *actions[signo];
        shell.interactive = was_interactive;
        if (handled || (default_handler(signo) != SIG_DFL && !(actions[signo] && !*actions[signo])))
            set_handler(signo, SIG_DFL);
    }
    shell.trap_status = -1;
    for (int signo = 0; signo < NSIGNALS; signo++)
        if (actions[signo] && *actions[signo]) {
            free(actions[signo]);
            actions[signo] = NULL;
        }
}

/* A ^C that arrives between fork and exec must not be swallowed by the shell's handler in the child: it
 * stays pending until the child has the default action again. */
static void block_sigint(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(how, &set, NULL);
}

pid_t shell_fork(void)
{
    block_sigint(SIG_BLOCK);
    pid_t pid = fork();
    if (pid != 0)
        block_sigint(SIG_UNBLOCK);
    return pid;
}

void child_signals_on(void)
{
    block_sigint(SIG_UNBLOCK);
}

int traps_pending(void)
{
    for (int signo = 1; any_pending && signo < NSIGNALS; signo++)
        if (pending[signo])
            return signo;
    return 0;
}

/* The action may replace itself. What it does not leave by `return` goes on as if nothing had happened. */
static void run_action(const char *text)
{
    int status = shell.status, outer = shell.trap_status;
    enum flow flow = shell.flow;
    char *action = xstrdup(text);
    shell.flow = FLOW_NONE;
    shell.trap_status = status;
    shell_run_text(shell.name, action);
    shell.trap_status = outer;
    free(action);
    if (shell.flow != FLOW_RETURN)
        shell.status = status;
    if (shell.flow == FLOW_NONE)
        shell.flow = flow;
}

bool traps_any(void)
{
    for (int signo = 0; signo < NSIGNALS; signo++)
        if (actions[signo] && *actions[signo])
            return true;
    return false;
}

void traps_run_pending(void)
{
    if (!any_pending)
        return;
    any_pending = 0;
    for (int signo = 1; signo < NSIGNALS; signo++)
        if (pending[signo]) {
            pending[signo] = 0;
            run_action(actions[signo] ? actions[signo] : "");
        }
}

void traps_run_exit(void)
{
    char *action = actions[0];
    actions[0] = NULL;
    shell.trap_status = shell.status;
    if (action && *action)
        shell_run_text(shell.name, action);
    free(action);
}

static int trap_set(const char *name, const char *action)
{
    int signo = signal_from_name(name);
    if (signo < 0) {
        shell_error("trap: %s: no such signal", name);
        return 1;
    }
    if (!shell.interactive && signo && ignored_at_entry[signo])
        return 0; /* POSIX XCU trap: ignored on entry stays ignored */
    free(actions[signo]);
    actions[signo] = action ? xstrdup(action) : NULL;
    if (signo)
        set_handler(signo, !action ? default_handler(signo) : *action ? note_signal : SIG_IGN);
    return 0;
}

int builtin_trap(char **argv)
{
    int status = 0;
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "--") == 0)
        arg++;
    for (int signo = 0; !*arg && signo < NSIGNALS; signo++)
        if (actions[signo]) {
            fputs("trap -- ", stdout);
            print_quoted(actions[signo]);
            printf(" %s\n", signo ? (signal_name(signo) ? signal_name(signo) : "?") : "EXIT");
        }
    if (!*arg)
        return 0;
    bool reset = strcmp(*arg, "-") == 0 || (**arg && (*arg)[strspn(*arg, "0123456789")] == 0);
    const char *action = reset ? NULL : *arg;
    if (!reset || strcmp(*arg, "-") == 0)
        arg++;
    for (; *arg; arg++)
        status |= trap_set(*arg, action);
    return status;
}
