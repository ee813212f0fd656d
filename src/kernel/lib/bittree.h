/* A bit array with summaries above it, so that the next set bit is found by looking at one word a
 * level however long the array is (64 bits a word: five levels for 2^30 bits). Pure, no locks.
 *
 *     level 2                 [1]
 *     level 1        [1 0 1 . . .]            bit i: word i of the level below is not zero
 *     level 0   [0101..][0000..][0010..]      the bits themselves                              */
#pragma once
#include "lib/types.h"

#define BITTREE_LEVELS 6 /* 64^6 bits: more pages than physical addresses can name */

struct bittree {
    u64 *level[BITTREE_LEVELS];
    u64 nbits;
    unsigned depth; /* levels in use; the topmost has one word */
};

#define BITTREE_NONE UINT64_MAX

/* Words of memory for nbits (> 0). */
size_t bittree_words(u64 nbits);
/* mem: that many words, all zero. */
void bittree_init(struct bittree *t, u64 *mem, u64 nbits);
/* Bits are numbered 0 to nbits-1; testing up to the end of the last word is allowed (false). */
static inline bool bittree_test(const struct bittree *t, u64 bit) { return t->level[0][bit / 64] >> (bit % 64) & 1; }
static inline bool bittree_empty(const struct bittree *t) { return t->level[t->depth - 1][0] == 0; }
void bittree_set(struct bittree *t, u64 bit);
void bittree_clear(struct bittree *t, u64 bit);
/* First set bit at or behind `from`, or BITTREE_NONE. */
u64 bittree_next(const struct bittree *t, u64 from);
