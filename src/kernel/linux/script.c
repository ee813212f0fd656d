/* #! lines. */
#include "linux/script.h"
#include "lib/errno.h"
#include "lib/string.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static void copy_word(char *dst, const char *from, const char *to)
{
    memcpy(dst, from, (size_t)(to - from));
    dst[to - from] = 0;
}

int script_parse(const char *head, size_t n, struct script *out)
{
    if (n < 2 || n > SCRIPT_HEAD_BYTES || head[0] != '#' || head[1] != '!')
        return -ENOEXEC;
    const char *newline = memchr(head, '\n', n);
    const char *end = newline ? newline : head + n, *p = head + 2;
    while (p < end && is_blank(*p))
        p++;
    const char *name = p;
    while (p < end && !is_blank(*p) && *p)
        p++;
    if (p == name || (p == end && !newline && n == SCRIPT_HEAD_BYTES))
        return -ENOEXEC; /* the name may go on behind what was read */
    copy_word(out->interp, name, p);
    while (p < end && is_blank(*p))
        p++;
    const char *stop = memchr(p, 0, (size_t)(end - p));
    end = stop ? stop : end;
    while (end > p && is_blank(end[-1]))
        end--;
    copy_word(out->arg, p, end);
    out->has_arg = end > p;
    return 0;
}
