/* Bits with summaries. The invariant: a summary bit is set exactly when the word it stands for is
 * not zero. Setting therefore stops going up at the first word that was not zero before, clearing
 * at the first that is not zero afterwards. */
#include "lib/bittree.h"

static u64 words_for(u64 nbits) { return (nbits + 63) / 64; }

size_t bittree_words(u64 nbits)
{
    size_t sum = 0;
    do {
        nbits = words_for(nbits);
        sum += nbits;
    } while (nbits > 1);
    return sum;
}

void bittree_init(struct bittree *t, u64 *mem, u64 nbits)
{
    *t = (struct bittree){ .nbits = nbits };
    do {
        nbits = words_for(nbits);
        t->level[t->depth++] = mem;
        mem += nbits;
    } while (nbits > 1);
}

void bittree_set(struct bittree *t, u64 bit)
{
    for (unsigned k = 0; k < t->depth; k++, bit /= 64) {
        u64 *word = &t->level[k][bit / 64], old = *word;
        *word = old | 1ull << (bit % 64);
        if (old)
            return;
    }
}

void bittree_clear(struct bittree *t, u64 bit)
{
    for (unsigned k = 0; k < t->depth; k++, bit /= 64) {
        u64 *word = &t->level[k][bit / 64];
        *word &= ~(1ull << (bit % 64));
        if (*word)
            return;
    }
}

u64 bittree_next(const struct bittree *t, u64 from)
{
    u64 limit = t->nbits; /* bits of level k */
    for (unsigned k = 0; k < t->depth; k++) {
        if (from >= limit)
            return BITTREE_NONE;
        u64 hits = t->level[k][from / 64] & ~0ull << (from % 64);
        if (hits) {
            u64 bit = ROUND_DOWN(from, 64) + (u64)__builtin_ctzll(hits);
            while (k-- > 0)
                bit = bit * 64 + (u64)__builtin_ctzll(t->level[k][bit]);
            return bit;
        }
        from = from / 64 + 1;
        limit = words_for(limit);
    }
    return BITTREE_NONE;
}
