/* The base of everything that a handle can name: reference count, kind, identity.
 *
 * Embedded as the first member: struct file { struct kobject obj; ... }. A reference is held by
 * every handle and by every structure that stores the pointer; the last kobject_put runs
 * ops->destroy, which frees the memory. Never copied by value. */
#pragma once
#include "lib/types.h"

enum kobject_type {
    KOBJ_NONE, KOBJ_VMO, KOBJ_THREAD, KOBJ_PROCESS, KOBJ_FILE, KOBJ_EVENT, KOBJ_PORT, KOBJ_TIMER,
    KOBJ_CHANNEL,
};
#define KOBJECT_TYPES (KOBJ_CHANNEL + 1)

struct kobject;
struct kobject_ops {
    const char *name;
    void (*destroy)(struct kobject *obj); /* may sleep: kobject_put must not be called in interrupts */
    /* A handle to obj went away (close, exit, dup2 over it); other references may remain.
     * Optional. `table` identifies the process's handle table. */
    void (*handle_closed)(struct kobject *obj, void *table);
};

struct kobject {
    u32 magic;    /* KOBJECT_MAGIC while alive */
    u32 refs;     /* atomic */
    u64 id;       /* unique, never 0, never reused */
    enum kobject_type type;
    const struct kobject_ops *ops;
};
#define KOBJECT_MAGIC 0x4a424f4bu

void kobject_init(struct kobject *obj, enum kobject_type type, const struct kobject_ops *ops); /* refs = 1 */
NORETURN void kobject_misused(const struct kobject *obj); /* panics */
void kobject_end(struct kobject *obj);                    /* the last reference went */
static inline void kobject_get(struct kobject *obj)
{
    u32 before = __atomic_fetch_add(&obj->refs, 1, __ATOMIC_RELAXED);
    if (unlikely(obj->magic != KOBJECT_MAGIC || before - 1 >= UINT32_MAX / 2))
        kobject_misused(obj);
}
static inline void kobject_put(struct kobject *obj) /* NULL is allowed */
{
    if (!obj)
        return;
    if (unlikely(obj->magic != KOBJECT_MAGIC))
        kobject_misused(obj);
    u32 before = __atomic_fetch_sub(&obj->refs, 1, __ATOMIC_ACQ_REL);
    if (unlikely(before - 2 >= UINT32_MAX / 2))
        kobject_end(obj);
}
/* For who can reach obj without a reference of his own (its destroy waits for him): false if it is at its end. */
static inline bool kobject_tryget(struct kobject *obj)
{
    u32 refs = __atomic_load_n(&obj->refs, __ATOMIC_RELAXED);
    while (refs && !__atomic_compare_exchange_n(&obj->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        ;
    return refs != 0;
}
u32 kobject_refs(const struct kobject *obj);
/* Objects alive, per type; for leak tests. */
u64 kobject_count(enum kobject_type type);
