/* chmod: change permissions, by number or by symbols (u+rwx,go-w,a=rX). */
#include "../lib/inside.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive;
static const char *mode_text;

/* The bits one letter stands for, in all three places at once. */
static mode_t bits_of(char letter, mode_t mode)
{
    switch (letter) {
    case 'r': return 0444;
    case 'w': return 0222;
    case 'x': return 0111;
    case 'X': return S_ISDIR(mode) || mode & 0111 ? 0111 : 0;
    case 's': return 06000;
    case 't': return 01000;
    case 'u': return (mode >> 6 & 7) * 0111;
    case 'g': return (mode >> 3 & 7) * 0111;
    case 'o': return (mode & 7) * 0111;
    default: return 0;
    }
}

static mode_t whose(const char **p)
{
    mode_t who = 0;
    for (; **p && strchr("ugoa", **p); (*p)++)
        who |= **p == 'u' ? 04700 : **p == 'g' ? 02070 : **p == 'o' ? 01007 : 07777;
    return who;
}

/* One of the parts between commas: [ugoa...]([+-=][perms])... False when it is none. */
static bool apply_part(const char **p, mode_t *mode, mode_t umask_now)
{
    mode_t who = whose(p), mask = who ? who : 07777 & ~umask_now;
    if (!**p || !strchr("+-=", **p))
        return false;
    while (**p && strchr("+-=", **p)) {
        char how = *(*p)++;
        mode_t bits = 0;
        for (; **p && strchr("rwxXstugo", **p); (*p)++)
            bits |= bits_of(**p, *mode);
        bits &= mask;
        if (how == '=')
            *mode &= ~((who ? who : 07777) & 07777 & ~(S_ISDIR(*mode) ? 06000u : 0));
        *mode = how == '-' ? *mode & ~bits : *mode | bits;
    }
    return true;
}

static bool mode_apply(const char *p, mode_t *mode)
{
    mode_t umask_now = umask(0);
    umask(umask_now);
    if (*p >= '0' && *p <= '7') {
        char *end;
        unsigned long value = strtoul(p, &end, 8);
        *mode = (*mode & ~07777u) | (mode_t)value;
        return !*end && value <= 07777;
    }
    do {
        if (!apply_part(&p, mode, umask_now))
            return false;
    } while (*p == ',' && p++);
    return !*p;
}

static int change(const char *path, bool named);
static int change_found(const char *path) { return change(path, false); }

/* Links are followed where they were named, and left alone where they were found. */
static int change(const char *path, bool named)
{
    struct stat st;
    if ((named ? stat : lstat)(path, &st) < 0) {
        warn_errno(path);
        return 1;
    }
    if (S_ISLNK(st.st_mode))
        return 0;
    mode_t mode = st.st_mode;
    if (!mode_apply(mode_text, &mode)) {
        warn_text(mode_text, "not a mode (755, u+x, go-w, a=rX)");
        exit(1);
    }
    int status = 0;
    if (chmod(path, mode & 07777) < 0) {
        warn_errno(path);
        status = 1;
    }
    return recursive && S_ISDIR(st.st_mode) ? status | each_inside(path, change_found) : status;
}

int main(int argc, char **argv)
{
    int status = 0, i = 1;
    tool_init(argv, "usage: chmod [-R] MODE FILE...\nChange permissions. MODE: 755, u+x, go-w, a=rX and the like. -R: with all inside.\n");
    /* A mode may begin with '-' too: only what is an option in full is one. */
    for (; i < argc && (strcmp(argv[i], "-R") == 0 || strcmp(argv[i], "--") == 0); i++) {
        if (argv[i][1] == '-' && i++)
            break;
        recursive = true;
    }
    if (argc - i < 2)
        die_usage();
    mode_text = argv[i++];
    for (; i < argc; i++)
        status |= change(argv[i], true);
    return status;
}
