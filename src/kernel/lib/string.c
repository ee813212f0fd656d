/* The mem and str functions of C for the kernel.
 *
 * GCC recognises a loop that copies or fills and replaces it by a call to memcpy or memset, which
 * here would be a call to itself: that one transformation is off in this file. Words are eight
 * bytes at any address, which x86-64 allows; a copy's last bytes are a word that may overlap the one before. */
#include "lib/string.h"

#pragma GCC optimize("no-tree-loop-distribute-patterns")
#if !__STDC_HOSTED__
#undef memcpy
#undef memset
#endif

typedef u64 __attribute__((may_alias, aligned(1))) word_t;
typedef u32 __attribute__((may_alias, aligned(1))) half_t;
#define WORD sizeof(word_t)

/* Fewer than eight bytes: their first and their last few, which may be the same ones. All is read before anything
 * is written. */
static inline void copy_few(u8 *dst, const u8 *src, size_t n)
{
    if (n >= sizeof(half_t)) {
        half_t first = *(const half_t *)src, last = *(const half_t *)(src + n - sizeof(half_t));
        *(half_t *)dst = first;
        *(half_t *)(dst + n - sizeof(half_t)) = last;
    } else if (n) {
        u8 first = src[0], middle = src[n / 2], last = src[n - 1];
        dst[0] = first;
        dst[n / 2] = middle;
        dst[n - 1] = last;
    }
}

/* Correct for overlapping areas too, as long as dst lies below src: the last word is read first. */
static inline void copy_up(u8 *dst, const u8 *src, size_t n)
{
    if (n < WORD) {
        copy_few(dst, src, n);
        return;
    }
    word_t last = *(const word_t *)(src + n - WORD), *end = (word_t *)(dst + n - WORD);
    for (; n >= 8 * WORD; n -= 8 * WORD, dst += 8 * WORD, src += 8 * WORD) {
#pragma GCC unroll 2
        for (int half = 0; half < 8; half += 4) {
            word_t a = ((const word_t *)src)[half], b = ((const word_t *)src)[half + 1];
            word_t c = ((const word_t *)src)[half + 2], d = ((const word_t *)src)[half + 3];
            ((word_t *)dst)[half] = a;
            ((word_t *)dst)[half + 1] = b;
            ((word_t *)dst)[half + 2] = c;
            ((word_t *)dst)[half + 3] = d;
        }
    }
    for (; n > WORD; n -= WORD, dst += WORD, src += WORD)
        *(word_t *)dst = *(const word_t *)src;
    *end = last;
}

/* The same from the far end, for dst above src. */
static void copy_down(u8 *dst, const u8 *src, size_t n)
{
    for (; n >= WORD; n -= WORD)
        *(word_t *)(dst + n - WORD) = *(const word_t *)(src + n - WORD);
    while (n--)
        dst[n] = src[n];
}

void *memcpy(void *dst, const void *src, size_t n)
{
    copy_up(dst, src, n);
    return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
    if ((uintptr_t)dst - (uintptr_t)src >= n)
        copy_up(dst, src, n);
    else
        copy_down(dst, src, n);
    return dst;
}

void *memset(void *dst, int c, size_t n)
{
    u8 *p = dst;
    word_t w = (u8)c * 0x0101010101010101ull;
    for (; n >= 16 * WORD; n -= 16 * WORD, p += 16 * WORD) {
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
            ((word_t *)p)[i] = w;
    }
    for (; n >= WORD; n -= WORD, p += WORD)
        *(word_t *)p = w;
    while (n--)
        *p++ = (u8)c;
    return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *x = a, *y = b;
    for (; n >= WORD && *(const word_t *)x == *(const word_t *)y; n -= WORD)
        x += WORD, y += WORD;
    if (n >= 4 && *(const half_t *)x == *(const half_t *)y)
        n -= 4, x += 4, y += 4; /* names are short: most end here or soon after */
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] - y[i];
    return 0;
}

void *memchr(const void *s, int c, size_t n)
{
    const u8 *p = s;
    for (; n; n--, p++)
        if (*p == (u8)c)
            return (void *)p;
    return NULL;
}

size_t strlen(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;
    while (n < max && s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n && *a && *a == *b; n--)
        a++, b++;
    return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (!*s)
            return NULL;
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    for (;; s++) {
        if (*s == (char)c)
            last = s;
        if (!*s)
            return (char *)last;
    }
}
