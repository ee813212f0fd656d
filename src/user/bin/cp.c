/* cp: copy files and, with -r, trees. Links are copied as links inside a tree. */
#include "../lib/copy.h"
#include "../lib/options.h"
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
    static const char letters[] = "rRafpvinuLPdlTHst:";
    tool_init(argv, "usage: cp [-rapfinuvlsLPdT] FROM TO\n"
                    "       cp [-rapfinuvlLPd] FROM... DIR\n"
                    "       cp [-rapfinuvlLPd] -t DIR FROM...\n"
                    "Copy files.\n"
                    "  -r directories too;  -p keep times, owner and rights;  -a all as it is (-rp, -P)\n"
                    "  -f replace what is in the way;  -i ask first;  -n never;  -u only if it is older\n"
                    "  -L what links point to;  -P, -d links themselves;  -l, -s other names or links, not copies\n"
                    "  -t into DIR;  -T TO is a name, not a place;  -v say what is copied\n");
    options_arrange(argc, argv, letters,
                    "recursive=r archive=a force=f preserve=p verbose=v interactive=i no-clobber=n update=u dereference=L no-dereference=P link=l symbolic-link=s no-target-directory=T target-directory=t");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
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
        .update = have['u'], .ask = have['i'], .link = have['l'], .symbolic = have['s'] };
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
