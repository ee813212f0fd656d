/* Slots of a handle table. A bitmap finds the lowest free slot at 64 a step, so among 1024 descriptors
 * it is at most 16 words away; the array grows by fours and never shrinks. */
#include "object/slots.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "object/handle.h"

#define SLOTS_FIRST 64u

unsigned slots_cap_for(unsigned index)
{
    ASSERT(index < HANDLES_MAX);
    unsigned cap = SLOTS_FIRST;
    while (cap <= index)
        cap *= 4;
    return MIN(cap, (unsigned)HANDLES_MAX);
}

size_t slots_bytes(unsigned cap)
{
    return cap * sizeof(struct slot) + BITMAP_WORDS(cap) * sizeof(u64);
}

void slots_init(struct slots *s, void *mem, unsigned cap)
{
    memset(mem, 0, slots_bytes(cap));
    *s = (struct slots){ .slot = mem, .used = (u64 *)((struct slot *)mem + cap), .cap = cap };
}

void slots_copy(struct slots *to, const struct slots *from)
{
    ASSERT(to->cap >= from->cap);
    memcpy(to->slot, from->slot, from->cap * sizeof(struct slot));
    memcpy(to->used, from->used, BITMAP_WORDS(from->cap) * sizeof(u64));
}

int slots_find_free_far(const struct slots *s, unsigned min)
{
    if (min >= HANDLES_MAX)
        return -EMFILE;
    if (min >= s->cap)
        return (int)min;
    size_t index = bitmap_find_clear(s->used, s->cap, min);
    return index < HANDLES_MAX ? (int)index : -EMFILE;
}

int slots_next(const struct slots *s, int from)
{
    if (from < 0)
        from = 0;
    if ((unsigned)from >= s->cap)
        return -1;
    size_t index = bitmap_find_set(s->used, s->cap, (size_t)from);
    return index < s->cap ? (int)index : -1;
}
