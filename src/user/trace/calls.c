/* One system call as a line: name and what goes in when it is entered, the rest when it returns. If
 * another tracee speaks in between, the line is broken off and taken up again later. */
#include "trace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "trace_calls.inc"

#define CALLS (sizeof call_table / sizeof *call_table)

unsigned tracees;
static bool selected[CALLS], selecting;
static const struct tracee *open_line; /* whose call's line is begun and not ended */

const char *call_name(uint64_t nr)
{
    static char text[32];
    if (nr < CALLS && call_table[nr].name)
        return call_table[nr].name;
    snprintf(text, sizeof text, "syscall_%#llx", (unsigned long long)nr);
    return text;
}

static bool select_one(const char *name, bool value)
{
    for (size_t i = 0; i < CALLS; i++)
        if (call_table[i].name && strcmp(call_table[i].name, name) == 0) {
            selected[i] = value;
            return true;
        }
    return false;
}

bool calls_select(const char *list)
{
    char *names = strdup(strncmp(list, "trace=", 6) == 0 ? list + 6 : list), *rest = names;
    bool all_but = names && *names == '!';
    selecting = names != NULL;
    memset(selected, all_but, sizeof selected);
    rest += all_but;
    for (char *name; (name = strsep(&rest, ",")); )
        if (!select_one(name, !all_but)) {
            free(names);
            return false;
        }
    free(names);
    return true;
}

static bool is_selected(uint64_t nr) { return !selecting || (nr < CALLS && selected[nr]); }

static const char *kinds_of(uint64_t nr)
{
    return nr < CALLS && call_table[nr].name && call_table[nr].kinds ? call_table[nr].kinds : "hex hex hex hex hex hex";
}

static void put_pid(const struct tracee *t)
{
    if (tracees > 1)
        fprintf(options.out, "[pid %5d] ", (int)t->pid);
}

void line_begin(const struct tracee *t)
{
    if (open_line)
        fputs(" <unfinished ...>\n", options.out);
    open_line = NULL;
    put_pid(t);
}

/* cmode, the mode of a file, is an argument only where open flags before it create one. */
static bool creates(uint64_t flags) { return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)); }

/* Arguments from *at on, up to the first that is known only afterwards (after: all). */
static const char *put_arguments(const struct tracee *t, const char *at, int *index, bool after, int64_t result)
{
    while (*at && *at != '=') {
        bool late = *at == '>';
        size_t len = strcspn(at + late, " ");
        if (late && !after)
            return at;
        if (len != 5 || memcmp(at, "cmode", 5) != 0 || creates(t->args[*index - 1])) {
            fputs(*index ? ", " : "", options.out);
            put_argument(t, at + late, len, *index, result);
        }
        ++*index;
        at += late + len;
        at += strspn(at, " ");
    }
    return at;
}

static const char *late_part(const char *kinds, int *index)
{
    for (*index = 0; *kinds && *kinds != '=' && *kinds != '>'; ++*index) {
        kinds += strcspn(kinds, " ");
        kinds += strspn(kinds, " ");
    }
    return kinds;
}

void call_entered(struct tracee *t, uint64_t nr, const uint64_t args[6], uint64_t now_ns)
{
    int index = 0;
    t->in_call = true;
    t->nr = nr;
    t->began_ns = now_ns;
    memcpy(t->args, args, sizeof t->args);
    t->shown = is_selected(nr) && !options.summary;
    if (!t->shown)
        return;
    line_begin(t);
    fprintf(options.out, "%s(", call_name(nr));
    put_arguments(t, kinds_of(nr) + strspn(kinds_of(nr), " "), &index, false, 0);
    open_line = t;
    fflush(options.out);
}

static void put_result(const char *how, int64_t result)
{
    bool restart = result <= -512 && result >= -516, none = strcmp(how, "= none") == 0;
    if (none || restart)
        fputs("?", options.out);
    if (none)
        return;
    if (restart)
        fprintf(options.out, " %s (to be restarted)", errno_name((int)-result));
    else if (result < 0 && result > -4096)
        fprintf(options.out, "-1 %s (%s)", errno_name((int)-result), strerror((int)-result));
    else if (strcmp(how, "= hex") == 0)
        fprintf(options.out, "%#llx", (unsigned long long)result);
    else if (strcmp(how, "= octal") == 0)
        fprintf(options.out, "%#03llo", (unsigned long long)result);
    else
        fprintf(options.out, "%lld", (long long)result);
}

void call_left(struct tracee *t, int64_t result, uint64_t now_ns)
{
    if (!t->in_call)
        return;
    t->in_call = false;
    uint64_t took = now_ns - t->began_ns;
    if (options.summary && is_selected(t->nr))
        summary_add(t->nr, took, result < 0 && result > -4096);
    if (!t->shown)
        return;
    if (open_line != t) {
        line_begin(t);
        fprintf(options.out, "<... %s resumed>", call_name(t->nr));
    }
    int index;
    const char *rest = late_part(kinds_of(t->nr), &index);
    rest = put_arguments(t, rest, &index, true, result);
    fputs(") = ", options.out);
    put_result(rest, result);
    if (options.times)
        fprintf(options.out, " <%llu.%06llu>", (unsigned long long)took / 1000000000,
                (unsigned long long)took / 1000 % 1000000);
    fputc('\n', options.out);
    fflush(options.out);
    open_line = NULL;
}

void call_abandoned(struct tracee *t)
{
    if (t->in_call && t->shown && open_line == t) {
        fputs(") = ?\n", options.out);
        open_line = NULL;
    }
    t->in_call = false;
}
