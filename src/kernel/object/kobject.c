/* The base object: a reference count that knows when it is misused.
 *
 * Promises: destroy runs exactly once, on whoever drops the last reference, with no lock held here.
 * Refuses: references to the dead (the magic is gone) and puts that were never paid for. Ids come
 * from one counter; at 2^64 it outlives the machine. */
#include "object/kobject.h"
#include "lib/assert.h"

#define KOBJECT_DEAD 0xdeadb0b0u

static u64 last_id;
static u64 alive[KOBJECT_TYPES];

void kobject_init(struct kobject *obj, enum kobject_type type, const struct kobject_ops *ops)
{
    ASSERT(type > KOBJ_NONE && type < KOBJECT_TYPES && ops->destroy);
    obj->refs = 1;
    obj->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    obj->type = type;
    obj->ops = ops;
    obj->magic = KOBJECT_MAGIC;
    __atomic_add_fetch(&alive[type], 1, __ATOMIC_RELAXED);
}

void kobject_misused(const struct kobject *obj)
{
    panic("object %p: %s, %u references", obj, obj->magic == KOBJECT_MAGIC ? "wrong count" : "not alive", obj->refs);
}

/* Reached by the reference that left none behind, and by one that was never paid for. */
void kobject_end(struct kobject *obj)
{
    if (obj->refs != 0)
        kobject_misused(obj);
    obj->magic = KOBJECT_DEAD;
    __atomic_sub_fetch(&alive[obj->type], 1, __ATOMIC_RELAXED);
    obj->ops->destroy(obj);
}

u32 kobject_refs(const struct kobject *obj)
{
    return __atomic_load_n(&obj->refs, __ATOMIC_RELAXED);
}

u64 kobject_count(enum kobject_type type)
{
    ASSERT(type < KOBJECT_TYPES);
    return __atomic_load_n(&alive[type], __ATOMIC_RELAXED);
}
