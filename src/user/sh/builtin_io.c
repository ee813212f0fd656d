/* read and printf. */
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

/* ---- printf ---- */

/* One backslash escape at text (behind the backslash): how long; -1: \c, stop. */
static int print_escape(const char *text)
{
    static const char letters[] = "abfnrtv\\\"", values[] = "\a\b\f\n\r\t\v\\\"";
    const char *found = *text ? strchr(letters, *text) : NULL;
    if (*text == 'c')
        return -1;
    if (found) {
        putchar(values[found - letters]);
        return 1;
    }
    if (*text >= '0' && *text <= '7') {
        int len = 0, value = 0;
        for (; len < 3 + (*text == '0') && text[len] >= '0' && text[len] <= '7'; len++)
            value = value * 8 + text[len] - '0';
        putchar(value & 255);
        return len;
    }
    putchar('\\');
    return 0;
}

static bool print_escaped(const char *text)
{
    while (*text) {
        if (*text != '\\') {
            putchar(*text++);
            continue;
        }
        int len = print_escape(text + 1);
        if (len < 0)
            return false;
        text += 1 + len;
    }
    return true;
}

static long long printf_number(const char *text, int *status)
{
    char *end;
    if (*text == '\'' || *text == '"')
        return (unsigned char)text[1];
    errno = 0;
    long long value = *text == '-' ? strtoll(text, &end, 0) : (long long)strtoull(text, &end, 0);
    if (*end || errno || (end == text && *text)) {
        shell_error("printf: %s: not a number", text);
        *status = 1;
    }
    return value;
}

/* One %-directive; spec is "%...X" without length letters. False: \c in a %b. */
static bool print_directive(char *spec, size_t len, const char *arg, int *status)
{
    char letter = spec[len - 1];
    char format[64];
    if (letter == 'b')
        return print_escaped(arg ? arg : "");
    if (letter == 's' || letter == 'c') {
        char one[2] = { arg ? *arg : 0, 0 };
        spec[len - 1] = 's';
        printf(spec, letter == 'c' ? one : arg ? arg : "");
        return true;
    }
    if (!strchr("diouxX", letter)) {
        shell_error("printf: %s: bad directive", spec);
        *status = 1;
        return true;
    }
    snprintf(format, sizeof format, "%.*sll%c", (int)len - 1, spec, letter);
    printf(format, arg ? printf_number(arg, status) : 0LL);
    return true;
}

int builtin_printf(char **argv)
{
    int status = 0;
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "--") == 0)
        arg++;
    if (!*arg) {
        shell_error("printf: which format?");
        return 2;
    }
    const char *format = *arg++;
    char **before;
    do {
        before = arg;
        for (const char *c = format; *c;) {
            if (*c == '\\') {
                int len = print_escape(c + 1);
                if (len < 0)
                    return status;
                c += 1 + len;
            } else if (*c == '%' && c[1] == '%') {
                putchar('%');
                c += 2;
            } else if (*c == '%') {
                char spec[32];
                size_t len = 1 + strspn(c + 1, "-+ #0123456789.");
                if (!c[len] || len > 20) {
                    shell_error("printf: bad format");
                    return 1;
                }
                memcpy(spec, c, ++len);
                spec[len] = 0;
                if (!print_directive(spec, len, *arg, &status))
                    return status;
                arg += *arg != NULL;
                c += len;
            } else {
                putchar(*c++);
            }
        }
    } while (*arg && arg != before);
    return status;
}
