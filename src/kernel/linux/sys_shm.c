/* System V shared memory (shmget(2), shmop(2), shmctl(2)): memory objects with a number.
 *
 * A segment owns its VMO; every mapping counts a reference to the segment (vmo_set_owner), so that
 * nattch is the number of mappings whatever made or ended them: shmat, fork, munmap, execve, a death.
 * IPC_RMID of a segment that is mapped takes its key away; with the last mapping it goes.
 *
 *     shmget -> in the table --RMID, not mapped--> gone
 *                    |                              ^
 *                    +--RMID, mapped--> dest --last mapping goes
 *
 * The table's mutex guards everything here; it is taken under the lock of an address space, and so
 * never held while mapping or copying. */
#include "linux/ipc.h"
#include "linux/mmap_check.h"
#include "linux/sys_shm.h"
#include "lib/assert.h"

#define LX_SHM_RDONLY 010000u /* linux/shm.h */
#define LX_SHM_RND 020000u
#define LX_SHM_REMAP 040000u
#define LX_SHM_EXEC 0100000u
#define LX_SHM_HUGETLB 04000u /* in shmget's flags */
#define SHM_DEST 01000u       /* in a mode: goes with its last mapping */
#define SHM_LOCKED 02000u
enum { LX_SHM_LOCK = 11, LX_SHM_UNLOCK, LX_SHM_STAT, LX_SHM_INFO, LX_SHM_STAT_ANY };

struct shm {
    struct ipc_object o;
    struct vmo *vmo;
    u64 size, attached;
    i64 atime, dtime, ctime;
    int cpid, lpid;
};

static void shm_destroy(struct ipc_object *o)
{
    struct shm *s = (struct shm *)o;
    vmo_put(s->vmo);
    kfree(s);
}

/* asm-generic/shmbuf.h */
struct lx_shmid { struct lx_ipc_perm perm; u64 size; i64 atime, dtime, ctime; i32 cpid, lpid; u64 nattch, unused[2]; };
_Static_assert(sizeof(struct lx_shmid) == 112, "struct shmid64_ds");
static void describe(struct ipc_object *o, void *record);

static struct ipc_table table = {
    .lock = MUTEX_INIT(table.lock, "sysv shm"), .max = IPC_SHM_MAX, .destroy = shm_destroy,
    .record_size = sizeof(struct lx_shmid), .describe = describe,
};

/* --- a mapping comes, a mapping goes --- */

static void mapping_get(void *owner)
{
    struct shm *s = owner;
    mutex_lock(&table.lock);
    s->attached++;
    __atomic_fetch_add(&s->o.refs, 1, __ATOMIC_RELAXED);
    mutex_unlock(&table.lock);
}

static void mapping_put(void *owner)
{
    struct shm *s = owner;
    mutex_lock(&table.lock);
    ASSERT(s->attached > 0);
    if (--s->attached == 0 && (s->o.mode & SHM_DEST) && !s->o.removed)
        ipc_remove_locked(&table, &s->o);
    mutex_unlock(&table.lock);
    ipc_put(&table, &s->o);
}

static const struct vmo_owner_ops owner_ops = { mapping_get, mapping_put };

bool lx_shm_key_of(struct vmo *vmo, i32 *key)
{
    const struct shm *s = vmo_owner(vmo, &owner_ops);
    if (s)
        *key = s->o.key;
    return s != NULL;
}

/* --- shmget --- */

static struct vmo_budget budget = { .limit = UINT64_MAX }; /* of all segments together: shared memory has no bound of its own */

static int shm_make(u64 size, struct ipc_object **out)
{
    if (size == 0 || size > IPC_SHM_BYTES_MAX)
        return -EINVAL;
    struct shm *s = kzalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    int r = vmo_create_kept(size, &budget, &s->vmo);
    if (r < 0) {
        kfree(s);
        return r;
    }
    vmo_set_owner(s->vmo, &owner_ops, s);
    s->size = size;
    s->ctime = ipc_now_sec();
    s->cpid = process_current()->pid;
    *out = &s->o;
    return 0;
}

static int shm_fits(const struct ipc_object *o, u64 size) { return size > ((const struct shm *)o)->size ? -EINVAL : 0; }

long sys_shmget(u64 key, u64 size, u64 uflags, u64 a3, u64 a4, u64 a5)
{
    u32 flags = (u32)uflags;
    if (flags & LX_SHM_HUGETLB)
        return lx_missing(flags, -EINVAL);
    return ipc_get(&table, &(struct ipc_wish){ (i32)key, flags, size, shm_make, shm_fits });
}

/* --- shmat, shmdt --- */

