/* ps: the processes, from /proc. Every way to show them is a list of columns. */
#include "../lib/procs.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: ps [-AefH] [-o COLUMN,...] [-p PID,...] [-u USER,...] [-C NAME,...]    or    ps aux\n"
    "Show processes: number, parent, state, processor time, memory, command.\n"
    "  -e, -A  all (as without it)         -f  with user, start and terminal\n"
    "  -o      these columns; NAME=TITLE gives one a title of your own\n"
    "  -p      only these; -u: of these users, -C: of these names (what fits one is shown)\n"
    "  aux     with shares of processor and memory\n"
    "Columns: args comm cpu etime nice nlwp pcpu pgid pid pmem ppid pri psr rss sid start stat state\n"
    "         time tty uid user vsz\n"
    "States: R running, S sleeping, D waiting for a device, T stopped, t traced, Z ended but not waited for.\n";

struct column { const char *name, *title; int width; void (*put)(const struct proc *p, char *out, size_t size); };

static double uptime_s;
static uint64_t memory_bytes;

static unsigned long long ticks_of(const struct proc *p) { return p->user_ticks + p->sys_ticks; }
static double age_s(const struct proc *p) { return uptime_s - (double)p->start_ticks / (double)ticks_per_second(); }
static double cpu_percent(const struct proc *p)
{
    double age = age_s(p), used = (double)ticks_of(p) / (double)ticks_per_second();
    return age > 0.01 ? 100 * used / age : 0;
}

#define NUMBER(field, format, value)                                                         \
    static void put_##field(const struct proc *p, char *out, size_t size) { snprintf(out, size, format, value); }
NUMBER(pid, "%d", p->pid)
NUMBER(ppid, "%d", p->ppid)
NUMBER(pgid, "%d", p->pgrp)
NUMBER(sid, "%d", p->session)
NUMBER(uid, "%u", p->uid)
NUMBER(pri, "%d", 39 - p->priority)
NUMBER(psr, "%d", p->cpu)
NUMBER(nlwp, "%d", p->threads)
NUMBER(vsz, "%llu", p->size_bytes / 1024)
NUMBER(rss, "%llu", p->resident_pages * (unsigned long long)sysconf(_SC_PAGESIZE) / 1024)
NUMBER(nice, p->policy == 0 || p->policy == 3 ? "%d" : "-", p->nice)
NUMBER(user, "%s", proc_user(p))
NUMBER(tty, "%s", proc_tty(p))
NUMBER(comm, "%s", p->name)
NUMBER(state, "%c", p->state)
NUMBER(pcpu, "%.1f", cpu_percent(p))
NUMBER(cpu, "%.0f", cpu_percent(p) > 99 ? 99 : cpu_percent(p))
NUMBER(pmem, "%.1f", memory_bytes ? 100.0 * (double)p->resident_pages * (double)sysconf(_SC_PAGESIZE) / (double)memory_bytes : 0)

static void put_args(const struct proc *p, char *out, size_t size) { proc_command(p, out, size); }

static void put_size(const struct proc *p, char *out, size_t size)
{
    char text[16];
    format_size(text, p->resident_pages * (uint64_t)sysconf(_SC_PAGESIZE));
    snprintf(out, size, "%s", text);
}

static void put_stat(const struct proc *p, char *out, size_t size)
{
    snprintf(out, size, "%c%s%s%s%s", p->state, p->nice < 0 ? "<" : p->nice > 0 ? "N" : "", p->session == p->pid ? "s" : "",
             p->threads > 1 ? "l" : "", p->tpgid == p->pgrp && p->tty ? "+" : "");
}

