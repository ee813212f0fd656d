/* Bit arrays in u64 words, bit i of the map is bit i%64 of word i/64. No locks. */
#pragma once
#include "lib/types.h"

#define BITMAP_WORDS(nbits) (((nbits) + 63) / 64)

static inline bool bitmap_test(const u64 *map, size_t bit) { return map[bit / 64] >> (bit % 64) & 1; }
static inline void bitmap_set(u64 *map, size_t bit) { map[bit / 64] |= 1ull << (bit % 64); }
static inline void bitmap_clear(u64 *map, size_t bit) { map[bit / 64] &= ~(1ull << (bit % 64)); }

/* First bit that is clear (set) at or behind `from`; nbits if there is none. */
size_t bitmap_find_clear(const u64 *map, size_t nbits, size_t from);
size_t bitmap_find_set(const u64 *map, size_t nbits, size_t from);
