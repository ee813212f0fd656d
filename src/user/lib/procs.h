/* Processes as /proc shows them: for ps, top, pgrep and their kin. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct proc {
    int pid, ppid, pgrp, session, tty, tpgid, priority, nice, threads, cpu, policy;
    unsigned uid;
    char state, name[64];
    unsigned long long user_ticks, sys_ticks, start_ticks, size_bytes, resident_pages;
    double cpu_share; /* top: of the time since the last look */
};

bool proc_read(int pid, struct proc *out);       /* false: it is not there (any more) */
size_t procs_read(struct proc **out);            /* all of them by number; malloc'd */
/* The command line, unprintable bytes as ?; [name] for what has none. Terminated. */
void proc_command(const struct proc *p, char *out, size_t size);
const char *proc_user(const struct proc *p);     /* the user's name, or the number */
const char *proc_tty(const struct proc *p);      /* "console", "tty1", "ttyS0", "hvc0", "pts/0", "?" */
double system_uptime(void);                      /* seconds */
long ticks_per_second(void);

int signal_number(const char *text);             /* "9", "KILL", "sigkill"; -1: none */
const char *signal_short_name(int sig);          /* "KILL"; NULL: none has this number */
#define SIGNALS 65
