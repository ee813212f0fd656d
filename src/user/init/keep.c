/* The programs of the table: started, waited for, started again. A program that ends as soon as it
 * starts is left alone for a while; a terminal that asks first costs a descriptor, not a process. */
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { QUICK_SECONDS = 2, QUICK_DEATHS = 3, PAUSE_SECONDS = 5, WORDS_MAX = 32 };

static void terminal_path(const struct entry *e, char *out, size_t size)
{
    snprintf(out, size, "/dev/%s", *e->terminal ? e->terminal : "console");
}

static bool is_interactive(const struct entry *e)
{
    return e->action == ACT_RESPAWN || e->action == ACT_ASKFIRST;
}

/* ---- in the child ---- */

static void take_terminal(const struct entry *e)
{
    char path[40];
    terminal_path(e, path, sizeof path);
    int fd = open(path, O_RDWR | O_NOCTTY);
    for (int target = 0; fd >= 0 && target < 3; target++)
        dup2(fd, target);
    if (fd > 2)
        close(fd);
    if (!is_interactive(e))
        return;
    if (ioctl(0, TIOCSCTTY, 1) < 0 && errno != EPERM)
        complain("the terminal cannot be a controlling terminal", errno);
    tcsetpgrp(0, getpgrp());
    if (strncmp(e->terminal, "ttyS", 4) == 0 || strncmp(e->terminal, "hvc", 3) == 0)
        setenv("TERM", "vt220", 1);
}

/* "-" before the name makes a login shell of it, as its argument 0 says. */
static void exec_words(char *command)
{
    char *argv[WORDS_MAX + 1], *more, login[40];
    size_t n = 0;
    for (char *word = strtok_r(command, " \t", &more); word && n < WORDS_MAX; word = strtok_r(NULL, " \t", &more))
        argv[n++] = word;
    argv[n] = NULL;
    const char *path = argv[0];
    if (*path == '-') {
        const char *slash = strrchr(++path, '/');
        snprintf(login, sizeof login, "-%s", slash ? slash + 1 : path);
        argv[0] = login;
    }
    execvp(path, argv);
}

