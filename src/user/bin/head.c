/* head: the first lines. */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>

static int put_head(FILE *file, const char *name, uint64_t lines)
{
    for (int c; lines > 0 && (c = getc(file)) != EOF;) {
        putchar(c);
        lines -= c == '\n';
    }
    if (ferror(file))
        warn_errno(name);
    return ferror(file) != 0;
}

int main(int argc, char **argv)
{
    uint64_t lines = 10;
    int index = 1, status = 0;
    tool_init(argv, "usage: head [-n LINES] [FILE...]\nPrint the first lines (10).\n");
    if (argc > 2 && strcmp(argv[1], "-n") == 0 && parse_u64(argv[2], &lines))
        index = 3;
    else if (argc > 1 && argv[1][0] == '-' && argv[1][1] && (!parse_u64(argv[1] + 1, &lines) || ++index != 2))
        die_usage();
    if (index == argc)
        status = put_head(stdin, "standard input", lines);
    for (int first = index; index < argc; index++) {
        FILE *file = fopen(argv[index], "r");
        if (!file) {
            warn_errno(argv[index]);
            status = 1;
            continue;
        }
        if (argc - first > 1)
            printf("%s==> %s <==\n", index > first ? "\n" : "", argv[index]);
        status |= put_head(file, argv[index], lines);
        fclose(file);
    }
    return flush_output() | status;
}