static int plan_make(const struct shm *s, u64 addr, u32 flags, struct mmap_plan *plan)
{
    if (addr && !IS_ALIGNED(addr, PAGE_SIZE)) {
        if (!(flags & LX_SHM_RND))
            return -EINVAL;
        addr = ROUND_DOWN(addr, PAGE_SIZE);
    }
    if (!addr && (flags & LX_SHM_REMAP))
        return -EINVAL;
    unsigned more = flags & LX_SHM_EXEC ? VM_EXEC : 0;
    *plan = (struct mmap_plan){
        .addr = addr, .size = ROUND_UP(s->size, PAGE_SIZE), .shared = true,
        .prot = VM_READ | more | (flags & LX_SHM_RDONLY ? 0 : VM_WRITE),
        .may = VM_READ | VM_EXEC | (flags & LX_SHM_RDONLY ? 0 : VM_WRITE),
        .flags = VM_SHARED | (addr ? VM_FIXED : 0) | (addr && !(flags & LX_SHM_REMAP) ? VM_NOREPLACE : 0),
    };
    return 0;
}

static void note_attach(struct shm *s)
{
    mutex_lock(&table.lock);
    s->atime = ipc_now_sec();
    s->lpid = process_current()->pid;
    mutex_unlock(&table.lock);
}

long sys_shmat(u64 id, u64 addr, u64 uflags, u64 a3, u64 a4, u64 a5)
{
    u32 flags = (u32)uflags;
    u32 want = IPC_MAY_READ | (flags & LX_SHM_RDONLY ? 0 : IPC_MAY_WRITE) | (flags & LX_SHM_EXEC ? IPC_MAY_EXEC : 0);
    struct ipc_object *o;
    struct mmap_plan plan;
    int r = ipc_find(&table, (int)id, want, &o);
    if (r < 0)
        return r;
    struct shm *s = (struct shm *)o;
    long at = plan_make(s, addr, flags, &plan);
    if (at == 0)
        at = lx_map_vmo(s->vmo, &plan);
    if (at == -EEXIST)
        at = -EINVAL;
    if (at > 0)
        note_attach(s);
    ipc_put(&table, o);
    return at;
}

/* The lowest mapping of a segment that was attached at addr: the whole, or what is left of it. */
struct detach { vaddr_t addr, start, end; struct shm *found; };

/* The first one found is kept by a reference. */
static void find_part(const struct mapping_info *m, void *ctx)
{
    struct detach *d = ctx;
    struct shm *s = m->vmo ? vmo_owner(m->vmo, &owner_ops) : NULL;
    if (!s || d->end || m->start - m->offset != d->addr || (d->found && s != d->found))
        return;
    if (!d->found)
        __atomic_fetch_add(&s->o.refs, 1, __ATOMIC_RELAXED);
    d->found = s;
    d->start = m->start;
    d->end = m->end;
}

static bool find_next_part(struct aspace *as, struct detach *d)
{
    d->end = 0;
    aspace_for_each(as, find_part, d);
    return d->end != 0;
}

static void note_detach(struct shm *s)
{
    mutex_lock(&table.lock);
    s->dtime = ipc_now_sec();
    s->lpid = process_current()->pid;
    mutex_unlock(&table.lock);
}

long sys_shmdt(u64 addr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct aspace *as = process_current()->aspace;
    struct detach d = { .addr = addr };
    int r = 0;
    while (r == 0 && find_next_part(as, &d))
        r = aspace_unmap(as, d.start, d.end - d.start);
    if (!d.found)
        return -EINVAL;
    note_detach(d.found);
    ipc_put(&table, &d.found->o);
    return r;
}

/* --- shmctl --- */

struct lx_shminfo { u64 max, min, ids_max, per_process, all, unused[4]; };
struct lx_shm_info { i32 used, pad; u64 total, resident, swapped, unused[2]; };

static void describe(struct ipc_object *o, void *record)
{
    struct lx_shmid *d = record;
    struct shm *s = (struct shm *)o;
    *d = (struct lx_shmid){ .perm = ipc_perm_of(&table, &s->o), .size = s->size };
    mutex_lock(&table.lock);
    d->atime = s->atime, d->dtime = s->dtime, d->ctime = s->ctime;
    d->cpid = s->cpid, d->lpid = s->lpid;
    d->nattch = s->attached;
    mutex_unlock(&table.lock);
}

static long info(u64 user)
{
    struct lx_shminfo i = { .max = IPC_SHM_BYTES_MAX, .min = 1, .ids_max = IPC_SHM_MAX, .per_process = IPC_SHM_MAX,
                            .all = IPC_SHM_BYTES_MAX };
    return copy_to_user(uptr(user), &i, sizeof i) ? -EFAULT : ipc_last_slot(&table);
}

