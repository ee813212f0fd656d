/* One word per page: its references, or why it has none. Inside mm/.
 *
 *     0                FREE
 *     1 .. 2^31        ALLOCATED, with that many references
 *     2^32 - 1         RESERVED
 *
 * The words of 4 MiB together (a chunk) are written only when the first page of them is used:
 * until then one byte says what all of them are, so that starting costs nothing per page. */
#pragma once
#include "mm/pmm.h"

#define WORD_FREE 0u
#define WORD_REFS_MAX (1u << 31)
#define WORD_RESERVED UINT32_MAX

#define CHUNK_SHIFT 10
#define CHUNK_PAGES (1ull << CHUNK_SHIFT)

enum chunk_state { CHUNK_RESERVED, CHUNK_FREE, CHUNK_LIVE /* its words are valid */ };

extern u32 *page_words;  /* atomic */
extern u8 *chunk_states; /* atomic; written under a lock */
extern u64 page_count;

static inline u64 words_chunks(u64 npages) { return (npages + CHUNK_PAGES - 1) >> CHUNK_SHIFT; }

/* words: room for npages rounded up to whole chunks, contents arbitrary. states: words_chunks()
 * bytes of zero. All pages begin RESERVED. */
void words_init(u32 *words, u8 *states, u64 npages);
/* Makes the words of the chunk of this page valid. */
void words_make_live(u64 page);

/* The page's word, for counting. */
static inline u32 *word_of(u64 page)
{
    if (unlikely(__atomic_load_n(&chunk_states[page >> CHUNK_SHIFT], __ATOMIC_ACQUIRE) != CHUNK_LIVE))
        words_make_live(page);
    return &page_words[page];
}
/* What word_of would point to, without making it. */
u32 word_peek(u64 page);
/* Sets n words to WORD_FREE or WORD_RESERVED. The caller owns these pages. */
void words_fill(u64 first, u64 n, u32 word);
