/* /etc/inittab, in the form that busybox made common: TERMINAL:RUNLEVELS:ACTION:COMMAND. There are no
 * runlevels; what stands there is passed over. A line that is wrong costs that line and nothing else. */
#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const action_names[ACT_COUNT] = {
    [ACT_SYSINIT] = "sysinit", [ACT_WAIT] = "wait", [ACT_ONCE] = "once", [ACT_RESPAWN] = "respawn",
    [ACT_ASKFIRST] = "askfirst", [ACT_CTRLALTDEL] = "ctrlaltdel", [ACT_SHUTDOWN] = "shutdown",
};

/* The text up to a colon, which is passed over: false when it does not fit or there is no colon. */
static bool take_field(const char **p, char *out, size_t size)
{
    size_t len = strcspn(*p, ":");
    if ((*p)[len] != ':' || len >= size)
        return false;
    memcpy(out, *p, len);
    out[len] = 0;
    *p += len + 1;
    return true;
}

static bool take_action(const char *name, enum action *out)
{
    for (int i = 0; i < ACT_COUNT; i++) {
        if (strcmp(name, action_names[i]) == 0) {
            *out = (enum action)i;
            return true;
        }
    }
    return false;
}

int inittab_line(const char *line, struct entry *out, const char **why)
{
    char levels[16], action[16];
    memset(out, 0, sizeof *out);
    out->asking_fd = -1;
    line += strspn(line, " \t");
    size_t len = strcspn(line, "\r\n");
    if (len == 0 || *line == '#')
        return 0;
    *why = "not TERMINAL::ACTION:COMMAND";
    if (!take_field(&line, out->terminal, sizeof out->terminal) || !take_field(&line, levels, sizeof levels) ||
        !take_field(&line, action, sizeof action))
        return -1;
    *why = "no such action";
    if (!take_action(action, &out->action))
        return -1;
    line += strspn(line, " \t");
    len = strcspn(line, "\r\n");
    *why = len ? "the command is too long" : "no command";
    if (len == 0 || len >= sizeof out->command)
        return -1;
    memcpy(out->command, line, len);
    *why = "a terminal is named by its name below /dev";
    return strstr(out->terminal, "..") || *out->terminal == '/' ? -1 : 1;
}

void inittab_single(struct inittab *t)
{
    const char *why;
    t->n = (size_t)inittab_line("::respawn:-/bin/sh", &t->entry[0], &why);
}

static void say_wrong(const char *path, int number, const char *why)
{
    char text[160];
    snprintf(text, sizeof text, "init: %s, line %d: %s\n", path, number, why);
    say(text);
}

static bool gives_a_shell(const struct inittab *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->entry[i].action == ACT_RESPAWN || t->entry[i].action == ACT_ASKFIRST)
            return true;
    return false;
}

void inittab_read(struct inittab *t, const char *path)
{
    char line[320];
    const char *why;
    FILE *f = fopen(path, "re");
    t->n = 0;
    if (!f && errno != ENOENT)
        complain(path, errno);
    for (int number = 1; f && fgets(line, sizeof line, f); number++) {
        bool whole = strchr(line, '\n') || strlen(line) < sizeof line - 1;
        struct entry e;
        int is_entry = whole ? inittab_line(line, &e, &why) : -1;
        if (!whole) {
            why = "the line is too long";
            for (int c; (c = getc(f)) != EOF && c != '\n';)
                ;
        } else if (is_entry > 0 && t->n == sizeof t->entry / sizeof *t->entry) {
            is_entry = -1;
            why = "too many entries";
        }
        if (is_entry < 0)
            say_wrong(path, number, why);
        else if (is_entry)
            t->entry[t->n++] = e;
    }
    if (f)
        fclose(f);
    if (gives_a_shell(t))
        return;
    if (f)
        say("init: /etc/inittab starts no shell; here is one on the console\n");
    t->n -= t->n == sizeof t->entry / sizeof *t->entry;
    inittab_line("::respawn:-/bin/sh", &t->entry[t->n++], &why);
}
