/* fc (XCU fc): list what was typed before, run it again, edit it and run that. Commands have numbers that do not
 * change while the shell lives; the line that fc itself stands on is not among them. */
#include "edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTED = 16 };

struct request {
    bool list, again, plain, reversed; /* -l -s -n -r */
    const char *editor, *old, *new;    /* -e; of old=new */
    const struct history *history;
    int count; /* entries that can be meant */
};

static int fail(const char *what, const char *why)
{
    shell_error("fc: %s%s%s", what, *what ? ": " : "", why);
    return 1;
}

/* Where "12", "-3" or "beginning" leads; -1: nowhere. A number out of range means the nearest end. */
static int find_entry(const struct request *r, const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    size_t len = strlen(text);
    if (len && !*end) {
        long at = number > 0 ? number - r->history->dropped - 1 : r->count + number;
        return at < 0 ? 0 : at >= r->count ? r->count - 1 : (int)at;
    }
    for (int i = r->count - 1; i >= 0; i--)
        if (strncmp(r->history->entries[i], text, len) == 0)
            return i;
    return -1;
}

static void print_entry(const struct request *r, int at)
{
    const char *text = r->history->entries[at];
    if (!r->plain)
        printf("%ld", r->history->dropped + at + 1);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        printf("\t%.*s\n", (int)strcspn(line, "\n"), line);
}

static int list_entries(const struct request *r, int first, int last)
{
    int step = first <= last ? 1 : -1;
    for (int at = r->reversed ? last : first, left = abs(last - first); left >= 0; left--, at += r->reversed ? -step : step)
        print_entry(r, at);
    return 0;
}

/* What runs instead of fc also stands instead of it in the history. */
static int run_instead(char *text)
{
    fprintf(stderr, "%s%s", text, *text && text[strlen(text) - 1] == '\n' ? "" : "\n");
    editor_remember_instead(text);
    return shell_run_text(shell.name, text);
}

static int run_again(const struct request *r, int at)
{
    const char *text = r->history->entries[at], *where = r->old ? strstr(text, r->old) : NULL;
    struct buffer changed = { 0 };
    if (r->old && !where)
        return fail(r->old, "is not in that command");
    buffer_append(&changed, text, where ? (size_t)(where - text) : strlen(text));
    if (where) {
        buffer_append(&changed, r->new, strlen(r->new));
        buffer_append(&changed, where + strlen(r->old), strlen(where + strlen(r->old)));
    }
    char *copy = arena_strndup(&shell.scratch, changed.data, changed.len);
    buffer_free(&changed);
    return run_instead(copy);
}

static bool write_entries(const struct request *r, int first, int last, int fd)
{
    int step = first <= last ? 1 : -1;
    FILE *file = fdopen(fd, "w");
    for (int at = r->reversed ? last : first, left = abs(last - first); file && left >= 0;
         left--, at += r->reversed ? -step : step)
        fprintf(file, "%s\n", r->history->entries[at]);
    return file && fclose(file) == 0;
}

static char *read_back(const char *path)
{
    struct buffer text = { 0 };
    char piece[512];
    FILE *file = fopen(path, "re");
    buffer_append(&text, "", 0);
    for (size_t n; file && (n = fread(piece, 1, sizeof piece, file)) > 0;)
        buffer_append(&text, piece, n);
    if (file)
        fclose(file);
    while (text.len && text.data[text.len - 1] == '\n')
        text.len--;
    char *copy = arena_strndup(&shell.scratch, text.data, text.len);
    buffer_free(&text);
    return copy;
}

/* In $FCEDIT, $EDITOR or edit; nothing runs if that fails. */
static int run_edited(const struct request *r, int first, int last)
{
    char path[] = "/tmp/fc-XXXXXX", command[512];
    const char *editor = r->editor ? r->editor : var_get("FCEDIT") ? var_get("FCEDIT") : var_get("EDITOR")
        ? var_get("EDITOR") : "edit";
    int fd = mkstemp(path);
    if (fd < 0)
        return fail(path, strerror(errno));
    bool whole = write_entries(r, first, last, fd);
    int status = whole && snprintf(command, sizeof command, "%s %s", editor, path) < (int)sizeof command
                     ? shell_run_text(shell.name, command) : fail(path, strerror(errno));
    char *text = status == 0 ? read_back(path) : "";
    unlink(path);
    return status || !*text ? status : run_instead(text);
}

/* How many words were options; -1: wrong. A negative number is no option. */
static int read_options(char **argv, struct request *r)
{
    int i = 1;
    for (; argv[i] && argv[i][0] == '-' && argv[i][1] && !strchr("0123456789", argv[i][1]); i++) {
        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        for (const char *c = argv[i] + 1; *c; c++) {
            if (*c == 'e') {
                r->editor = c[1] ? c + 1 : argv[++i];
                if (!r->editor)
                    return -1;
                break;
            }
            if (!strchr("lsnr", *c))
                return -1;
            r->list |= *c == 'l', r->again |= *c == 's', r->plain |= *c == 'n', r->reversed |= *c == 'r';
        }
    }
    r->again |= r->editor && strcmp(r->editor, "-") == 0; /* the old way: fc -e - */
    return i;
}

static char **take_change(char **arg, struct request *r)
{
    char *equals = r->again && *arg ? strchr(*arg, '=') : NULL;
    if (!equals || equals == *arg)
        return arg;
    r->old = arena_strndup(&shell.scratch, *arg, (size_t)(equals - *arg));
    r->new = equals + 1;
    return arg + 1;
}

int builtin_fc(char **argv)
{
    struct request r = { 0 };
    int options = read_options(argv, &r);
    if (options < 0) {
        shell_error("fc: usage: fc [-r] [-e EDITOR] [FIRST [LAST]], fc -l [-nr] [FIRST [LAST]], fc -s [OLD=NEW] [FIRST]");
        return 2;
    }
    r.history = editor_history(&r.count);
    if (!r.history || r.count < 1)
        return fail("", r.history ? "nothing was typed yet" : "only an interactive shell remembers commands");
    char **arg = take_change(argv + options, &r);
    int first = *arg ? find_entry(&r, *arg) : r.list ? (r.count > LISTED ? r.count - LISTED : 0) : r.count - 1;
    int last = *arg && arg[1] ? find_entry(&r, arg[1]) : r.list ? r.count - 1 : first;
    if (first < 0 || last < 0)
        return fail(first < 0 ? *arg : arg[1], "no such command");
    if (r.list)
        return list_entries(&r, first, last);
    return r.again ? run_again(&r, first) : run_edited(&r, first, last);
}
