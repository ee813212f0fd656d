/* chmod: change permissions, by number or by symbols (u+rwx,go-w,a=rX). */
#include "../lib/inside.h"
#include "../lib/modes.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive;
static const char *mode_text;

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
    tool_init(argv, "usage: chmod [-R] MODE FILE...\n"
                    "Change permissions. MODE: 755, u+x, go-w, a=rX and the like. -R: with all inside.\n");
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
