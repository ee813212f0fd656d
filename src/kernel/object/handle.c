/* Handle tables: the slots (object/slots.c) with a lock, references and room to grow.
 *
 * Each used slot owns one reference to its object. The lock guards the slots only: memory is
 * taken and freed, and objects are closed, after it is let go; whoever grows the table therefore
 * looks again afterwards. A table that is shared (CLONE_FILES) dies with its last user. */
#include "object/handle.h"
#include "lib/errno.h"
#include "mm/slab.h"

/* A handle went away: tell the object, then drop the slot's reference. No lock held. */
static void slot_close(struct handle_table *t, struct slot old)
{
    if (!old.obj)
        return;
    if (old.obj->ops->handle_closed)
        old.obj->ops->handle_closed(old.obj, t);
    kobject_put(old.obj);
}

static int table_create(unsigned cap, struct handle_table **out)
{
    struct handle_table *t = kzalloc(sizeof(*t));
    void *mem = kmalloc(slots_bytes(cap));
    if (!t || !mem) {
        kfree(mem);
        kfree(t);
        return -ENOMEM;
    }
    t->refs = 1;
    spin_init(&t->lock, "handles");
    slots_init(&t->slots, mem, cap);
    *out = t;
    return 0;
}

static void table_free(struct handle_table *t)
{
    kfree(t->slots.slot);
    kfree(t);
}

int handle_table_create(struct handle_table **out)
{
    return table_create(slots_cap_for(0), out);
}

struct handle_table *handle_table_get(struct handle_table *t)
{
    u32 before = __atomic_fetch_add(&t->refs, 1, __ATOMIC_RELAXED);
    ASSERT(before != 0);
    return t;
}

void handle_table_put(struct handle_table *t)
{
    if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL))
        return;
    /* Nobody else can reach the table now, but what is closed may ask for it by its address. */
    for (int i = slots_next(&t->slots, 0); i >= 0; i = slots_next(&t->slots, i + 1))
        slot_close(t, slots_take(&t->slots, i));
    table_free(t);
}

static bool slots_clone(struct handle_table *from, struct handle_table *to)
{
    spin_lock(&from->lock);
    bool fits = from->slots.cap <= to->slots.cap;
    if (fits) {
        slots_copy(&to->slots, &from->slots);
        for (int i = slots_next(&to->slots, 0); i >= 0; i = slots_next(&to->slots, i + 1))
            kobject_get(to->slots.slot[i].obj);
    }
    spin_unlock(&from->lock);
    return fits;
}

int handle_table_clone(struct handle_table *t, struct handle_table **out)
{
    for (;;) {
        struct handle_table *copy;
        int r = table_create(__atomic_load_n(&t->slots.cap, __ATOMIC_RELAXED), &copy);
        if (r)
            return r;
        if (slots_clone(t, copy)) {
            *out = copy;
            return 0;
        }
        table_free(copy); /* it grew meanwhile */
    }
}

void handle_table_close_on_exec(struct handle_table *t)
{
    for (int i = handle_next(t, 0); i >= 0; i = handle_next(t, i + 1)) {
        struct slot old = { 0 };
        spin_lock(&t->lock);
        struct slot *at = slots_at(&t->slots, i);
        if (at && at->flags & HANDLE_CLOEXEC)
            old = slots_take(&t->slots, i);
        spin_unlock(&t->lock);
        slot_close(t, old);
    }
}

/* Makes slot `index` exist. 0 or -ENOMEM. */
static int table_grow(struct handle_table *t, unsigned index)
{
    unsigned cap = slots_cap_for(index);
    void *mem = kmalloc(slots_bytes(cap));
    if (!mem)
        return -ENOMEM;
    spin_lock(&t->lock);
    if (t->slots.cap < cap) {
        struct slots larger;
        slots_init(&larger, mem, cap);
        slots_copy(&larger, &t->slots);
        mem = t->slots.slot;
        t->slots = larger;
    }
    spin_unlock(&t->lock);
    kfree(mem);
    return 0;
}

int handle_install(struct handle_table *t, struct kobject *obj, unsigned rights, unsigned flags,
                   int min, int *out_slot)
{
    if (min < 0 || min >= HANDLES_MAX)
        return -EINVAL;
    for (;;) {
        spin_lock(&t->lock);
        int index = slots_find_free(&t->slots, (unsigned)min);
        bool exists = index >= 0 && (unsigned)index < t->slots.cap;
        if (exists) {
            kobject_get(obj);
            slots_set(&t->slots, (unsigned)index, (struct slot){ obj, rights & RIGHTS_ALL, flags });
        }
        spin_unlock(&t->lock);
        if (exists)
            *out_slot = index;
        if (exists || index < 0)
            return exists ? 0 : index;
        int r = table_grow(t, (unsigned)index);
        if (r)
            return r;
    }
}

