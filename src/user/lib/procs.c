/* See procs.h. proc_pid_stat(5) has the fields; the name in it may contain anything, so it ends at
 * the last parenthesis. */
#include "procs.h"
#include "util.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

long ticks_per_second(void) { return sysconf(_SC_CLK_TCK); }

static ssize_t read_file(int pid, const char *file, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n;
}

static bool parse_stat(char *text, struct proc *p)
{
    char *name = strchr(text, '('), *close = strrchr(text, ')');
    if (!name || !close || close < name)
        return false;
    *close = 0;
    snprintf(p->name, sizeof p->name, "%s", name + 1);
    return sscanf(close + 1, " %c %d %d %d %d %d %*u %*u %*u %*u %*u %llu %llu %*d %*d %d %d %d %*d %llu %llu %llu",
                  &p->state, &p->ppid, &p->pgrp, &p->session, &p->tty, &p->tpgid, &p->user_ticks, &p->sys_ticks,
                  &p->priority, &p->nice, &p->threads, &p->start_ticks, &p->size_bytes, &p->resident_pages) == 14;
}

bool proc_read(int pid, struct proc *out)
{
    char text[1024], path[32];
    struct stat st;
    *out = (struct proc){ .pid = pid };
    if (read_file(pid, "stat", text, sizeof text) <= 0)
        return false;
    char *rest = strrchr(text, ')');
    if (rest) /* fields 39 and 41: processor and policy */
        sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                         " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d %*s %d", &out->cpu, &out->policy);
    snprintf(path, sizeof path, "/proc/%d", pid);
    out->uid = stat(path, &st) == 0 ? st.st_uid : 0;
    return parse_stat(text, out);
}

static int by_pid(const void *a, const void *b)
{
    return ((const struct proc *)a)->pid - ((const struct proc *)b)->pid;
}

size_t procs_read(struct proc **out)
{
    struct proc *all = NULL;
    size_t n = 0, room = 0;
    DIR *dir = opendir("/proc");
    if (!dir)
        die("/proc");
    for (struct dirent *e; (e = readdir(dir)); ) {
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        if (n == room) {
            room = room ? room * 2 : 64;
            all = realloc(all, room * sizeof *all);
            if (!all)
                die("/proc");
        }
        n += proc_read(atoi(e->d_name), &all[n]);
    }
    closedir(dir);
    if (n)
        qsort(all, n, sizeof *all, by_pid);
    *out = all;
    return n;
}

void proc_command(const struct proc *p, char *out, size_t size)
{
    ssize_t n = read_file(p->pid, "cmdline", out, size);
    while (n > 0 && !out[n - 1])
        n--;
    if (n <= 0) {
        snprintf(out, size, "[%s]", p->name);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        out[i] = out[i] == 0 ? ' ' : isprint((unsigned char)out[i]) || (out[i] & 0x80) ? out[i] : '?';
    out[n] = 0;
}

const char *proc_user(const struct proc *p)
{
    static char text[16];
    static unsigned known = ~0u;
    static char name[32];
    if (p->uid != known) {
        struct passwd *pw = getpwuid(p->uid);
        snprintf(name, sizeof name, "%s", pw ? pw->pw_name : "");
        known = p->uid;
    }
    if (name[0])
        return name;
    snprintf(text, sizeof text, "%u", p->uid);
    return text;
}

/* Linux's device numbers: 5:1 the console, 4:N virtual terminals, 4:64+N serial lines, 136:N ptys. */
const char *proc_tty(const struct proc *p)
{
    static char text[24];
    unsigned maj = major((dev_t)p->tty), min = minor((dev_t)p->tty);
    if (maj == 4 && min < 64)
        snprintf(text, sizeof text, "tty%u", min);
    else if (maj == 4)
        snprintf(text, sizeof text, "ttyS%u", min - 64);
    else if (maj == 229)
        snprintf(text, sizeof text, "hvc%u", min);
    else if (maj == 136)
        snprintf(text, sizeof text, "pts/%u", min);
    else
        snprintf(text, sizeof text, maj == 5 && min == 1 ? "console" : "?");
    return text;
}

double system_uptime(void)
{
    double up = 0;
    FILE *f = fopen("/proc/uptime", "r");
    if (!f || fscanf(f, "%lf", &up) != 1)
        die("/proc/uptime");
    fclose(f);
    return up;
}

static const char *const signal_names[] = {
    "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
};

const char *signal_short_name(int sig)
{
    static char text[16];
    if (sig >= 0 && sig < (int)(sizeof signal_names / sizeof *signal_names))
        return signal_names[sig];
    if (sig < SIGRTMIN || sig >= SIGNALS)
        return NULL;
    snprintf(text, sizeof text, sig == SIGRTMIN ? "RTMIN" : sig == SIGRTMAX ? "RTMAX" : "RTMIN+%d", sig - SIGRTMIN);
    return text;
}

int signal_number(const char *text)
{
    uint64_t number;
    if (parse_u64(text, &number))
        return number < SIGNALS ? (int)number : -1;
    text += strncasecmp(text, "SIG", 3) == 0 ? 3 : 0;
    for (int sig = 1; sig < SIGNALS; sig++) {
        const char *name = signal_short_name(sig);
        if (name && strcasecmp(text, name) == 0)
            return sig;
    }
    return -1;
}
