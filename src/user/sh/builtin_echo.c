/* echo as dash and XSI have it (XCU echo): escapes work, -n leaves the newline out. -e and -E are taken too,
 * because so many people type them. */
#include "sh.h"

#include <stdio.h>
#include <string.h>

/* The escape behind a backslash at text: how long it is; 0: none, and the backslash is itself. */
static size_t echo_escape(const char *text)
{
    static const char letters[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
    const char *found = *text ? strchr(letters, *text) : NULL;
    size_t len = 1;
    int value = 0;
    if (found) {
        putchar(values[found - letters]);
        return 1;
    }
    if (*text != '0')
        return 0;
    for (; len < 4 && text[len] >= '0' && text[len] <= '7'; len++)
        value = value * 8 + text[len] - '0';
    putchar(value & 255);
    return len;
}

/* False: \c, nothing more is printed. */
static bool echo_word(const char *text, bool escapes)
{
    while (*text) {
        if (escapes && text[0] == '\\' && text[1] == 'c')
            return false;
        size_t len = escapes && *text == '\\' ? echo_escape(text + 1) : 0;
        if (len == 0)
            putchar(*text);
        text += len + 1;
    }
    return true;
}

int builtin_echo(char **argv)
{
    bool newline = true, escapes = true;
    char **arg = argv + 1;
    for (; *arg && **arg == '-' && (*arg)[1] && !(*arg)[1 + strspn(*arg + 1, "neE")]; arg++) {
        newline = newline && !strchr(*arg, 'n');
        escapes = strchr(*arg, 'e') || (escapes && !strchr(*arg, 'E'));
    }
    for (char **first = arg; *arg; arg++) {
        if (arg > first)
            putchar(' ');
        if (!echo_word(*arg, escapes))
            return 0;
    }
    if (newline)
        putchar('\n');
    return 0;
}
