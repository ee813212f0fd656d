/* cp: copy files and, with -r, trees. Links are copied as links inside a tree. */
#include "../lib/copy.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    const char *place = NULL;
    tool_init(argv, "usage: cp [-rapfinuvlLPdT] FROM TO\n"
                    "       cp [-rapfinuvlLPd] FROM... DIR\n"
                    "       cp [-rapfinuvlLPd] -t DIR FROM...\n"
                    "Copy files.\n"
                    "  -r directories too;  -p keep times, owner and rights;  -a all as it is (-rp, -P)\n"
                    "  -f replace what is in the way;  -i ask first;  -n never;  -u only if it is older\n"
                    "  -L what links point to;  -P, -d links themselves;  -l other names, not copies\n"
                    "  -t into DIR;  -T TO is a name, not a place;  -v say what is copied\n");
    for (int c; (c = getopt(argc, argv, "rRafpvinuLPdlTHt:")) != -1;) {
        if (c == '?')
            die_usage();
        have[c] = true;
        if (c == 't')
            place = optarg;
        if (c == 'i' || c == 'n')
            have[c == 'i' ? 'n' : 'i'] = false; /* the last one counts */
    }
    int index = optind;
    copying = (struct copying){ .recursive = have['r'] || have['R'] || have['a'], .force = have['f'],
                                .preserve = have['p'] || have['a'],
        .verbose = have['v'], .follow = have['L'], .no_follow = have['P'] || have['d'] || have['a'], .keep = have['n'],
        .update = have['u'], .ask = have['i'], .link = have['l'] };
    if (argc - index < 2 - (place != NULL))
        die_usage();
    const char *last = place ? place : argv[--argc];
    bool into = !have['T'] && stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && (argc - index > 1 || place)) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc; index++) {
        size_t len = strlen(argv[index]);
        while (len > 1 && argv[index][len - 1] == '/')
            argv[index][--len] = 0;
        char *to = into ? join_path(last, base_name(argv[index])) : strdup(last);
        status |= copy_tree(argv[index], to, true);
        free(to);
    }
    return flush_output() | status;
}
