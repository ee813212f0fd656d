/* See input.h. */
#include "input.h"

#include "util.h"

#include <string.h>
#include <sys/types.h>

static int one_input(FILE *file, const char *name, int (*fn)(FILE *file, const char *name))
{
    int status = fn(file, name);
    if (!ferror(file))
        return status;
    warn_errno(name);
    return 1;
}

int each_input(char **names, int n, int (*fn)(FILE *file, const char *name))
{
    int status = n ? 0 : one_input(stdin, "-", fn);
    for (int i = 0; i < n; i++) {
        bool standard = strcmp(names[i], "-") == 0;
        FILE *file = standard ? stdin : fopen(names[i], "re");
        if (!file) {
            warn_errno(names[i]);
            status |= 1;
            continue;
        }
        status |= one_input(file, names[i], fn);
        if (!standard)
            fclose(file);
    }
    return status;
}

long next_line(FILE *file, char **line, size_t *size)
{
    ssize_t n = getline(line, size, file);
    if (n > 0 && (*line)[n - 1] == '\n')
        (*line)[--n] = 0;
    return n;
}
