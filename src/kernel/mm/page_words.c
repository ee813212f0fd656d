/* Page words and their lazy beginning.
 *
 *     CHUNK_RESERVED --words_fill of the whole chunk--> CHUNK_FREE (and back)
 *           '----------- words_make_live ---------> CHUNK_LIVE <--'            for ever
 *
 * A chunk's byte is written under the lock; CHUNK_LIVE is published after the words. */
#include "mm/page_words.h"
#include "arch/spinlock.h"
#include "lib/assert.h"

u32 *page_words;
u8 *chunk_states;
u64 page_count;
static struct spinlock chunk_lock = SPINLOCK_INIT("page words");

void words_init(u32 *words, u8 *states, u64 npages)
{
    page_words = words;
    chunk_states = states;
    page_count = npages;
}

static void fill(u64 first, u64 n, u32 word)
{
    for (u64 i = first; i < first + n; i++)
        page_words[i] = word;
}

static u32 chunk_word(u8 state) { return state == CHUNK_FREE ? WORD_FREE : WORD_RESERVED; }

static void make_live_locked(u64 chunk)
{
    if (chunk_states[chunk] == CHUNK_LIVE)
        return;
    fill(chunk << CHUNK_SHIFT, CHUNK_PAGES, chunk_word(chunk_states[chunk]));
    __atomic_store_n(&chunk_states[chunk], CHUNK_LIVE, __ATOMIC_RELEASE);
}

void words_make_live(u64 page)
{
    ASSERT(page < page_count);
    spin_lock(&chunk_lock);
    make_live_locked(page >> CHUNK_SHIFT);
    spin_unlock(&chunk_lock);
}

u32 word_peek(u64 page)
{
    u8 state = __atomic_load_n(&chunk_states[page >> CHUNK_SHIFT], __ATOMIC_ACQUIRE);
    return state == CHUNK_LIVE ? __atomic_load_n(&page_words[page], __ATOMIC_ACQUIRE) : chunk_word(state);
}

/* The part of [first, first + n) that lies in one chunk. */
static void fill_in_chunk_locked(u64 first, u64 n, u32 word)
{
    u8 *state = &chunk_states[first >> CHUNK_SHIFT];
    if (*state != CHUNK_LIVE && n == CHUNK_PAGES) {
        __atomic_store_n(state, word == WORD_FREE ? CHUNK_FREE : CHUNK_RESERVED, __ATOMIC_RELEASE);
        return;
    }
    make_live_locked(first >> CHUNK_SHIFT);
    fill(first, n, word);
}

void words_fill(u64 first, u64 n, u32 word)
{
    ASSERT(first <= page_count && n <= page_count - first);
    spin_lock(&chunk_lock);
    for (u64 next, end = first + n; first < end; first = next) {
        next = MIN((first | (CHUNK_PAGES - 1)) + 1, end);
        fill_in_chunk_locked(first, next - first, word);
    }
    spin_unlock(&chunk_lock);
}
