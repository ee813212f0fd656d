/* echo: its arguments. */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>

/* False: \c, nothing more is to be printed. */
static bool put_escaped(const char *text)
{
    static const char letters[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
    for (; *text; text++) {
        const char *found = *text == '\\' && text[1] ? strchr(letters, text[1]) : NULL;
        if (*text == '\\' && text[1] == 'c')
            return false;
        putchar(found ? values[found - letters] : *text);
        text += found != NULL;
    }
    return true;
}

int main(int argc, char **argv)
{
    bool newline = true, escapes = false;
    int i = 1;
    tool_init(argv, "usage: echo [-n] [-e] [TEXT...]\n"
                    "Print TEXT. -n: no newline, -e: understand \\n, \\t, \\e and so on.\n");
    for (; i < argc && argv[i][0] == '-' && argv[i][1] && !argv[i][1 + strspn(argv[i] + 1, "ne")]; i++) {
        newline = newline && !strchr(argv[i], 'n');
        escapes = escapes || strchr(argv[i], 'e');
    }
    for (int first = i; i < argc; i++) {
        if (i > first)
            putchar(' ');
        if (!escapes)
            fputs(argv[i], stdout);
        else if (!put_escaped(argv[i]))
            return flush_output();
    }
    if (newline)
        putchar('\n');
    return flush_output();
}
