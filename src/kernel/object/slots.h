/* The array under a handle table: which slot holds what, and which is the lowest free one.
 * Pure: no locks, no allocation, no reference counting; object/handle.c does those. */
#pragma once
#include "lib/assert.h"
#include "lib/bitmap.h"

struct kobject;
struct slot { struct kobject *obj; u32 rights, flags; };
/* One block of memory: `cap` slots, then one bit for each slot in use. */
struct slots { struct slot *slot; u64 *used; unsigned cap; };

/* The capacity (64, 256, 1024, ...) that holds slot `index`; index < HANDLES_MAX. */
unsigned slots_cap_for(unsigned index);
size_t slots_bytes(unsigned cap);
/* Empty, in mem, which has slots_bytes(cap) bytes. */
void slots_init(struct slots *s, void *mem, unsigned cap);
/* Copies all slots to the same places; to is empty and at least as large. */
void slots_copy(struct slots *to, const struct slots *from);

int slots_find_free_far(const struct slots *s, unsigned min);
/* Lowest free slot >= min (which may lie behind the capacity: grow first). -EMFILE. */
static inline int slots_find_free(const struct slots *s, unsigned min)
{
    u64 free = min < s->cap ? ~s->used[min / 64] & ~0ull << min % 64 : 0; /* the capacity is a multiple of 64 */
    return likely(free) ? (int)(min / 64 * 64) + __builtin_ctzll(free) : slots_find_free_far(s, min);
}
/* NULL if empty or out of range. A used slot has an object, a free one has none. */
static inline struct slot *slots_at(const struct slots *s, int index)
{
    return (unsigned)index < s->cap && s->slot[index].obj ? &s->slot[index] : NULL;
}
/* index < cap. Overwrites. */
static inline void slots_set(struct slots *s, unsigned index, struct slot value)
{
    ASSERT(index < s->cap && value.obj);
    s->slot[index] = value;
    bitmap_set(s->used, index);
}
/* Empties the slot and returns what was there (.obj NULL: nothing). */
static inline struct slot slots_take(struct slots *s, int index)
{
    struct slot *at = slots_at(s, index), old = { 0 };
    if (at) {
        old = *at;
        *at = (struct slot){ 0 };
        bitmap_clear(s->used, (size_t)index);
    }
    return old;
}
/* First used slot >= from, or -1. */
int slots_next(const struct slots *s, int from);
