/* See options.h. Works on argv in place; what it makes anew (a letter with its value) is never freed: there is one of
 * each in a process. */
#include "options.h"

#include "util.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a letter takes a value: 0 not at all, 1 behind it or as the next argument, 2 only behind it. -1: no such
 * letter. */
static int value_kind(const char *shorts, char letter)
{
    const char *at = letter == ':' ? NULL : strchr(shorts, letter);
    return !at ? -1 : at[1] != ':' ? 0 : at[2] == ':' ? 2 : 1;
}

/* The letter of a long name, or of the only one that begins so; 0: there is none. */
static char letter_of(const char *longs, const char *name, size_t len)
{
    char found = 0;
    for (const char *at = longs; *at; at += *at == ' ') {
        size_t whole = strcspn(at, "="), next = strcspn(at, " ");
        if (whole >= len && strncmp(at, name, len) == 0) {
            if (whole == len)
                return at[whole + 1];
            found = found && found != at[whole + 1] ? '?' : at[whole + 1];
        }
        at += next;
    }
    return found == '?' ? 0 : found;
}

/* "--name" or "--name=value" as "-n" or "-nvalue"; itself when it is unknown. */
static char *as_letter(char *argument, const char *shorts, const char *longs)
{
    size_t len = strcspn(argument + 2, "=");
    char letter = letter_of(longs, argument + 2, len), *text;
    const char *value = argument[2 + len] ? argument + 3 + len : "";
    int kind = letter ? value_kind(shorts, letter) : 0;
    if (!letter || (*value && kind <= 0) ||
        (argument[2 + len] && !*value && kind == 1)) /* "-n" would take what follows */
        return argument;
    size_t size = strlen(value) + 3;
    text = malloc(size);
    if (!text)
        die(argument);
    snprintf(text, size, "-%c%s", letter, value);
    return text;
}

/* Whether the last letter of a cluster takes the next argument. */
static bool takes_next(const char *argument, const char *shorts)
{
    for (argument++; *argument; argument++)
        if (value_kind(shorts, *argument) > 0)
            return value_kind(shorts, *argument) == 1 && !argument[1];
    return false;
}

void options_arrange(int argc, char **argv, const char *shorts, const char *longs)
{
    char **operands = malloc(((size_t)argc + 1) * sizeof *operands);
    int noperands = 0, out = 1, in = 1;
    if (!operands)
        die("options");
    while (in < argc && strcmp(argv[in], "--") != 0) {
        char *argument = argv[in++];
        if (*shorts == '+' && (argument[0] != '-' || !argument[1])) { /* a command: its options are its own */
            free(operands);
            return;
        }
        if (argument[0] != '-' || !argument[1]) {
            operands[noperands++] = argument;
            continue;
        }
        if (argument[1] == '-')
            argument = as_letter(argument, shorts, longs);
        argv[out++] = argument;
        if (takes_next(argument, shorts) && in < argc)
            argv[out++] = argv[in++];
    }
    if (in < argc)
        argv[out++] = argv[in++]; /* -- */
    /* As many places are left as there are operands: those found, then those behind the "--", which stand there. */
    memcpy(&argv[out], operands, (size_t)noperands * sizeof *operands);
    free(operands);
}
