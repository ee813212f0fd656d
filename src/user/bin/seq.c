/* seq: numbers from FIRST to LAST. Whole numbers are counted exactly, others as double. */
#include "../lib/util.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (!*text || *end || !isfinite(value)) {
        warn_text(text, "not a number");
        exit(1);
    }
    return value;
}

/* Digits behind the point. */
static int places(const char *text)
{
    const char *point = strchr(text, '.');
    return point && !strpbrk(text, "eExX") ? (int)strlen(point + 1) : 0;
}

/* One conversion of a double, and no other. */
static bool is_format(const char *format)
{
    int conversions = 0;
    for (const char *p = format; *p; p++) {
        if (*p != '%')
            continue;
        if (p[1] == '%') {
            p++;
            continue;
        }
        p += 1 + strspn(p + 1, "-+ #0'");
        p += strspn(p, "0123456789");
        if (*p == '.')
            p += 1 + strspn(p + 1, "0123456789");
        if (!*p || !strchr("aAeEfFgG", *p))
            return false;
        conversions++;
    }
    return conversions == 1;
}

static void put_formatted(const char *before, const char *format, double value)
{
    fputs(before, stdout);
    printf(format, value);
}

int main(int argc, char **argv)
{
    static const char help[] = "usage: seq [-w] [-s SEPARATOR] [-f FORMAT] [FIRST [STEP]] LAST\n"
                               "Print numbers. -w: all equally wide, -s: between them instead of a new line,\n"
                               "-f: each as printf(3) has it (%g, %03.f, %e).\n";
    static const struct { const char *name, *letter; } words[] = {
        { "--equal-width", "-w" }, { "--separator=", "-s" }, { "--format=", "-f" },
    };
    const char *separator = "\n", *format = NULL;
    bool wide = false;
    int i = 1;
    tool_init(argv, help);
    for (; i < argc && argv[i][0] == '-' && strchr("wsf-", argv[i][1]) && argv[i][1]; i++) {
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            size_t len = strlen(words[k].name);
            char *text = NULL;
            if (strncmp(argv[i], words[k].name, len) == 0 &&
                asprintf(&text, "%s%s", words[k].letter, argv[i] + len) > 0)
                argv[i] = text;
        }
        if (strcmp(argv[i], "--") == 0 && i++)
            break;
        if (strcmp(argv[i], "-w") == 0)
            wide = true;
        else if (strncmp(argv[i], "-s", 2) == 0 && (argv[i][2] || i + 1 < argc))
            separator = argv[i][2] ? argv[i] + 2 : argv[++i];
        else if (strncmp(argv[i], "-f", 2) == 0 && (argv[i][2] || i + 1 < argc))
            format = argv[i][2] ? argv[i] + 2 : argv[++i];
        else
            die_usage();
    }
    if (format && !is_format(format)) {
        warn_text(format, "not a format with one number");
        return 1;
    }
    int n = argc - i;
    if (n < 1 || n > 3)
        die_usage();
    const char *first_text = n > 1 ? argv[i] : "1", *step_text = n > 2 ? argv[i + 1] : "1", *last_text = argv[argc - 1];
    double first = number(first_text), step = number(step_text), last = number(last_text);
    int digits = places(first_text) > places(step_text) ? places(first_text) : places(step_text), width = 0;
    if (step == 0) {
        warn_text(step_text, "a step of nothing never ends");
        return 1;
    }
    double count = floor((last - first) / step + 1e-10);
    if (wide) {
        int a = snprintf(NULL, 0, "%.*f", digits, first), b = snprintf(NULL, 0, "%.*f", digits,
                first + (count > 0 ? count : 0) * step);
        width = a > b ? a : b;
    }
    for (double k = 0; k <= count && !ferror(stdout); k++)
        if (format)
            put_formatted(k > 0 ? separator : "", format, first + k * step);
        else
            printf("%s%0*.*f", k > 0 ? separator : "", width, digits, first + k * step);
    if (count >= 0)
        putchar('\n');
    return flush_output();
}
