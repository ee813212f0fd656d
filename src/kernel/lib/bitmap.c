/* Searching bit arrays, a word at a time. Bits at and behind nbits in the last word may hold
 * anything: a find there does not count. */
#include "lib/bitmap.h"

/* flip is 0 to look for ones and ~0 to look for zeroes. */
static size_t find(const u64 *map, size_t nbits, size_t from, u64 flip)
{
    if (from >= nbits)
        return nbits;
    u64 ahead = ~0ull << (from % 64);
    for (size_t word = from / 64; word < BITMAP_WORDS(nbits); word++, ahead = ~0ull) {
        u64 hits = (map[word] ^ flip) & ahead;
        if (hits)
            return MIN(word * 64 + (size_t)__builtin_ctzll(hits), nbits);
    }
    return nbits;
}

size_t bitmap_find_clear(const u64 *map, size_t nbits, size_t from) { return find(map, nbits, from, ~0ull); }
size_t bitmap_find_set(const u64 *map, size_t nbits, size_t from) { return find(map, nbits, from, 0); }
