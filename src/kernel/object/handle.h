/* Handle table = file descriptor table: slot -> {object, rights, flags}. One per process.
 *
 * Guarded by its own spinlock; no call sleeps with it held. Objects come out with a reference
 * taken: the caller puts it. Lowest free slot first, as POSIX wants. */
#pragma once
#include "arch/spinlock.h"
#include "lib/errno.h"
#include "object/kobject.h"
#include "object/slots.h"

enum rights {
    RIGHT_READ = 1 << 0, RIGHT_WRITE = 1 << 1, RIGHT_EXECUTE = 1 << 2, RIGHT_MAP = 1 << 3,
    RIGHT_DUPLICATE = 1 << 4, RIGHT_TRANSFER = 1 << 5, RIGHT_SIGNAL = 1 << 6, RIGHT_WAIT = 1 << 7,
    RIGHT_MANAGE = 1 << 8,
};
#define RIGHTS_ALL 0x1ffu

#define HANDLE_CLOEXEC 1u /* slot flag */
#define HANDLES_MAX 65536 /* slots of one table: 1 MiB */

struct handle_table {
    u32 refs; /* atomic */
    struct spinlock lock;
    struct slots slots; /* guarded by lock */
};

int handle_table_create(struct handle_table **out) MUST_CHECK; /* refs = 1 */
/* CLONE_FILES: share. */
struct handle_table *handle_table_get(struct handle_table *t);
/* Has somebody else a reference too? True may be out of date at once; false is not, for the owner
 * of the one reference. */
static inline bool handle_table_is_shared(const struct handle_table *t)
{
    return __atomic_load_n(&t->refs, __ATOMIC_ACQUIRE) > 1;
}
/* Last put closes everything. May sleep. */
void handle_table_put(struct handle_table *t);
/* fork: a copy with every slot. */
int handle_table_clone(struct handle_table *t, struct handle_table **out) MUST_CHECK;
/* execve: closes the slots marked CLOEXEC. May sleep. */
void handle_table_close_on_exec(struct handle_table *t);

/* Puts obj in the lowest free slot >= min; takes its own reference. -EMFILE, -ENOMEM, -EINVAL. */
int handle_install(struct handle_table *t, struct kobject *obj, unsigned rights, unsigned flags,
                   int min, int *out_slot) MUST_CHECK;
/* Takes back what handle_install has just put there, unless another thread closed it meanwhile and
 * the slot is empty or somebody else's. May sleep. */
void handle_undo(struct handle_table *t, int slot, const struct kobject *obj);
/* dup: what is in `from`, if it may be duplicated, also in the lowest free slot >= min and below
 * limit. -EBADF, -EMFILE, -ENOMEM. */
int handle_duplicate(struct handle_table *t, int from, unsigned flags, unsigned min, u64 limit,
                     int *out_slot) MUST_CHECK;
/* dup2/dup3: closes what is in `slot` first. -EBADF if slot is out of range. May sleep. */
int handle_install_at(struct handle_table *t, struct kobject *obj, unsigned rights, unsigned flags,
                      int slot) MUST_CHECK;
/* Looks up: -EBADF if the slot is empty or the object is of another type (KOBJ_NONE: any) or a
 * right in `need` is missing. rights may be NULL. */
int handle_get(struct handle_table *t, int slot, enum kobject_type type, unsigned need,
               struct kobject **out, unsigned *rights) MUST_CHECK;
/* The same for the length of a call. `alone`: no other thread of the caller uses the table. If no other
 * process does either, nobody can empty the slot meanwhile, and the object comes as it is, without lock
 * and reference: 0. Otherwise with a reference, to be put: 1. */
int handle_borrow_counted(struct handle_table *t, int slot, enum kobject_type type, unsigned need,
                          struct kobject **out) MUST_CHECK;
static inline MUST_CHECK int handle_borrow(struct handle_table *t, bool alone, int slot, enum kobject_type type,
                                           unsigned need, struct kobject **out)
{
    /* A reference to the table that somebody takes for a moment (/proc) only makes this look shared. */
    if (unlikely(!alone || handle_table_is_shared(t)))
        return handle_borrow_counted(t, slot, type, need, out);
    const struct slot *at = slots_at(&t->slots, slot);
    if (unlikely(!at || at->obj->type != type || (at->rights & need) != need))
        return -EBADF;
    *out = at->obj;
    return 0;
}
int handle_close(struct handle_table *t, int slot) MUST_CHECK; /* -EBADF. May sleep. */
int handle_flags_get(struct handle_table *t, int slot) MUST_CHECK; /* flags or -EBADF */
int handle_flags_set(struct handle_table *t, int slot, unsigned flags) MUST_CHECK;
/* Lowers the rights for good: -EBADF; rights not held already are ignored. */
int handle_restrict(struct handle_table *t, int slot, unsigned rights) MUST_CHECK;
/* Next used slot >= from, or -1. For /proc/PID/fd and close_range. */
int handle_next(struct handle_table *t, int from);
/* Runs look with the table locked: for whoever wants to see many slots (object/slots.h) and takes no
 * reference. It must not sleep. */
void handle_table_look(struct handle_table *t, void (*look)(const struct slots *s, void *ctx), void *ctx);
