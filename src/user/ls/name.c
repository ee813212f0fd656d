/* ls: a name as it is shown: its colour, its mark, what stands for its odd characters. See ls.h. */
#include "ls.h"

#include <stdio.h>
#include <string.h>

static const char *color_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return "\033[1;34m";
    if (S_ISLNK(st->st_mode))
        return "\033[1;36m";
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        return "\033[1;33m";
    if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode))
        return "\033[35m";
    return st->st_mode & 0111 ? "\033[1;32m" : "";
}

char mark_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode) && (have['F'] || have['p']))
        return '/';
    if (!have['F'])
        return 0;
    if (S_ISLNK(st->st_mode))
        return '@';
    if (S_ISFIFO(st->st_mode))
        return '|';
    if (S_ISSOCK(st->st_mode))
        return '=';
    return S_ISREG(st->st_mode) && (st->st_mode & 0111) ? '*' : 0;
}

/* -b, -Q: as C writes it; -q or a terminal: '?' for what it would obey; -N: as it is. */
static unsigned put_character(unsigned char c)
{
    static const char controls[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    bool control = c < 32 || c == 127;
    if (!have['b'] && !have['Q'])
        return putchar(control && !have['N'] && (on_tty || have['q']) ? '?' : c), 1;
    const char *known = control ? strchr(controls, c) : NULL;
    if (known && *known)
        return (unsigned)printf("\\%c", letters[known - controls]);
    if (control)
        return (unsigned)printf("\\%03o", c);
    if (c == '\\' || (c == '"' && have['Q']) || (c == ' ' && !have['Q']))
        return (unsigned)printf("\\%c", c);
    return putchar(c), 1;
}

/* The name as shown: a terminal gets no control characters from a file name. */
unsigned put_name(const struct entry *entry)
{
    const char *color = colours ? color_of(&entry->st) : "";
    unsigned len = 0;
    fputs(color, stdout);
    if (have['Q'])
        len += (unsigned)printf("\"");
    for (const char *c = entry->name; *c; c++)
        len += put_character((unsigned char)*c);
    if (have['Q'])
        len += (unsigned)printf("\"");
    if (*color)
        fputs("\033[0m", stdout);
    char mark = mark_of(&entry->st);
    if (mark && !(have['l'] && mark == '@')) {
        putchar(mark);
        len++;
    }
    return len;
}

/* A name takes as many cells as it has characters, not bytes. */
unsigned cells_of(const char *name)
{
    unsigned cells = 0;
    for (; *name; name++)
        cells += (*name & 0xc0) != 0x80;
    return cells;
}
