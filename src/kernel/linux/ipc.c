/* Tables of System V objects: numbers, keys, permissions (ipc.h says who guards what). */
#include "linux/ipc.h"
#include "lib/assert.h"

#define SLOT_BITS 15 /* a number is a sequence number above its slot: IPCMNI_SHIFT */
#define SLOTS_FIRST 16u

static unsigned slot_of(int id) { return (unsigned)id & ((1u << SLOT_BITS) - 1); }

/* --- permissions --- */

static bool in_group(const struct lx_process *lx, u32 gid)
{
    if (lx->egid == gid)
        return true;
    for (unsigned i = 0; i < lx->ngroups; i++)
        if (lx->groups[i] == gid)
            return true;
    return false;
}

static int check_mode_locked(const struct ipc_object *o, u32 want)
{
    const struct lx_process *me = lx_current();
    u32 asked = (want | want >> 3 | want >> 6) & 7, granted = o->mode;
    if (me->euid == o->uid || me->euid == o->cuid)
        granted >>= 6;
    else if (in_group(me, o->gid) || in_group(me, o->cgid))
        granted >>= 3;
    return (asked & ~granted) == 0 || lx_capable(LX_CAP_IPC_OWNER) ? 0 : -EACCES;
}

int ipc_check_owner_locked(const struct ipc_object *o)
{
    u32 me = lx_current()->euid;
    return me == o->uid || me == o->cuid || lx_capable(LX_CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* --- making --- */

/* The table grows by doubling; slots are pointers, so objects stay where they are. */
static int grow_locked(struct ipc_table *t)
{
    unsigned n = MIN(t->nslots ? t->nslots * 2 : SLOTS_FIRST, t->max);
    struct ipc_object **slots = kzalloc(n * sizeof *slots);
    if (!slots)
        return -ENOMEM;
    if (t->nslots)
        memcpy(slots, t->slots, t->nslots * sizeof *slots);
    kfree(t->slots);
    t->slots = slots;
    t->nslots = n;
    return 0;
}

static int free_slot_locked(struct ipc_table *t, unsigned *slot)
{
    if (t->used == t->max)
        return -ENOSPC;
    if (t->used == t->nslots) {
        int r = grow_locked(t);
        if (r < 0)
            return r;
    }
    for (*slot = 0; t->slots[*slot]; ++*slot)
        ;
    return 0;
}

static long make_locked(struct ipc_table *t, const struct ipc_wish *w)
{
    const struct lx_process *me = lx_current();
    struct ipc_object *o;
    unsigned slot;
    int r = free_slot_locked(t, &slot);
    if (r == 0)
        r = w->make(w->size, &o);
    if (r < 0)
        return r;
    o->key = w->key;
    o->uid = o->cuid = me->euid;
    o->gid = o->cgid = me->egid;
    o->mode = w->flags & 0777;
    o->removed = false;
    o->refs = 1;
    o->id = (int)((t->seq++ << SLOT_BITS | slot) & INT32_MAX);
    t->slots[slot] = o;
    t->used++;
    return o->id;
}

static struct ipc_object *by_key_locked(const struct ipc_table *t, i32 key)
{
    for (unsigned i = 0; i < t->nslots; i++)
        if (t->slots[i] && t->slots[i]->key == key)
            return t->slots[i];
    return NULL;
}

static long get_locked(struct ipc_table *t, const struct ipc_wish *w)
{
    const struct ipc_object *o = w->key == LX_IPC_PRIVATE ? NULL : by_key_locked(t, w->key);
    if (!o)
        return w->key == LX_IPC_PRIVATE || (w->flags & LX_IPC_CREAT) ? make_locked(t, w) : -ENOENT;
    if ((w->flags & LX_IPC_CREAT) && (w->flags & LX_IPC_EXCL))
        return -EEXIST;
    int r = w->fits(o, w->size);
    if (r == 0)
        r = check_mode_locked(o, w->flags & 0777);
    return r < 0 ? r : o->id;
}

long ipc_get(struct ipc_table *t, const struct ipc_wish *w)
{
    mutex_lock(&t->lock);
    long r = get_locked(t, w);
    mutex_unlock(&t->lock);
    return r;
}

/* --- finding --- */

static int take_locked(struct ipc_object *o, u32 want, struct ipc_object **out)
{
    int r = !o ? -EINVAL : want ? check_mode_locked(o, want) : 0;
    if (r < 0)
        return r;
    __atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
    *out = o;
    return 0;
}

int ipc_find(struct ipc_table *t, int id, u32 want, struct ipc_object **out)
{
    mutex_lock(&t->lock);
    struct ipc_object *o = id >= 0 && slot_of(id) < t->nslots ? t->slots[slot_of(id)] : NULL;
    int r = take_locked(o && o->id == id ? o : NULL, want, out);
    mutex_unlock(&t->lock);
    return r;
}

int ipc_find_slot(struct ipc_table *t, int slot, u32 want, struct ipc_object **out)
{
    mutex_lock(&t->lock);
    int r = take_locked((unsigned)slot < t->nslots ? t->slots[slot] : NULL, want, out);
    mutex_unlock(&t->lock);
    return r;
}

void ipc_put(struct ipc_table *t, struct ipc_object *o)
{
    if (__atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0)
        t->destroy(o);
}

int ipc_last_slot(struct ipc_table *t)
{
    int last = 0;
    mutex_lock(&t->lock);
    for (unsigned i = 0; i < t->nslots; i++)
        if (t->slots[i])
            last = (int)i;
    mutex_unlock(&t->lock);
    return last;
}

void ipc_for_each(struct ipc_table *t, void (*fn)(struct ipc_object *o, void *ctx), void *ctx)
{
    struct ipc_object *o;
    int last = ipc_last_slot(t);
    for (int i = 0; i <= last; i++) {
        if (ipc_find_slot(t, i, 0, &o) < 0)
            continue;
        fn(o, ctx);
        ipc_put(t, o);
    }
}

/* --- changing, removing --- */

void ipc_remove_locked(struct ipc_table *t, struct ipc_object *o)
{
    ASSERT(mutex_held(&t->lock) && !o->removed && t->slots[slot_of(o->id)] == o);
    __atomic_store_n(&o->removed, true, __ATOMIC_RELEASE);
    t->slots[slot_of(o->id)] = NULL;
    t->used--;
    u32 left = __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL);
    ASSERT(left > 0);
}

int ipc_remove(struct ipc_table *t, struct ipc_object *o)
{
    mutex_lock(&t->lock);
    int r = ipc_check_owner_locked(o);
    if (r == 0 && o->removed)
        r = -EIDRM;
    if (r == 0)
        ipc_remove_locked(t, o);
    mutex_unlock(&t->lock);
    return r;
}

int ipc_set(struct ipc_table *t, struct ipc_object *o, const struct lx_ipc_perm *p)
{
    mutex_lock(&t->lock);
    int r = ipc_check_owner_locked(o);
    if (r == 0 && o->removed)
        r = -EIDRM;
    if (r == 0 && (p->uid == UINT32_MAX || p->gid == UINT32_MAX))
        r = -EINVAL;
    if (r == 0) {
        o->uid = p->uid;
        o->gid = p->gid;
        o->mode = (o->mode & ~0777u) | (p->mode & 0777);
    }
    mutex_unlock(&t->lock);
    return r;
}

struct lx_ipc_perm ipc_perm_of(struct ipc_table *t, const struct ipc_object *o)
{
    mutex_lock(&t->lock);
    struct lx_ipc_perm p = { o->key, o->uid, o->gid, o->cuid, o->cgid, o->mode, (u16)((unsigned)o->id >> SLOT_BITS),
                             { 0 }, { 0 } };
    mutex_unlock(&t->lock);
    return p;
}

/* --- showing --- */

static long show(struct ipc_table *t, struct ipc_object *o, u64 user)
{
    u64 record[IPC_RECORD_MAX / sizeof(u64)];
    ASSERT(t->record_size <= sizeof record);
    t->describe(o, record);
    return copy_to_user(uptr(user), record, t->record_size);
}

long ipc_stat(struct ipc_table *t, int id, u32 want, u64 user)
{
    struct ipc_object *o;
    long r = ipc_find(t, id, want, &o);
    if (r < 0)
        return r;
    r = show(t, o, user);
    ipc_put(t, o);
    return r;
}

long ipc_stat_slot(struct ipc_table *t, int slot, u32 want, u64 user)
{
    struct ipc_object *o;
    long r = ipc_find_slot(t, slot, want, &o);
    if (r < 0)
        return r;
    int number = o->id;
    r = show(t, o, user);
    ipc_put(t, o);
    return r < 0 ? r : number;
}
