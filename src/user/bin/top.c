/* top: who uses the processors and the memory, again and again.
 *
 * Two looks at /proc and what changed in between; the first line of shares needs a short wait. On a
 * terminal the whole screen is used and keys are read; with -b it is plain text. */
#include "../lib/procs.h"
#include "../lib/util.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: top [-b] [-d SECONDS] [-n TIMES]\nShow the processes that use the most, every SECONDS (2).\n"
    "  -b  plain text, no keys (for files and pipes)    -n  end after so many times\n"
    "Keys: q end, space now, k kill a process, s other seconds, M by memory, P by processor, N by number.\n";

struct cpu_times { unsigned long long user, nice, system, idle; };
struct look { struct proc *all; size_t n; struct cpu_times cpu; double at; };

static bool batch, on_screen;
static double delay = 2;
static long times = -1;
static char order = 'P';
static int rows, columns;
static struct termios cooked, raw;

static struct cpu_times cpu_read(void)
{
    struct cpu_times t = { 0 };
    FILE *f = fopen("/proc/stat", "r");
    if (!f || fscanf(f, "cpu %llu %llu %llu %llu", &t.user, &t.nice, &t.system, &t.idle) != 4)
        die("/proc/stat");
    fclose(f);
    return t;
}

static struct look look_now(void)
{
    struct look l = { .cpu = cpu_read(), .at = system_uptime() };
    l.n = procs_read(&l.all);
    return l;
}

static const struct proc *find(const struct look *l, const struct proc *p)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->all[i].pid == p->pid && l->all[i].start_ticks == p->start_ticks)
            return &l->all[i];
    return NULL;
}

static void shares(struct look *now, const struct look *before)
{
    double ticks = (now->at - before->at) * (double)ticks_per_second();
    for (size_t i = 0; i < now->n; i++) {
        struct proc *p = &now->all[i];
        const struct proc *old = find(before, p);
        unsigned long long used = p->user_ticks + p->sys_ticks - (old ? old->user_ticks + old->sys_ticks : 0);
        p->cpu_share = ticks > 0 ? 100 * (double)used / ticks : 0;
    }
}

static int compare(const void *pa, const void *pb)
{
    const struct proc *a = pa, *b = pb;
    if (order == 'P' && a->cpu_share != b->cpu_share)
        return a->cpu_share < b->cpu_share ? 1 : -1;
    if (order == 'M' && a->resident_pages != b->resident_pages)
        return a->resident_pages < b->resident_pages ? 1 : -1;
    return a->pid - b->pid;
}

/* On a screen no line is wider than it, and each replaces what stood there: nothing flickers. */
static void __attribute__((format(printf, 1, 2))) put_line(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    printf("%s%.*s\n", on_screen ? "\033[K" : "", columns, line);
}

static void put_loads(void)
{
    char load[3][16] = { "?", "?", "?" };
    FILE *f = fopen("/proc/loadavg", "r");
    if (f && fscanf(f, "%15s %15s %15s", load[0], load[1], load[2]) != 3)
        load[0][0] = 0;
    if (f)
        fclose(f);
    time_t now = time(NULL);
    char clock[16];
    strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
    long up = (long)system_uptime();
    put_line("top - %s up %ld:%02ld:%02ld, load average: %s, %s, %s", clock, up / 3600, up / 60 % 60, up % 60,
             load[0], load[1], load[2]);
}

static void put_tasks(const struct look *l)
{
    unsigned running = 0, sleeping = 0, stopped = 0, zombies = 0;
    for (size_t i = 0; i < l->n; i++) {
        char s = l->all[i].state;
        *(s == 'R' ? &running : s == 'T' || s == 't' ? &stopped : s == 'Z' ? &zombies : &sleeping) += 1;
    }
    put_line("Tasks: %zu total, %u running, %u sleeping, %u stopped, %u zombie", l->n, running, sleeping, stopped,
             zombies);
}

static void put_usage(const struct look *now, const struct look *before)
{
    double user = (double)(now->cpu.user - before->cpu.user), nice = (double)(now->cpu.nice - before->cpu.nice);
    double sys = (double)(now->cpu.system - before->cpu.system), idle = (double)(now->cpu.idle - before->cpu.idle);
    double all = user + nice + sys + idle > 0 ? user + nice + sys + idle : 1;
    uint64_t total = 0, unused = 0, available = 0, cached = 0;
    meminfo_read("MemTotal", &total);
    meminfo_read("MemFree", &unused);
    meminfo_read("MemAvailable", &available);
    meminfo_read("Cached", &cached);
    put_line("%%Cpu(s): %4.1f us, %4.1f sy, %4.1f ni, %4.1f id", 100 * user / all, 100 * sys / all, 100 * nice / all,
             100 * idle / all);
    put_line("MiB Mem: %6.1f total, %6.1f free, %6.1f used, %6.1f cached, %6.1f avail", (double)total / 1048576,
             (double)unused / 1048576,
           (double)(total - available) / 1048576, (double)cached / 1048576, (double)available / 1048576);
}

