/* ulimit and umask: what this shell's programs may take, and the rights their new files do not get. */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct limit {
    char letter;
    int resource;
    rlim_t unit;
    const char *name; /* dash's words */
} limits[] = {
    { 't', RLIMIT_CPU, 1, "time(seconds)" },          { 'f', RLIMIT_FSIZE, 512, "file(blocks)" },
    { 'd', RLIMIT_DATA, 1024, "data(kbytes)" },       { 's', RLIMIT_STACK, 1024, "stack(kbytes)" },
    { 'c', RLIMIT_CORE, 512, "coredump(blocks)" },    { 'm', RLIMIT_RSS, 1024, "memory(kbytes)" },
    { 'l', RLIMIT_MEMLOCK, 1024, "locked memory(kbytes)" }, { 'p', RLIMIT_NPROC, 1, "process" },
    { 'n', RLIMIT_NOFILE, 1, "nofiles" },             { 'v', RLIMIT_AS, 1024, "vmemory(kbytes)" },
    { 'w', RLIMIT_LOCKS, 1, "locks" },                { 'r', RLIMIT_RTPRIO, 1, "rtprio" },
};
enum { NLIMITS = sizeof limits / sizeof *limits };

static const struct limit *limit_find(char letter)
{
    for (int i = 0; i < NLIMITS; i++)
        if (limits[i].letter == letter)
            return &limits[i];
    return NULL;
}

static void limit_print(const struct limit *limit, bool hard)
{
    struct rlimit now;
    if (getrlimit(limit->resource, &now) < 0)
        return;
    rlim_t value = hard ? now.rlim_max : now.rlim_cur;
    if (value == RLIM_INFINITY)
        puts("unlimited");
    else
        printf("%llu\n", (unsigned long long)(value / limit->unit));
}

static int limit_set(const struct limit *limit, const char *text, bool soft, bool hard)
{
    struct rlimit now;
    char *end;
    errno = 0;
    rlim_t value = strtoull(text, &end, 10);
    bool unlimited = strcmp(text, "unlimited") == 0;
    if (!unlimited && (!*text || *end || *text == '-' || errno || value > RLIM_INFINITY / limit->unit)) {
        shell_error("ulimit: %s: bad number", text);
        return 2;
    }
    value = unlimited ? RLIM_INFINITY : value * limit->unit;
    if (getrlimit(limit->resource, &now) == 0) {
        now.rlim_cur = soft ? value : now.rlim_cur;
        now.rlim_max = hard ? value : now.rlim_max;
        if (setrlimit(limit->resource, &now) == 0)
            return 0;
    }
    shell_error("ulimit: error setting limit (%s)", strerror(errno));
    return 2;
}

int builtin_ulimit(char **argv)
{
    bool soft = false, hard = false, all = false;
    char letter = 'f', **arg = argv + 1;
    for (; *arg && **arg == '-' && (*arg)[1]; arg++)
        for (const char *c = *arg + 1; *c; c++) {
            soft |= *c == 'S';
            hard |= *c == 'H';
            all |= *c == 'a';
            if (limit_find(*c))
                letter = *c;
            else if (!strchr("SHa", *c)) {
                shell_error("ulimit: -%c: no such option", *c);
                return 2;
            }
        }
    for (int i = 0; all && i < NLIMITS; i++) {
        printf("%-20s ", limits[i].name);
        limit_print(&limits[i], hard && !soft);
    }
    if (all)
        return 0;
    if (*arg)
        return limit_set(limit_find(letter), *arg, soft || !hard, hard || !soft);
    limit_print(limit_find(letter), hard && !soft);
    return 0;
}

/* ---- umask ---- */

static void print_rights(char who, unsigned rights, const char *after)
{
    printf("%c=%s%s%s%s", who, rights & 4 ? "r" : "", rights & 2 ? "w" : "", rights & 1 ? "x" : "", after);
}

/* The rights behind an operator: letters, or u, g, o for what that class has. */
static const char *parse_rights(const char *text, unsigned allowed, unsigned *rights)
{
    *rights = 0;
    for (;; text++)
        switch (*text) {
        case 'r': *rights |= 0444; break;
        case 'w': *rights |= 0222; break;
        case 'x': *rights |= 0111; break;
        case 'X': case 's': case 't': break;
        case 'u': *rights |= (allowed >> 6 & 7) * 0111; break;
        case 'g': *rights |= (allowed >> 3 & 7) * 0111; break;
        case 'o': *rights |= (allowed & 7) * 0111; break;
        default: return text;
        }
}

/* chmod's symbolic form (XCU chmod) on the rights that are allowed. */
static bool parse_symbolic(const char *text, unsigned *allowed)
{
    while (*text) {
        unsigned who = 0, rights;
        for (; *text && strchr("ugoa", *text); text++)
            who |= *text == 'u' ? 0700 : *text == 'g' ? 0070 : *text == 'o' ? 0007 : 0777;
        who = who ? who : 0777;
        if (!*text || !strchr("=+-", *text))
            return false;
        while (*text && strchr("=+-", *text)) {
            char op = *text;
            text = parse_rights(text + 1, *allowed, &rights);
            rights &= who;
            *allowed = op == '+' ? *allowed | rights : op == '-' ? *allowed & ~rights : (*allowed & ~who) | rights;
        }
        if (*text && *text++ != ',')
            return false;
    }
    return true;
}

int builtin_umask(char **argv)
{
    char **arg = argv + 1;
    bool symbolic = *arg && strcmp(*arg, "-S") == 0;
    unsigned mask = umask(0), allowed = ~mask & 0777;
    umask(mask);
    arg += symbolic || (*arg && strcmp(*arg, "--") == 0);
    if (!*arg) {
        if (!symbolic) {
            printf("%04o\n", mask);
            return 0;
        }
        print_rights('u', allowed >> 6, ",");
        print_rights('g', allowed >> 3, ",");
        print_rights('o', allowed, "\n");
        return 0;
    }
    char *end;
    unsigned long value = strtoul(*arg, &end, 8);
    bool octal = **arg >= '0' && **arg <= '9';
    if (octal ? *end || value > 0777 : !parse_symbolic(*arg, &allowed)) {
        shell_error("umask: %s: not a mask", *arg);
        return 2;
    }
    umask(octal ? (mode_t)value : (mode_t)(~allowed & 0777));
    return 0;
}
