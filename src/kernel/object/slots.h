/* The array under a handle table: which slot holds what, and which is the lowest free one.
 * Pure: no locks, no allocation, no reference counting; object/handle.c does those. */
#pragma once
#include "lib/types.h"

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

/* Lowest free slot >= min (which may lie behind the capacity: grow first). -EMFILE. */
int slots_find_free(const struct slots *s, unsigned min);
/* NULL if empty or out of range. A used slot has an object, a free one has none. */
static inline struct slot *slots_at(const struct slots *s, int index)
{
    return (unsigned)index < s->cap && s->slot[index].obj ? &s->slot[index] : NULL;
}
/* index < cap. Overwrites. */
void slots_set(struct slots *s, unsigned index, struct slot value);
/* Empties the slot and returns what was there (.obj NULL: nothing). */
struct slot slots_take(struct slots *s, int index);
/* First used slot >= from, or -1. */
int slots_next(const struct slots *s, int from);
