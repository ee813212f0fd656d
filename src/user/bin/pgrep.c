/* pgrep, pkill: processes by name. One program; which it is, its name says. */
#include "../lib/procs.h"
#include "../lib/util.h"

#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: pgrep [-afLlnovx] [-P PARENT] [-u USER] PATTERN\n"
    "       pkill [-SIGNAL] [-fnovx] [-P PARENT] [-u USER] PATTERN\n"
    "Show the numbers of processes whose name matches an extended regular expression, or signal them.\n"
    "  -a with command line   -f match the command line   -l with name   -n the newest   -o the oldest\n"
    "  -P children of         -u of this user             -v the others  -x the whole name\n";

struct criteria { regex_t pattern; bool has_pattern, full, invert; int parent; const char *user; };

static bool matches(const struct criteria *c, const struct proc *p)
{
    char text[4096];
    if (p->pid == getpid() || p->state == 'Z')
        return false;
    if (c->full)
        proc_command(p, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s", p->name);
    bool is = (!c->has_pattern || regexec(&c->pattern, text, 0, NULL, 0) == 0) &&
              (c->parent < 0 || p->ppid == c->parent) && (!c->user || strcmp(proc_user(p), c->user) == 0 ||
                                                          (unsigned)atoi(c->user) == p->uid);
    return is != c->invert;
}

static void compile(struct criteria *c, const char *pattern, bool whole)
{
    char text[512];
    snprintf(text, sizeof text, whole ? "^(%s)$" : "%s", pattern);
    if (regcomp(&c->pattern, text, REG_EXTENDED | REG_NOSUB) != 0) {
        warn_text(pattern, "not a regular expression");
        exit(2);
    }
    c->has_pattern = true;
}

struct action { bool kill, with_name, with_line, newest, oldest; int sig; };

static bool act(const struct action *a, const struct proc *p)
{
    char line[4096];
    if (a->kill) {
        if (kill(p->pid, a->sig) == 0)
            return true;
        char text[16];
        snprintf(text, sizeof text, "%d", p->pid);
        warn_errno(text);
        return false;
    }
    proc_command(p, line, sizeof line);
    printf(a->with_line || a->with_name ? "%d %s\n" : "%d\n", p->pid, a->with_line ? line : p->name);
    return true;
}

/* pkill's first option may be a signal. */
static void take_signal(int *argc, char **argv, struct action *a)
{
    if (*argc < 2 || argv[1][0] != '-')
        return;
    int sig = signal_number(argv[1] + 1);
    if (sig < 0)
        return;
    a->sig = sig;
    memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof *argv);
    --*argc;
}

int main(int argc, char **argv)
{
    struct criteria c = { .parent = -1 };
    struct action a = { .sig = SIGTERM };
    bool whole = false, found = false;
    struct proc *all;
    tool_init(argv, help);
    a.kill = strcmp(program, "pkill") == 0;
    if (a.kill)
        take_signal(&argc, argv, &a);
    opterr = 0;
    for (int o; (o = getopt(argc, argv, "afLlnovxP:u:")) != -1; )
        switch (o) {
        case 'a': a.with_line = true; break;
        case 'f': c.full = true; break;
        case 'l': a.with_name = true; break;
        case 'n': a.newest = true; break;
        case 'o': a.oldest = true; break;
        case 'v': c.invert = true; break;
        case 'x': whole = true; break;
        case 'P': c.parent = atoi(optarg); break;
        case 'u': c.user = optarg; break;
        default: die_usage();
        }
    if (argc - optind > 1 || (optind == argc && c.parent < 0 && !c.user))
        die_usage();
    if (optind < argc)
        compile(&c, argv[optind], whole);
    const struct proc *one = NULL;
    size_t n = procs_read(&all);
    for (size_t i = 0; i < n; i++) {
        if (!matches(&c, &all[i]))
            continue;
        if (!a.newest && !a.oldest)
            found |= act(&a, &all[i]);
        else if (!one || (a.newest ? all[i].start_ticks >= one->start_ticks : all[i].start_ticks < one->start_ticks))
            one = &all[i];
    }
    if (one)
        found = act(&a, one);
    return flush_output() ? 3 : !found;
}
