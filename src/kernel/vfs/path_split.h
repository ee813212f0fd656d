/* Cutting a path into components. Pure. */
#pragma once
#include "lib/hash.h"

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

/* Where in path[0, n) the part behind the last slash begins: 0 without any. A word at a time; in `not` exactly the
 * bytes that are a slash have their highest bit clear. */
static inline size_t path_after_slash(const char *path, size_t n)
{
    const u64 slashes = 0x2f2f2f2f2f2f2f2f, low = 0x7f7f7f7f7f7f7f7f;
    for (; n >= 8; n -= 8) {
        u64 word = *(const hash_word_t *)(path + n - 8) ^ slashes;
        u64 not = ((word & low) + low) | word | low;
        if (~not)
            return n - (size_t)__builtin_clzll(~not) / 8;
    }
    while (n && path[n - 1] != '/')
        n--;
    return n;
}
