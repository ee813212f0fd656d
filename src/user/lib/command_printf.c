/* printf (XCU printf): the format again and again until the arguments are used up. */
#include "commands.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct printer {
    char **arg; /* the next argument */
    int status;
    bool stop; /* \c was seen */
    complain_fn complain;
};

static char *next_argument(struct printer *printer)
{
    return *printer->arg ? *printer->arg++ : NULL;
}

/* The escape behind a backslash at text: its value and how long it is; 0: none, the backslash is itself. In %b
 * octal numbers begin with 0. */
static size_t escape_at(const char *text, bool in_b, char *value)
{
    static const char letters[] = "abefnrtv\\\"", values[] = "\a\b\033\f\n\r\t\v\\\"";
    const char *found = *text ? strchr(letters, *text) : NULL;
    size_t max = in_b && *text == '0' ? 4 : 3, len = 0;
    int number = 0;
    for (; len < max && text[len] >= '0' && text[len] <= '7'; len++)
        number = number * 8 + text[len] - '0';
    *value = found ? values[found - letters] : len ? (char)number : '\\';
    return found ? 1 : len;
}

/* The text of %b, so that a width can hold for it; malloc'd, and its length. It is never longer than what stands
 * for it. NULL: no memory. */
static char *expand_b(struct printer *printer, const char *text, size_t *len)
{
    char *out = malloc(strlen(text) + 1);
    size_t n = 0;
    while (out && *text && !printer->stop) {
        char value = *text;
        size_t escape = 0;
        if (*text == '\\' && text[1] == 'c')
            printer->stop = true;
        else if (*text == '\\')
            escape = escape_at(text + 1, true, &value);
        if (!printer->stop)
            out[n++] = value;
        text += 1 + escape;
    }
    if (out)
        out[n] = 0;
    *len = n;
    return out;
}

static void complain(struct printer *printer, const char *text, const char *what)
{
    printer->complain("printf: %s: %s", text, what);
    printer->status = 1;
}

static bool is_character(const char *text)
{
    return *text == '\'' || *text == '"';
}

static void check_number(struct printer *printer, const char *text, const char *end)
{
    if (errno == ERANGE)
        complain(printer, text, "out of range");
    else if (end == text)
        complain(printer, text, "expected a number");
    else if (*end)
        complain(printer, text, "not completely converted");
}

static long long integer_argument(struct printer *printer)
{
    const char *text = next_argument(printer);
    char *end;
    if (!text)
        return 0;
    if (is_character(text))
        return (unsigned char)text[1];
    errno = 0;
    long long value = *text == '-' ? strtoll(text, &end, 0) : (long long)strtoull(text, &end, 0);
    check_number(printer, text, end);
    return value;
}

static double float_argument(struct printer *printer)
{
    const char *text = next_argument(printer);
    char *end;
    if (!text)
        return 0;
    if (is_character(text))
        return (unsigned char)text[1];
    errno = 0;
    double value = strtod(text, &end);
    check_number(printer, text, end);
    return value;
}

/* A directive, from behind its '%': flags, width, precision. The rest of the work is libc's. */
struct spec {
    char flags[8];
    int width, precision; /* -1: none */
    char letter;
};

static const char *parse_amount(struct printer *printer, const char *at, int *out)
{
    long value = 0;
    if (*at == '*') {
        *out = (int)integer_argument(printer);
        return at + 1;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        value = value < 100000 ? value * 10 + *at - '0' : value;
    *out = (int)value;
    return at;
}

/* Behind the directive; NULL with a message: not one. */
static const char *parse_spec(struct printer *printer, const char *at, struct spec *spec)
{
    size_t nflags = 0;
    const char *start = at;
    *spec = (struct spec){ .width = 0, .precision = -1 };
    for (; *at && strchr("-+ #0", *at); at++)
        if (nflags < sizeof spec->flags - 1 && !strchr(spec->flags, *at))
            spec->flags[nflags++] = *at;
    at = parse_amount(printer, at, &spec->width);
    if (*at == '.')
        at = parse_amount(printer, at + 1, &spec->precision);
    at += strspn(at, "hlLjzt");
    spec->letter = *at;
    if (*at && strchr("diouxXfFeEgGaAcsb", *at))
        return at + 1;
    printer->complain("printf: %%%s: bad directive", start);
    printer->status = 1;
    return NULL;
}

static void print_b(struct printer *printer, const struct spec *spec, const char *format)
{
    size_t len;
    const char *source = next_argument(printer);
    char *text = expand_b(printer, source ? source : "", &len);
    if (!text)
        complain(printer, source, strerror(ENOMEM));
    else if (memchr(text, 0, len) && !spec->width && spec->precision < 0)
        fwrite(text, 1, len, stdout); /* a NUL would end it */
    else
        printf(format, spec->width, spec->precision, text);
    free(text);
}

static void print_directive(struct printer *printer, const struct spec *spec)
{
    char format[32];
    const char *length = strchr("diouxX", spec->letter) ? "ll" : "", *text;
    char letter = spec->letter == 'b' || spec->letter == 'c' ? 's' : spec->letter;
    snprintf(format, sizeof format, "%%%s*.*%s%c", spec->flags, length, letter);
    switch (spec->letter) {
    case 'b':
        print_b(printer, spec, format);
        break;
    case 'c':
        text = next_argument(printer);
        printf(format, spec->width, text && *text ? 1 : 0, text ? text : "");
        break;
    case 's':
        text = next_argument(printer);
        printf(format, spec->width, spec->precision, text ? text : "");
        break;
    case 'd': case 'i': case 'o': case 'u': case 'x': case 'X':
        printf(format, spec->width, spec->precision, integer_argument(printer));
        break;
    default:
        printf(format, spec->width, spec->precision, float_argument(printer));
    }
}

/* Once through the format; false: it cannot go on. */
static bool print_format(struct printer *printer, const char *at)
{
    struct spec spec;
    while (*at && !printer->stop) {
        if (*at == '\\') {
            char value;
            at += 1 + escape_at(at + 1, false, &value);
            putchar(value);
        } else if (*at == '%' && at[1] == '%') {
            putchar('%');
            at += 2;
        } else if (*at == '%') {
            at = parse_spec(printer, at + 1, &spec);
            if (!at)
                return false;
            print_directive(printer, &spec);
        } else {
            putchar(*at++);
        }
    }
    return !printer->stop;
}

int command_printf(char **argv, complain_fn complain)
{
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "--") == 0)
        arg++;
    if (!*arg) {
        complain("usage: printf FORMAT [ARGUMENT...]");
        return 2;
    }
    struct printer printer = { .arg = arg + 1, .complain = complain };
    char **before;
    do
        before = printer.arg;
    while (print_format(&printer, *arg) && *printer.arg && printer.arg != before);
    return printer.status;
}
