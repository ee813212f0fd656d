#include "inside.h"

#include "util.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static void add(struct inside *in, const char *directory, const char *name)
{
    if ((in->n & (in->n - 1)) == 0)
        in->paths = realloc(in->paths, (in->n ? in->n * 2 : 1) * sizeof *in->paths);
    if (!in->paths)
        die(directory);
    in->paths[in->n++] = join_path(directory, name);
}

int inside_read(const char *directory, struct inside *out)
{
    DIR *dir = opendir(directory);
    *out = (struct inside){ 0 };
    if (!dir)
        return -1;
    for (struct dirent *e; (e = readdir(dir));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            add(out, directory, e->d_name);
    closedir(dir);
    return 0;
}

void inside_free(struct inside *in)
{
    for (size_t i = 0; i < in->n; i++)
        free(in->paths[i]);
    free(in->paths);
}

int each_inside(const char *directory, int (*visit)(const char *path))
{
    struct inside in;
    int status = 0;
    if (inside_read(directory, &in) < 0) {
        warn_errno(directory);
        return 1;
    }
    for (size_t i = 0; i < in.n; i++)
        status |= visit(in.paths[i]);
    inside_free(&in);
    return status;
}
