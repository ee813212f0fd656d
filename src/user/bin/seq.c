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

int main(int argc, char **argv)
{
    static const char help[] = "usage: seq [-w] [-s SEPARATOR] [FIRST [STEP]] LAST\n"
                               "Print numbers. -w: all equally wide, -s: between them instead of a new line.\n";
    const char *separator = "\n";
    bool wide = false;
    int i = 1;
    tool_init(argv, help);
    for (; i < argc && argv[i][0] == '-' && strchr("ws-", argv[i][1]) && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0 && i++)
            break;
        if (strcmp(argv[i], "-w") == 0)
            wide = true;
        else if (strncmp(argv[i], "-s", 2) == 0 && (argv[i][2] || i + 1 < argc))
            separator = argv[i][2] ? argv[i] + 2 : argv[++i];
        else
            die_usage();
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
        printf("%s%0*.*f", k > 0 ? separator : "", width, digits, first + k * step);
    if (count >= 0)
        putchar('\n');
    return flush_output();
}
