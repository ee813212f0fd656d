/* mkdir: make directories. */
#include "../lib/modes.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool parents, verbose;

static int make(const char *path, mode_t mode)
{
    struct stat st;
    if (mkdir(path, mode) == 0) {
        if (verbose)
            printf("mkdir: created directory '%s'\n", path);
        return 0;
    }
    int error = errno;
    if (parents && error == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    errno = error;
    warn_errno(path);
    return 1;
}

static int make_parents(char *path)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        int failed = make(path, 0777);
        *slash = '/';
        if (failed)
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    mode_t mode = 0777;
    int status = 0;
    static const char letters[] = "pvm:";
    tool_init(argv, "usage: mkdir [-p] [-v] [-m MODE] DIR...\n"
                    "Make directories. -p: parents too, and no error if they exist, -m: with this mode (700, u=rwx,go=).\n");
    options_arrange(argc, argv, letters, "parents=p mode=m verbose=v");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        parents |= c == 'p', verbose |= c == 'v';
        if (c != 'm')
            continue;
        mode = S_IFDIR | 0777;
        if (!mode_apply(optarg, &mode))
            die_usage();
        mode &= 07777;
    }
    int index = optind;
    if (index == argc)
        die_usage();
    for (; index < argc; index++) {
        size_t len = strlen(argv[index]);
        while (len > 1 && argv[index][len - 1] == '/')
            argv[index][--len] = 0;
        status |= (parents && make_parents(argv[index])) || make(argv[index], mode);
        if (mode != 0777 && !status && chmod(argv[index], mode) < 0)
            status = 1;
    }
    return flush_output() | status;
}
