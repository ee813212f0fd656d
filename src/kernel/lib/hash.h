/* Hashes of names, and comparing them, a word at a time: for tables in memory only. Pure. */
#pragma once
#include "lib/types.h"

typedef u64 __attribute__((may_alias, aligned(1))) hash_word_t;
typedef u32 __attribute__((may_alias, aligned(1))) hash_half_t;

#define HASH_MULTIPLIER 0x9e3779b97f4a7c15ull /* 2^64 divided by the golden ratio, odd */

static inline u64 hash_step(u64 h, u64 word)
{
    h = (h ^ word) * HASH_MULTIPLIER;
    return h ^ h >> 32;
}

/* seed: what strangers should not know. The last word may overlap the one before. A product's low bits know only its
 * factors' low bits, which is where the first letters are: so one more, and its upper half. */
static inline u32 hash_bytes(u64 seed, const void *bytes, size_t n)
{
    const u8 *p = bytes, *last = p + n - 8;
    u64 h = seed ^ n;
    if (n >= 8) {
        for (; p < last; p += 8)
            h = hash_step(h, *(const hash_word_t *)p);
        h = hash_step(h, *(const hash_word_t *)last);
    } else if (n >= 4) {
        h = hash_step(h, *(const hash_half_t *)p | (u64)*(const hash_half_t *)(p + n - 4) << 32);
    } else if (n) {
        h = hash_step(h, (u64)(p[0] | p[n / 2] << 8 | p[n - 1] << 16));
    }
    return (u32)(h * HASH_MULTIPLIER >> 32);
}

static inline bool bytes_equal(const void *a, const void *b, size_t n)
{
    const u8 *p = a, *q = b;
    if (n >= 8) {
        size_t last = n - 8;
        for (size_t at = 0; at < last; at += 8)
            if (*(const hash_word_t *)(p + at) != *(const hash_word_t *)(q + at))
                return false;
        return *(const hash_word_t *)(p + last) == *(const hash_word_t *)(q + last);
    }
    if (n >= 4)
        return *(const hash_half_t *)p == *(const hash_half_t *)q &&
               *(const hash_half_t *)(p + n - 4) == *(const hash_half_t *)(q + n - 4);
    for (size_t i = 0; i < n; i++)
        if (p[i] != q[i])
            return false;
    return true;
}
