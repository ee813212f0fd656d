/* Cutting a path into components. Pure. */
#pragma once
#include "lib/types.h"

struct path_part {
    const char *name; /* points into the path, not terminated */
    size_t len;       /* 0: nothing was left but slashes */
    bool last;        /* no component follows */
    bool dir;         /* slashes follow, so it must be a directory */
};

/* The first component of path; returns what follows it: "" or a text that starts with '/'. */
const char *path_split(const char *path, struct path_part *part);

static inline bool path_is_dot(const struct path_part *p) { return p->len == 1 && p->name[0] == '.'; }
static inline bool path_is_dotdot(const struct path_part *p)
{
    return p->len == 2 && p->name[0] == '.' && p->name[1] == '.';
}
