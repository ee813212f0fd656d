/* read (XCU read): one line, split into variables. */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line, byte by byte, with a mark for each byte that a backslash protected. */
static int read_marked_line(bool raw, struct buffer *text, struct buffer *marks)
{
    buffer_append(text, "", 0);
    buffer_append(marks, "", 0);
    for (bool escaped = false;;) {
        char c;
        ssize_t n = read(0, &c, 1);
        if (n < 0 && errno == EINTR && !shell_interrupted) {
            traps_run_pending();
            continue;
        }
        if (n <= 0)
            return 1;
        if (!escaped && !raw && c == '\\') {
            escaped = true;
            continue;
        }
        if (c == '\n' && !escaped)
            return 0;
        if (c && c != '\n') {
            buffer_add(text, c);
            buffer_add(marks, escaped ? 'q' : 'e');
        }
        escaped = false;
    }
}

static bool is_separator(const char *ifs, char c, char mark, bool blanks_only)
{
    return mark == 'e' && c && strchr(ifs, c) && (!blanks_only || strchr(" \t\n", c));
}

/* The piece for one variable, from *pos; the last takes all but the white space at the end. */
static char *next_piece(const struct buffer *text, const struct buffer *marks, const char *ifs, size_t *pos, bool last)
{
    size_t i = *pos;
    while (i < text->len && is_separator(ifs, text->data[i], marks->data[i], true))
        i++;
    size_t start = i, end;
    while (i < text->len && (last || !is_separator(ifs, text->data[i], marks->data[i], false)))
        i++;
    end = i;
    while (last && end > start && is_separator(ifs, text->data[end - 1], marks->data[end - 1], true))
        end--;
    size_t inner = start;
    while (last && inner < end && !is_separator(ifs, text->data[inner], marks->data[inner], false))
        inner++;
    if (last && inner + 1 == end && inner < end)
        end--; /* "a:" into one variable: the only delimiter belongs to the only field */
    while (i < text->len && is_separator(ifs, text->data[i], marks->data[i], true))
        i++;
    if (i < text->len && !last && is_separator(ifs, text->data[i], marks->data[i], false))
        i++;
    *pos = i;
    return arena_strndup(&shell.scratch, text->data + start, end - start);
}

int builtin_read(char **argv)
{
    static char *reply[] = { "REPLY", NULL };
    struct buffer text = { 0 }, marks = { 0 };
    bool raw = false;
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "-r") == 0) {
        raw = true;
        arg++;
    }
    if (*arg && strcmp(*arg, "-p") == 0 && arg[1]) {
        fputs(arg[1], stderr);
        arg += 2;
    }
    char **names = *arg ? arg : reply;
    for (char **name = names; *name; name++)
        if (!name_is_valid(*name, strlen(*name))) {
            shell_error("read: %s: bad variable name", *name);
            return 2;
        }
    int status = read_marked_line(raw, &text, &marks);
    const char *ifs = var_get("IFS");
    ifs = arena_strndup(&shell.scratch, ifs ? ifs : " \t\n", ifs ? strlen(ifs) : 3);
    size_t pos = 0;
    for (char **name = names; *name; name++)
        if (!var_set(*name, next_piece(&text, &marks, ifs, &pos, !name[1])))
            status = 2;
    buffer_free(&text);
    buffer_free(&marks);
    return status;
}
