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

void kobject_get(struct kobject *obj)
{
    ASSERT(obj->magic == KOBJECT_MAGIC);
    u32 before = __atomic_fetch_add(&obj->refs, 1, __ATOMIC_RELAXED);
    ASSERT(before != 0 && before < UINT32_MAX / 2);
}

void kobject_put(struct kobject *obj)
{
    if (!obj)
        return;
    ASSERT(obj->magic == KOBJECT_MAGIC);
    u32 left = __atomic_sub_fetch(&obj->refs, 1, __ATOMIC_ACQ_REL);
    ASSERT(left < UINT32_MAX / 2);
    if (left)
        return;
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