static void become(const struct entry *e)
{
    sigset_t none;
    sigemptyset(&none);
    for (int signo = 1; signo < NSIG; signo++)
        signal(signo, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    take_terminal(e);
    if ((!is_interactive(e) || chdir("/root") < 0) && chdir("/") < 0)
        complain("/", errno);
    if (strpbrk(e->command, "~`!$^&*()=|\\{}[];\"'<>?")) {
        execl("/bin/sh", "sh", "-c", e->command, (char *)NULL);
    } else {
        char words[sizeof e->command];
        strcpy(words, e->command);
        exec_words(words);
    }
    complain(e->command, errno);
    if (is_interactive(e) && strcmp(e->command, "-/bin/sh") != 0) {
        say("init: here is a shell instead\n");
        execl("/bin/sh", "-sh", (char *)NULL);
        complain("/bin/sh", errno);
    }
    _exit(127);
}

/* ---- in process 1 ---- */

static void start(struct entry *e)
{
    if (e->asking_fd >= 0)
        close(e->asking_fd);
    e->asking_fd = -1;
    e->started = seconds_now();
    pid_t pid = fork();
    if (pid == 0)
        become(e);
    if (pid < 0) {
        complain("cannot fork", errno);
        e->not_before = e->started + PAUSE_SECONDS;
    }
    e->pid = pid > 0 ? pid : 0;
}

static void say_of(const struct entry *e, const char *what)
{
    char text[320];
    snprintf(text, sizeof text, "init: %s on %s %s\n", e->command + (*e->command == '-'),
             *e->terminal ? e->terminal : "the console", what);
    say(text);
}

static void note_end(struct entry *e)
{
    long now = seconds_now();
    e->pid = 0;
    if (!is_interactive(e)) {
        e->is_off = true;
        return;
    }
    e->quick_deaths = now - e->started < QUICK_SECONDS ? e->quick_deaths + 1 : 0;
    if (e->quick_deaths >= QUICK_DEATHS) {
        say_of(e, "ends as soon as it starts; next try in 5 seconds");
        e->not_before = now + PAUSE_SECONDS;
    } else if (!*e->terminal) {
        say("init: the shell has ended; here is a new one (poweroff ends the system)\n");
    }
}

static void reap(struct inittab *t)
{
    int raw;
    for (pid_t pid; (pid = waitpid(-1, &raw, WNOHANG)) > 0;)
        for (size_t i = 0; i < t->n; i++)
            if (t->entry[i].pid == pid)
                note_end(&t->entry[i]);
}

/* What is served as /dev/console (marked C); two shells would share its lines. tty1 is the screen's half. */
static bool is_part_of_console(const char *terminal)
{
    char line[80], name[24], marks[16];
    bool found = false;
    if (strcmp(terminal, "tty1") == 0)
        terminal = "tty0";
    FILE *f = fopen("/proc/consoles", "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = sscanf(line, "%23s %*s (%15[^)]", name, marks) == 2 && strchr(marks, 'C') &&
        strcmp(name, terminal) == 0;
    if (f)
        fclose(f);
    return found;
}

static void ask(struct entry *e)
{
    static const char text[] = "\r\n  Press Enter for a shell.\r\n";
    char path[40];
    terminal_path(e, path, sizeof path);
    e->asking_fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (e->asking_fd < 0) {
        e->is_off = true; /* not there */
        return;
    }
    if (write(e->asking_fd, text, sizeof text - 1) < 0)
        e->not_before = seconds_now() + PAUSE_SECONDS;
}

/* Looked up in the list: asking for a device that is not there would count as something missing (compat). */
static bool is_device(const char *name)
{
    bool found = false;
    DIR *dev = opendir("/dev");
    for (struct dirent *d; dev && !found && (d = readdir(dev)) != NULL; )
        found = strcmp(d->d_name, name) == 0;
    if (dev)
        closedir(dev);
    return found;
}

static void begin(struct entry *e, long now)
{
    if (e->is_off || e->pid || e->not_before > now || e->asking_fd >= 0)
        return;
    if (*e->terminal && (!is_device(e->terminal) || is_part_of_console(e->terminal)))
        e->is_off = true;
    else if (e->action == ACT_ASKFIRST)
        ask(e);
    else if (e->action == ACT_RESPAWN || (e->action == ACT_ONCE && !e->started))
        start(e);
}

/* Enter was pressed, or the terminal is gone. */
static void answer(struct entry *e, short events)
{
    char typed[64];
    if (events & POLLIN && read(e->asking_fd, typed, sizeof typed) > 0) {
        start(e);
    } else {
        close(e->asking_fd);
        e->asking_fd = -1;
        e->not_before = seconds_now() + PAUSE_SECONDS;
    }
}

/* Until a signal, a key on a terminal that asks, or the time of the next try. */
static void wait_for_something(struct inittab *t, long next)
{
    struct pollfd asking[sizeof t->entry / sizeof *t->entry];
    struct entry *of[sizeof t->entry / sizeof *t->entry];
    nfds_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->entry[i].asking_fd < 0)
            continue;
        of[n] = &t->entry[i];
        asking[n++] = (struct pollfd){ .fd = t->entry[i].asking_fd, .events = POLLIN };
    }
    sigset_t none;
    sigemptyset(&none);
    long now = seconds_now();
    struct timespec limit = { .tv_sec = next > now ? next - now : 0 };
    if (ppoll(asking, n, next ? &limit : NULL, &none) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++)
        if (asking[i].revents)
            answer(of[i], asking[i].revents);
}

static long next_try(const struct inittab *t, long now)
{
    long next = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->entry[i];
        if (!e->is_off && !e->pid && e->not_before > now && (!next || e->not_before < next))
            next = e->not_before;
    }
    return next;
}

void keep_until_asked(struct inittab *t)
{
    while (!ending && !reload) {
        long now = seconds_now();
        for (size_t i = 0; i < t->n; i++)
            if (t->entry[i].action == ACT_ONCE || is_interactive(&t->entry[i]))
                begin(&t->entry[i], now);
        wait_for_something(t, next_try(t, now));
        reap(t);
    }
}

void run_and_wait(struct inittab *t, enum action action, long seconds_max)
{
    for (size_t i = 0; i < t->n; i++) {
        struct entry *e = &t->entry[i];
        if (e->action != action)
            continue;
        start(e);
        long until = seconds_max ? seconds_now() + seconds_max : 0;
        while (e->pid && (until ? seconds_now() < until : !ending)) {
            wait_for_something(t, until);
            reap(t);
        }
        if (e->pid)
            say_of(e, "takes too long; going on without it");
    }
}

static bool is_same(const struct entry *a, const struct entry *b)
{
    return a->action == b->action && strcmp(a->terminal, b->terminal) == 0 && strcmp(a->command, b->command) == 0;
}

void keep_carry_on(struct inittab *t, const struct inittab *old)
{
    for (size_t k = 0; k < old->n; k++) {
        size_t i = 0;
        while (i < t->n && !is_same(&t->entry[i], &old->entry[k]))
            i++;
        if (i < t->n)
            t->entry[i] = old->entry[k];
        else if (old->entry[k].asking_fd >= 0)
            close(old->entry[k].asking_fd);
    }
}
