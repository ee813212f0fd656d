/* cp: copy files and, with -r, trees. Links are copied as links inside a tree. */
#include "../lib/copy.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    tool_init(argv, "usage: cp [-rafpv] FROM TO\n       cp [-rafpv] FROM... DIR\nCopy files. -r: directories too, -a: all as it is (-rp), -f: replace what is in the way, -p: keep times and rights, -v: say what is copied.\n");
    int index = parse_flags(argc, argv, "rRafpv", have);
    copying = (struct copying){ .recursive = have['r'] || have['R'] || have['a'], .force = have['f'], .preserve = have['p'] || have['a'],
        .verbose = have['v'] };
    if (argc - index < 2)
        die_usage();
    const char *last = argv[argc - 1];
    bool into = stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && argc - index > 2) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc - 1; index++) {
        size_t len = strlen(argv[index]);
        while (len > 1 && argv[index][len - 1] == '/')
            argv[index][--len] = 0;
        char *to = into ? join_path(last, base_name(argv[index])) : strdup(last);
        status |= copy_tree(argv[index], to, true);
        free(to);
    }
    return flush_output() | status;
}
