/* String helpers that C's library lacks. Apart from string.c so that host tests, which have a
 * libc of their own, can link them. */
#include "lib/assert.h"
#include "lib/string.h"

size_t str_copy(char *dst, const char *src, size_t size)
{
    ASSERT(size > 0);
    size_t len = strlen(src);
    size_t n = MIN(len, size - 1);
    memcpy(dst, src, n);
    dst[n] = '\0';
    return len;
}
