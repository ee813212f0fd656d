/* mv: rename. Between file systems it says so instead of pretending (cp -r, then rm -r). */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    tool_init(argv, "usage: mv [-fnv] FROM TO\n       mv [-fnv] FROM... DIR\nMove or rename. -n: never replace, -v: say what moves.\n");
    int index = parse_flags(argc, argv, "fnv", have);
    if (argc - index < 2)
        die_usage();
    const char *last = argv[argc - 1];
    bool into = stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && argc - index > 2) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc - 1; index++) {
        char *to = into ? join_path(last, base_name(argv[index])) : strdup(last);
        if (have['n'] && lstat(to, &st) == 0) {
            free(to);
            continue;
        }
        if (rename(argv[index], to) < 0) {
            warn_text(argv[index], errno == EXDEV ? "other file system: copy with cp -r, then rm -r" : strerror(errno));
            status = 1;
        } else if (have['v']) {
            printf("%s -> %s\n", argv[index], to);
        }
        free(to);
    }
    return flush_output() | status;
}
