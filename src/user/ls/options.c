/* ls: its options, and the names they leave out. See ls.h. */
#include "ls.h"

#include "../lib/util.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PATTERNS_MAX = 16 };
bool have[256], on_tty, colours;
const char *time_format;
unsigned width = 80;
static const char *ignored[PATTERNS_MAX], *hidden[PATTERNS_MAX]; /* -I; --hide, which -a overrides */
static size_t nignored, nhidden;
static unsigned fixed_width; /* -w */

bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool fits_any(const char *name, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fnmatch(patterns[i], name, FNM_PERIOD) == 0)
            return true;
    return false;
}

bool is_listed(const char *name)
{
    size_t len = strlen(name);
    if (name[0] == '.' && !have['a'] && !(have['A'] && !is_dot(name)))
        return false;
    if (!have['a'] && !have['A'] && fits_any(name, hidden, nhidden))
        return false;
    return !(have['B'] && name[len - 1] == '~') && !fits_any(name, ignored, nignored);
}

static const char help[] =
    "usage: ls [-aAdRlhinosgGF1CxmptrScuUvXfqbNQLHB] [-I PATTERN] [-w COLUMNS] [--color[=WHEN]] [FILE...]\nList files.\n"
    "  -a all, -A but . and ..;  -d directories themselves;  -R what is inside too\n"
    "  -l with details: -h readable sizes, -n numbers for owners, -o, -G no group, -g no owner,\n"
    "  --full-time, --time-style=long-iso or +FORMAT\n"
    "  -i inode, -s blocks of 1 KiB;  -F mark kinds, -p directories;  -1 one a line, -C columns,\n"
    "  -x columns in rows, -m names with commas\n"
    "  -t newest first (-u: last used, -c: last changed), -S largest first, -r reversed,\n"
    "  -X by what is behind the dot, -v with numbers in names, -U unsorted (-f: and all);  --group-directories-first\n"
    "  -L what links point to, -H those named here;  -q ? for control characters, -b \\n, -Q \"\\n\", -N as they are\n"
    "  -B no names with ~ at the end, -I PATTERN not these, --hide=PATTERN nor these without -a;  -w so many columns\n"
    "  --color  always, never, or auto: on a terminal\n";

/* --sort=WORD, --time=WORD: the letter it stands for. */
static void take_word(const char *text, const char *const words[], const char *letters)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            have[(unsigned char)letters[i]] = true;
            return;
        }
    warn_text(text, "no such way");
    exit(2);
}

static void take_time_style(const char *text)
{
    if (*text == '+')
        time_format = text + 1;
    else if (strcmp(text, "full-iso") == 0)
        time_format = "";
    else if (strcmp(text, "long-iso") == 0)
        time_format = "%Y-%m-%d %H:%M";
    else if (strcmp(text, "locale") != 0) {
        warn_text(text, "no such style (full-iso, long-iso, +FORMAT)");
        exit(2);
    }
}

/* Options with a value; false: it is none of them. */
static bool take_value(int c, const char *text)
{
    static const char *const sorts[] = { "size", "time", "none", "extension", "version", NULL };
    static const char *const times[] = { "atime", "access", "use", "ctime", "status", NULL };
    uint64_t number;
    switch (c) {
    case 'I':
        if (nignored < PATTERNS_MAX)
            ignored[nignored++] = text;
        return true;
    case 'H' | 128:
        if (nhidden < PATTERNS_MAX)
            hidden[nhidden++] = text;
        return true;
    case 'w':
        if (!parse_u64(text, &number))
            die_usage();
        fixed_width = number && number < 65536 ? (unsigned)number : 65535; /* 0: no end */
        return true;
    case 's' | 128: take_word(text, sorts, "StUXv"); return true;
    case 'u' | 128: take_word(text, times, "uuucc"); return true;
    case 't' | 128: take_time_style(text); return true;
    case 'f' | 128:
        time_format = "";
        have['l'] = true;
        have['C'] = have['x'] = have['m'] = false;
        return true;
    }
    return false;
}

void read_options(int argc, char **argv)
{
    static const struct option words[] = {
        { "all", no_argument, NULL, 'a' }, { "almost-all", no_argument, NULL, 'A' }, { "directory", no_argument, NULL, 'd' },
        { "classify", no_argument, NULL, 'F' }, { "inode", no_argument, NULL, 'i' }, { "size", no_argument, NULL, 's' },
        { "numeric-uid-gid", no_argument, NULL, 'n' }, { "no-group", no_argument, NULL, 'G' },
        { "dereference", no_argument, NULL, 'L' }, { "ignore", required_argument, NULL, 'I' },
        { "ignore-backups", no_argument, NULL, 'B' }, { "escape", no_argument, NULL, 'b' },
        { "literal", no_argument, NULL, 'N' }, { "quote-name", no_argument, NULL, 'Q' },
        { "hide-control-chars", no_argument, NULL, 'q' }, { "width", required_argument, NULL, 'w' },
        { "kibibytes", no_argument, NULL, 'k' }, { "hide", required_argument, NULL, 'H' | 128 },
        { "group-directories-first", no_argument, NULL, 'g' | 128 }, { "full-time", no_argument, NULL, 'f' | 128 },
        { "time-style", required_argument, NULL, 't' | 128 }, { "sort", required_argument, NULL, 's' | 128 },
        { "time", required_argument, NULL, 'u' | 128 }, { "color", optional_argument, NULL, '#' },
        { "human-readable", no_argument, NULL, 'h' },
        { "recursive", no_argument, NULL, 'R' }, { "reverse", no_argument, NULL, 'r' }, { 0 },
    };
    struct winsize size;
    tool_init(argv, help);
    on_tty = isatty(1);
    colours = have['C'] = on_tty;
    for (int c; (c = getopt_long(argc, argv, "aAdRlhinosgF1CxmptrScuUqLHbBfGkNQvXI:w:", words, NULL)) != -1;) {
        if (c == '?')
            die_usage();
        if (take_value(c, optarg))
            continue;
        if (c == '#')
            colours = !optarg || strcmp(optarg, "always") == 0 || (strcmp(optarg, "auto") == 0 && on_tty);
        else
            have[c] = true;
        if (c == 'f')
            have['a'] = have['U'] = true;
        if (c > 0 && c < 128 && strchr("logn1Cxm", c))
            have['C'] = have['x'] = have['m'] = false;
        if (c > 0 && c < 128 && strchr("Cxm", c))
            have[c == 'x' ? 'C' : c] = have[c] = true;
        if (c == 'o' || c == 'g' || c == 'n')
            have['l'] = true;
    }
    if (on_tty && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
    if (fixed_width)
        width = fixed_width;
}
