/* Cutting a path into components: pure, so that odd paths can be tried on the host. */
#include "vfs/path_split.h"

const char *path_split(const char *path, struct path_part *part)
{
    while (*path == '/')
        path++;
    part->name = path;
    while (*path && *path != '/')
        path++;
    part->len = (size_t)(path - part->name);
    part->dir = *path == '/';
    const char *next = path;
    while (*next == '/')
        next++;
    part->last = *next == 0;
    return path;
}
