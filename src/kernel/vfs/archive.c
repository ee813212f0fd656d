/* What the two archive readers share. Pure. */
#include "vfs/archive_priv.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "vfs/path_split.h"

static bool has_dotdot(const char *p, size_t len)
{
    for (size_t start = 0, i = 0; i <= len; i++) {
        if (i < len && p[i] != '/')
            continue;
        struct path_part part = { .name = p + start, .len = i - start };
        if (path_is_dotdot(&part))
            return true;
        start = i + 1;
    }
    return false;
}

bool archive_clean_path(const char **path, size_t *len)
{
    const char *p = *path;
    size_t n = *len;
    for (;;) {
        if (n >= 1 && p[0] == '/')
            p++, n--;
        else if (n >= 2 && p[0] == '.' && p[1] == '/')
            p += 2, n -= 2;
        else
            break;
    }
    while (n && p[n - 1] == '/')
        n--;
    if (n == 1 && p[0] == '.')
        n = 0;
    *path = p;
    *len = n;
    return !memchr(p, 0, n) && !has_dotdot(p, n);
}

int archive_damaged(char error[ARCHIVE_ERROR_MAX], const char *kind, const char *what, u64 offset)
{
    format(error, ARCHIVE_ERROR_MAX, "%s: %s at offset %llu", kind, what, (unsigned long long)offset);
    return -EINVAL;
}