static void put_duration(unsigned long s, char *out, size_t size)
{
    if (s >= 86400)
        snprintf(out, size, "%lu-%02lu:%02lu:%02lu", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
    else
        snprintf(out, size, "%02lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void put_time(const struct proc *p, char *out, size_t size)
{
    put_duration((unsigned long)(ticks_of(p) / (unsigned long long)ticks_per_second()), out, size);
}

static void put_minutes(const struct proc *p, char *out, size_t size)
{
    unsigned long s = (unsigned long)(ticks_of(p) / (unsigned long long)ticks_per_second());
    snprintf(out, size, "%lu:%02lu", s / 60, s % 60);
}

static void put_etime(const struct proc *p, char *out, size_t size)
{
    unsigned long s = age_s(p) > 0 ? (unsigned long)age_s(p) : 0;
    if (s >= 3600)
        put_duration(s, out, size);
    else
        snprintf(out, size, "%02lu:%02lu", s / 60, s % 60);
}

static void put_start(const struct proc *p, char *out, size_t size)
{
    time_t at = time(NULL) - (time_t)age_s(p);
    strftime(out, size, age_s(p) > 86400 ? "%b%d" : "%H:%M", localtime(&at));
}

static const struct column columns[] = {
    { "pid", "PID", 5, put_pid }, { "ppid", "PPID", 5, put_ppid }, { "pgid", "PGID", 5, put_pgid },
    { "pgrp", "PGRP", 5, put_pgid }, { "sid", "SID", 5, put_sid }, { "sess", "SESS", 5, put_sid },
    { "uid", "UID", 5, put_uid }, { "user", "USER", -8, put_user }, { "euser", "EUSER", -8, put_user },
    { "ruser", "RUSER", -8, put_user }, { "pri", "PRI", 3, put_pri }, { "nice", "NI", 3, put_nice },
    { "ni", "NI", 3, put_nice }, { "psr", "PSR", 3, put_psr }, { "nlwp", "NLWP", 4, put_nlwp },
    { "thcount", "THCNT", 5, put_nlwp }, { "vsz", "VSZ", 7, put_vsz }, { "rss", "RSS", 6, put_rss },
    { "size", "RSS", 6, put_size }, { "tty", "TT", -8, put_tty }, { "tname", "TTY", -8, put_tty },
    { "comm", "COMMAND", -15, put_comm }, { "ucmd", "CMD", -15, put_comm }, { "state", "S", -1, put_state },
    { "s", "S", -1, put_state }, { "stat", "STAT", -4, put_stat }, { "pcpu", "%CPU", 4, put_pcpu },
    { "%cpu", "%CPU", 4, put_pcpu }, { "cpu", "C", 2, put_cpu }, { "c", "C", 2, put_cpu },
    { "pmem", "%MEM", 4, put_pmem }, { "%mem", "%MEM", 4, put_pmem }, { "time", "TIME", 8, put_time },
    { "minutes", "TIME", 6, put_minutes }, { "etime", "ELAPSED", 11, put_etime }, { "start", "START", 5, put_start },
    { "stime", "STIME", 5, put_start }, { "args", "COMMAND", -27, put_args }, { "cmd", "CMD", -27, put_args },
    { "command", "COMMAND", -27, put_args },
};

static struct shown { const struct column *column; const char *title; } shown[32];
static int nshown;

static void show_column(char *word)
{
    char *title = strchr(word, '=');
    if (title)
        *title++ = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].name, word) == 0 && nshown < 32) {
            shown[nshown++] = (struct shown){ &columns[i], title ? title : columns[i].title };
            return;
        }
    warn_text(word, "no such column");
    exit(1);
}

/* A title may hold blanks and commas if it is the last (POSIX ps, -o); an empty one ends at a comma. */
static void show_columns(const char *list)
{
    char *copy = strdup(list), *rest = copy;
    if (!copy)
        die(list);
    for (char *word; rest && *rest; ) {
        char *equals = strchr(rest, '='), *comma = strpbrk(rest, ", ");
        bool title_first = equals && (!comma || equals < comma) && equals[1] != ',';
        word = title_first ? rest : strsep(&rest, ", ");
        if (title_first)
            rest = NULL;
        if (*word)
            show_column(word);
    }
    /* titles point into it: kept */
}