/* 0 and *index; 1: the table must grow to hold *index; or an error. */
static int duplicate_locked(struct slots *s, int from, unsigned flags, unsigned min, u64 limit, int *index)
{
    struct slot *at = slots_at(s, from);
    if (!at || !(at->rights & RIGHT_DUPLICATE))
        return -EBADF;
    *index = slots_find_free(s, min);
    if (*index < 0 || (u64)*index >= limit)
        return -EMFILE;
    if ((unsigned)*index >= s->cap)
        return 1;
    kobject_get(at->obj);
    slots_set(s, (unsigned)*index, (struct slot){ at->obj, at->rights, flags });
    return 0;
}

int handle_duplicate(struct handle_table *t, int from, unsigned flags, unsigned min, u64 limit, int *out_slot)
{
    for (;;) {
        spin_lock(&t->lock);
        int r = duplicate_locked(&t->slots, from, flags, min, limit, out_slot);
        spin_unlock(&t->lock);
        if (r <= 0)
            return r;
        r = table_grow(t, (unsigned)*out_slot);
        if (r)
            return r;
    }
}

int handle_install_at(struct handle_table *t, struct kobject *obj, unsigned rights, unsigned flags,
                      int slot)
{
    if (slot < 0 || slot >= HANDLES_MAX)
        return -EBADF;
    if ((unsigned)slot >= __atomic_load_n(&t->slots.cap, __ATOMIC_RELAXED)) {
        int r = table_grow(t, (unsigned)slot);
        if (r)
            return r;
    }
    kobject_get(obj);
    spin_lock(&t->lock);
    struct slot old = slots_take(&t->slots, slot);
    slots_set(&t->slots, (unsigned)slot, (struct slot){ obj, rights & RIGHTS_ALL, flags });
    spin_unlock(&t->lock);
    slot_close(t, old);
    return 0;
}

int handle_get(struct handle_table *t, int slot, enum kobject_type type, unsigned need,
               struct kobject **out, unsigned *rights)
{
    spin_lock(&t->lock);
    struct slot *at = slots_at(&t->slots, slot);
    bool ok = at && (type == KOBJ_NONE || at->obj->type == type) && (at->rights & need) == need;
    if (ok) {
        kobject_get(at->obj);
        *out = at->obj;
        if (rights)
            *rights = at->rights;
    }
    spin_unlock(&t->lock);
    return ok ? 0 : -EBADF;
}

int handle_borrow_counted(struct handle_table *t, int slot, enum kobject_type type, unsigned need, struct kobject **out)
{
    int r = handle_get(t, slot, type, need, out, NULL);
    return r < 0 ? r : 1;
}

int handle_close(struct handle_table *t, int slot)
{
    spin_lock(&t->lock);
    struct slot old = slots_take(&t->slots, slot);
    spin_unlock(&t->lock);
    slot_close(t, old);
    return old.obj ? 0 : -EBADF;
}

void handle_undo(struct handle_table *t, int slot, const struct kobject *obj)
{
    struct slot old = { 0 };
    spin_lock(&t->lock);
    struct slot *at = slots_at(&t->slots, slot);
    if (at && at->obj == obj)
        old = slots_take(&t->slots, slot);
    spin_unlock(&t->lock);
    slot_close(t, old);
}

int handle_flags_get(struct handle_table *t, int slot)
{
    spin_lock(&t->lock);
    struct slot *at = slots_at(&t->slots, slot);
    int r = at ? (int)at->flags : -EBADF;
    spin_unlock(&t->lock);
    return r;
}

int handle_flags_set(struct handle_table *t, int slot, unsigned flags)
{
    spin_lock(&t->lock);
    struct slot *at = slots_at(&t->slots, slot);
    if (at)
        at->flags = flags;
    spin_unlock(&t->lock);
    return at ? 0 : -EBADF;
}

int handle_restrict(struct handle_table *t, int slot, unsigned rights)
{
    spin_lock(&t->lock);
    struct slot *at = slots_at(&t->slots, slot);
    if (at)
        at->rights &= rights;
    spin_unlock(&t->lock);
    return at ? 0 : -EBADF;
}

int handle_next(struct handle_table *t, int from)
{
    spin_lock(&t->lock);
    int index = slots_next(&t->slots, from);
    spin_unlock(&t->lock);
    return index;
}

void handle_table_look(struct handle_table *t, void (*look)(const struct slots *s, void *ctx), void *ctx)
{
    spin_lock(&t->lock);
    look(&t->slots, ctx);
    spin_unlock(&t->lock);
}
