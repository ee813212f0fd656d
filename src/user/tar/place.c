/* Where a member's name leads. See tar.h. Folders are opened one by one from the working folder, never through a link:
 * an archive could have made it to lead elsewhere. */
#include "tar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *place_clean(const char *name)
{
    while (*name == '/')
        name++;
    for (const char *at = name; *at; at += strcspn(at, "/"), at += *at == '/')
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
            return NULL;
    return name;
}

int place_open(const char *name, bool make, int *dir, const char **last)
{
    char component[256];
    int at = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
    if (at < 0)
        return -errno;
    for (;;) {
        while (*name == '/' || (name[0] == '.' && name[1] == '/'))
            name++;
        size_t len = strcspn(name, "/");
        if (name[len + strspn(name + len, "/")] == 0)
            break;
        if (len >= sizeof component) {
            close(at);
            return -ENAMETOOLONG;
        }
        memcpy(component, name, len);
        component[len] = 0;
        if (make && mkdirat(at, component, 0777) < 0 && errno != EEXIST)
            error = -errno;
        int next = error ? -1 : openat(at, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        error = next < 0 && !error ? -errno : error;
        close(at);
        if (next < 0)
            return error == -ELOOP ? -ENOTDIR : error;
        at = next;
        name += len;
    }
    *dir = at;
    *last = name;
    return 0;
}