static void put_process(const struct proc *p)
{
    char command[256], size[16], resident[16];
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    unsigned long long hundredths = (p->user_ticks + p->sys_ticks) * 100 / (unsigned long long)ticks_per_second();
    format_size(size, p->size_bytes);
    format_size(resident, p->resident_pages * page);
    proc_command(p, command, sizeof command);
    put_line("%5d %-8.8s %3d %3d %6s %6s %c %5.1f %4llu:%02llu.%02llu %s", p->pid, proc_user(p), p->priority, p->nice, size,
             resident, p->state, p->cpu_share, hundredths / 6000, hundredths / 100 % 60, hundredths % 100, command);
}

static void find_size(void)
{
    struct winsize ws;
    bool known = ioctl(1, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 8 && ws.ws_col > 20;
    rows = on_screen ? (known ? ws.ws_row : 24) : 1 << 20;
    columns = on_screen ? (known ? ws.ws_col : 80) : 511;
}

static void put_all(struct look *now, const struct look *before)
{
    find_size();
    shares(now, before);
    if (now->n)
        qsort(now->all, now->n, sizeof *now->all, compare);
    if (on_screen)
        fputs("\033[H", stdout);
    put_loads();
    put_tasks(now);
    put_usage(now, before);
    put_line("%s", "");
    printf(on_screen ? "\033[7m%-*.*s\033[0m\n" : "%-*.*s\n", on_screen ? columns : 0, columns,
           "  PID USER      PR  NI   SIZE    RES S  %CPU      TIME+ COMMAND");
    for (size_t i = 0; i < now->n && (int)i < rows - 7; i++)
        put_process(&now->all[i]);
    fputs(on_screen ? "\033[J" : "\n", stdout);
    fflush(stdout);
}

/* --- keys --- */

static void screen_end(void)
{
    if (!on_screen)
        return;
    tcsetattr(0, TCSANOW, &cooked);
    fputs("\033[?25h\n", stdout);
    fflush(stdout);
    on_screen = false;
}

static void on_signal(int sig)
{
    tcsetattr(0, TCSANOW, &cooked);
    if (write(1, "\033[?25h\n", 7) < 0)
        _exit(1);
    signal(sig, SIG_DFL);
    raise(sig);
}

/* ^Z: the shell gets its terminal with a cursor, and we ours back with none. */
static void on_stop(int sig)
{
    (void)sig;
    tcsetattr(0, TCSANOW, &cooked);
    if (write(1, "\033[?25h\n", 7) < 0)
        _exit(1);
    raise(SIGSTOP);
    tcsetattr(0, TCSANOW, &raw);
    if (write(1, "\033[?25l\033[2J", 10) < 0)
        _exit(1);
}

static void screen_begin(void)
{
    on_screen = !batch && isatty(1) && tcgetattr(0, &cooked) == 0;
    if (!on_screen)
        return;
    raw = cooked;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(0, TCSANOW, &raw);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGTSTP, on_stop);
    fputs("\033[?25l", stdout);
}

static void ask(const char *question, char *answer, size_t size)
{
    struct termios line = cooked;
    printf("\033[5;1H\033[K%s", question);
    fflush(stdout);
    tcsetattr(0, TCSANOW, &line);
    ssize_t n = read(0, answer, size - 1);
    answer[n > 0 ? n : 0] = 0;
    answer[strcspn(answer, "\n")] = 0;
    screen_begin();
}

static void ask_kill(void)
{
    char text[32];
    ask("Process to end: ", text, sizeof text);
    int pid = atoi(text);
    if (pid <= 0)
        return;
    ask("Signal [TERM]: ", text, sizeof text);
    int sig = text[0] ? signal_number(text) : SIGTERM;
    if (sig >= 0)
        kill(pid, sig);
}

static void ask_delay(void)
{
    char text[32];
    ask("Seconds: ", text, sizeof text);
    if (atof(text) >= 0.1)
        delay = atof(text);
}

/* True: go on. */
static bool wait_or_key(double seconds)
{
    struct pollfd fd = { .fd = on_screen ? 0 : -1, .events = POLLIN };
    char key;
    if (poll(&fd, 1, (int)(seconds * 1000)) <= 0 || read(0, &key, 1) != 1)
        return true;
    if (key == 'k')
        ask_kill();
    else if (key == 's' || key == 'd')
        ask_delay();
    else if (key == 'M' || key == 'P' || key == 'N')
        order = key;
    return key != 'q';
}

int main(int argc, char **argv)
{
    tool_init(argv, help);
    opterr = 0;
    for (int c; (c = getopt(argc, argv, "bd:n:")) != -1; ) {
        if (c == 'b')
            batch = true;
        else if (c == 'd' && atof(optarg) > 0)
            delay = atof(optarg);
        else if (c == 'n' && atol(optarg) > 0)
            times = atol(optarg);
        else
            die_usage();
    }
    if (optind < argc)
        die_usage();
    static char frame[16384]; /* written at once */
    setvbuf(stdout, frame, _IOFBF, sizeof frame);
    screen_begin();
    struct look before = look_now();
    for (double pause = 0.2; times != 0 && wait_or_key(pause); pause = delay) {
        struct look now = look_now();
        put_all(&now, &before);
        free(before.all);
        before = now;
        times -= times > 0;
        if (times == 0)
            break;
    }
    screen_end();
    return flush_output();
}
