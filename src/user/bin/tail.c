/* tail: the last lines, kept in a ring while reading. */
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 100000 };

static int put_tail(FILE *file, const char *name, size_t lines)
{
    char **ring = calloc(lines + 1, sizeof *ring), *line = NULL;
    size_t cap = 0, count = 0;
    if (!ring)
        die(name);
    while (getline(&line, &cap, file) > 0 && lines > 0) {
        free(ring[count % lines]);
        ring[count++ % lines] = line;
        line = NULL;
        cap = 0;
    }
    for (size_t i = count > lines ? count - lines : 0; i < count; i++)
        fputs(ring[i % lines], stdout);
    for (size_t i = 0; i < lines; i++)
        free(ring[i]);
    free(line);
    free(ring);
    if (ferror(file))
        warn_errno(name);
    return ferror(file) != 0;
}

int main(int argc, char **argv)
{
    uint64_t lines = 10;
    int index = 1, status = 0;
    tool_init(argv, "usage: tail [-n LINES] [FILE...]\nPrint the last lines (10).\n");
    if (argc > 2 && strcmp(argv[1], "-n") == 0 && parse_u64(argv[2], &lines))
        index = 3;
    else if (argc > 1 && argv[1][0] == '-' && argv[1][1] && (!parse_u64(argv[1] + 1, &lines) || ++index != 2))
        die_usage();
    lines = lines < LINES_MAX ? lines : LINES_MAX;
    if (index == argc)
        status = put_tail(stdin, "standard input", lines);
    for (; index < argc; index++) {
        FILE *file = fopen(argv[index], "r");
        if (!file) {
            warn_errno(argv[index]);
            status = 1;
            continue;
        }
        status |= put_tail(file, argv[index], lines);
        fclose(file);
    }
    return flush_output() | status;
}
