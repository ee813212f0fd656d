/* chmod: change permissions, by number or by symbols (u+rwx,go-w,a=rX). */
#include "../lib/inside.h"
#include "../lib/modes.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, verbose, changes, quiet; /* -R -v -c -f */
static const char *mode_text;
static mode_t reference = (mode_t)-1;

static int change(const char *path, bool named);
static int change_found(const char *path) { return change(path, false); }

static void say(const char *path, mode_t old, mode_t new)
{
    char was[10], is[10];
    if (!verbose && (!changes || old == new))
        return;
    mode_letters(old, was);
    mode_letters(new, is);
    if (old == new)
        printf("mode of '%s' retained as %04o (%s)\n", path, old, was);
    else
        printf("mode of '%s' changed from %04o (%s) to %04o (%s)\n", path, old, was, new, is);
}

static bool *flag_of(char letter)
{
    return letter == 'R' ? &recursive : letter == 'v' ? &verbose : letter == 'c' ? &changes : letter == 'f' ? &quiet : NULL;
}

/* None of them is a letter of modes: "-x" is one. */
static bool take_letters(const char *letters)
{
    for (const char *p = letters; *p; p++)
        if (!flag_of(*p))
            return false;
    for (const char *p = letters; *p; p++)
        *flag_of(*p) = true;
    return *letters;
}

static bool take_option(const char *text)
{
    static const struct { const char *name; bool *what; } options[] = {
        { "--recursive", &recursive }, { "--verbose", &verbose }, { "--changes", &changes }, { "--quiet", &quiet },
        { "--silent", &quiet },
    };
    struct stat st;
    if (*text == '-' && take_letters(text + 1))
        return true;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(text, options[i].name) == 0)
            return *options[i].what = true;
    if (strncmp(text, "--reference=", 12) != 0)
        return false;
    if (stat(text + 12, &st) < 0)
        die(text + 12);
    reference = st.st_mode & 07777;
    return true;
}

/* Links are followed where they were named, and left alone where they were found. */
static int change(const char *path, bool named)
{
    struct stat st;
    if ((named ? stat : lstat)(path, &st) < 0) {
        if (!quiet)
            warn_errno(path);
        return 1;
    }
    if (S_ISLNK(st.st_mode)) {
        if (verbose)
            printf("neither symbolic link '%s' nor referent has been changed\n", path);
        return 0;
    }
    mode_t mode = st.st_mode;
    if (reference != (mode_t)-1) {
        mode = reference;
    } else if (!mode_apply(mode_text, &mode)) {
        warn_text(mode_text, "not a mode (755, u+x, go-w, a=rX)");
        exit(1);
    }
    int status = 0;
    if (chmod(path, mode & 07777) < 0) {
        if (!quiet)
            warn_errno(path);
        status = 1;
    } else {
        say(path, st.st_mode & 07777, mode & 07777);
    }
    return recursive && S_ISDIR(st.st_mode) ? status | each_inside(path, change_found) : status;
}

int main(int argc, char **argv)
{
    int status = 0, i = 1, n = 1;
    tool_init(argv, "usage: chmod [-Rcfv] MODE FILE...\n       chmod [-Rcfv] --reference=OTHER FILE...\n"
                    "Change permissions. MODE: 755, u+x, go-w, a=rX and the like. -R: with all inside,\n"
                    "-v: say what was done, -c: only of changes, -f: no complaints.\n");
    /* A mode may begin with '-' too: only what is an option in full is one. */
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!take_option(argv[i]))
            argv[n++] = argv[i];
    for (i++; i < argc; i++)
        argv[n++] = argv[i];
    i = 1;
    if (reference == (mode_t)-1)
        mode_text = i < n ? argv[i++] : NULL;
    if (i >= n)
        die_usage();
    for (; i < n; i++)
        status |= change(argv[i], true);
    return flush_output() | status;
}