static void put_row(const struct proc *p, int indent)
{
    char text[4096];
    for (int i = 0; i < nshown; i++) {
        bool last = i == nshown - 1;
        int width = shown[i].column->width, own = (int)strlen(shown[i].title);
        if (abs(width) < own)
            width = width < 0 ? -own : own;
        if (p)
            shown[i].column->put(p, text, sizeof text);
        else
            snprintf(text, sizeof text, "%s", shown[i].title);
        if (last && p && indent)
            printf("%*s", indent * 2, "");
        if (last && width < 0)
            printf("%s", text);
        else
            printf("%*s", width, text);
        putchar(last ? '\n' : ' ');
    }
}

/* -H: children below their parents. */
static void put_tree(const struct proc *all, size_t n, int parent, int depth)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].ppid == parent && depth < 64) {
            put_row(&all[i], depth);
            put_tree(all, n, all[i].pid, depth + 1);
        }
}

static const char *pid_list, *user_list, *name_list; /* words between commas and blanks; NULL: all */

static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; at && *at; at += strspn(at, ", ")) {
        size_t n = strcspn(at, ", ");
        if (n == len && strncmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

static bool is_selected(void) { return pid_list || user_list || name_list; }

static bool is_wanted(const struct proc *p)
{
    char pid[16], uid[16];
    snprintf(pid, sizeof pid, "%d", p->pid);
    snprintf(uid, sizeof uid, "%u", p->uid);
    return !is_selected() || is_listed(pid_list, pid) || is_listed(user_list, uid) ||
        is_listed(user_list, proc_user(p)) ||
           is_listed(name_list, p->name);
}

/* aux, and -aux, which many type. */
static bool is_bsd(const char *word)
{
    bool dash = *word == '-';
    word += dash;
    return strspn(word, "auxw") == strlen(word) && (!dash || (strchr(word, 'a') && strchr(word, 'u')));
}

static bool read_options(int argc, char **argv, bool *full, bool *shares)
{
    bool tree = false;
    if (argc > 1 && (argv[1][0] != '-' || is_bsd(argv[1]))) { /* the way of BSD: only what makes a table with shares matters */
        if (!is_bsd(argv[1]))
            die_usage();
        *shares = strchr(argv[1], 'u') != NULL;
        argv++;
        argc--;
    }
    for (int c; (c = getopt(argc, argv, "AaefHo:p:u:C:x")) != -1; ) {
        if (c == 'f')
            *full = true;
        else if (c == 'u')
            user_list = optarg;
        else if (c == 'C')
            name_list = optarg;
        else if (c == 'H')
            tree = true;
        else if (c == 'o')
            show_columns(optarg);
        else if (c == 'p')
            pid_list = optarg;
        else if (!strchr("Aaex", c))
            die_usage();
    }
    if (optind < argc)
        die_usage();
    return tree;
}

int main(int argc, char **argv)
{
    bool full = false, shares = false, any_title = false;
    struct proc *all;
    int found = 0;
    tool_init(argv, help);
    opterr = 0;
    bool tree = read_options(argc, argv, &full, &shares);
    if (!nshown)
        show_columns(shares ? "user,pid,pcpu,pmem,vsz,rss,tname,stat,start,minutes,command"
                            : full ? "user,pid,ppid,c,stime,tname,time,cmd" : "pid,ppid,stat,minutes,size,command");
    uptime_s = system_uptime();
    meminfo_read("MemTotal", &memory_bytes);
    size_t n = procs_read(&all);
    for (int i = 0; i < nshown; i++)
        any_title |= shown[i].title[0] != 0;
    if (any_title)
        put_row(NULL, 0);
    if (tree && !is_selected())
        put_tree(all, n, 0, 0);
    for (size_t i = 0; (!tree || is_selected()) && i < n; i++)
        if (is_wanted(&all[i])) {
            put_row(&all[i], 0);
            found++;
        }
    free(all);
    return flush_output() || (is_selected() && !found);
}