static void add_up(struct ipc_object *o, void *ctx)
{
    struct lx_shm_info *i = ctx;
    const struct shm *s = (struct shm *)o;
    i->used++;
    i->total += ROUND_UP(s->size, PAGE_SIZE) / PAGE_SIZE;
    i->resident += vmo_pages_present(s->vmo);
}

static long usage(u64 user)
{
    struct lx_shm_info i = { 0 };
    ipc_for_each(&table, add_up, &i);
    return copy_to_user(uptr(user), &i, sizeof i) ? -EFAULT : ipc_last_slot(&table);
}

/* A segment that is mapped somewhere stays for those who have it, without its key. */
static int remove_locked(struct shm *s)
{
    int r = ipc_check_owner_locked(&s->o);
    if (r == 0 && s->o.removed)
        r = -EIDRM;
    if (r < 0)
        return r;
    s->o.key = LX_IPC_PRIVATE;
    s->o.mode |= SHM_DEST;
    if (s->attached == 0)
        ipc_remove_locked(&table, &s->o);
    return 0;
}

/* Nothing is ever written out here: to lock a segment only marks it. */
static int lock_locked(struct shm *s, bool locked)
{
    int r = lx_capable(LX_CAP_IPC_LOCK) ? 0 : ipc_check_owner_locked(&s->o);
    if (r == 0 && locked && !lx_capable(LX_CAP_IPC_LOCK) && s->size > lx_lock_limit())
        r = -ENOMEM;
    if (r == 0)
        s->o.mode = (s->o.mode & ~SHM_LOCKED) | (locked ? SHM_LOCKED : 0);
    return r;
}

static long set(struct shm *s, u64 user)
{
    struct lx_shmid d;
    if (copy_from_user(&d, uptr(user), sizeof d))
        return -EFAULT;
    int r = ipc_set(&table, &s->o, &d.perm);
    if (r == 0)
        __atomic_store_n(&s->ctime, ipc_now_sec(), __ATOMIC_RELAXED);
    return r;
}

static long change(int id, int cmd, u64 user)
{
    struct ipc_object *o;
    long r = ipc_find(&table, id, 0, &o);
    if (r < 0)
        return r;
    struct shm *s = (struct shm *)o;
    if (cmd == LX_IPC_SET) {
        r = set(s, user);
    } else {
        mutex_lock(&table.lock);
        r = cmd == LX_IPC_RMID ? remove_locked(s) : lock_locked(s, cmd == LX_SHM_LOCK);
        mutex_unlock(&table.lock);
    }
    ipc_put(&table, o);
    return r;
}

long sys_shmctl(u64 uid, u64 ucmd, u64 user, u64 a3, u64 a4, u64 a5)
{
    int id = (int)uid, cmd = (int)ucmd;
    if (id < 0 || cmd < 0)
        return -EINVAL;
    switch (cmd) {
    case LX_IPC_INFO: return info(user);
    case LX_SHM_INFO: return usage(user);
    case LX_IPC_STAT: return ipc_stat(&table, id, IPC_MAY_READ, user);
    case LX_SHM_STAT: return ipc_stat_slot(&table, id, IPC_MAY_READ, user);
    case LX_SHM_STAT_ANY: return ipc_stat_slot(&table, id, 0, user);
    case LX_IPC_SET: case LX_IPC_RMID: case LX_SHM_LOCK: case LX_SHM_UNLOCK: return change(id, cmd, user);
    default: return -EINVAL;
    }
}

/* --- /proc/sysvipc/shm --- */

static void append(struct ipc_object *o, void *ctx)
{
    struct shm *s = (struct shm *)o;
    struct lx_shmid d;
    describe(o, &d);
    proc_printf(ctx, "%10d %10d  %4o %21llu %5u %5u  %5llu %5u %5u %5u %5u ", d.perm.key, o->id, d.perm.mode,
                (unsigned long long)d.size,
                (unsigned)d.cpid, (unsigned)d.lpid, (unsigned long long)d.nattch, d.perm.uid, d.perm.gid, d.perm.cuid,
                d.perm.cgid);
    proc_printf(ctx, "%10llu %10llu %10llu %21llu %21u\n", (unsigned long long)d.atime, (unsigned long long)d.dtime,
                (unsigned long long)d.ctime, (unsigned long long)vmo_pages_present(s->vmo) * PAGE_SIZE, 0u);
}

int proc_sysv_shm(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      "
                   "atime      dtime      ctime                   rss                  swap\n");
    ipc_for_each(&table, append, t);
    return 0;
}
