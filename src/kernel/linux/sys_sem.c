/* System V semaphores: semget(2), semop(2), semctl(2). */
#include "linux/sem.h"
#include "lib/assert.h"

enum { LX_GETPID = 11, LX_GETVAL, LX_GETALL, LX_GETNCNT, LX_GETZCNT, LX_SETVAL, LX_SETALL, LX_SEM_STAT, LX_SEM_INFO,
       LX_SEM_STAT_ANY };
#define OPS_NEAR 16u /* on the stack; more come from the heap */

static unsigned all_sems; /* of all sets; guarded by the table's mutex when it grows, atomic */

static void sem_destroy(struct ipc_object *o)
{
    struct semset *s = (struct semset *)o;
    __atomic_fetch_sub(&all_sems, s->n, __ATOMIC_RELAXED);
    kfree(s);
}

/* asm/sembuf.h */
struct lx_semid { struct lx_ipc_perm perm; i64 otime; u64 unused1; i64 ctime; u64 unused2, n, unused3[2]; };
_Static_assert(sizeof(struct lx_semid) == 104, "struct semid64_ds");
static void describe(struct ipc_object *o, void *record);

struct ipc_table sem_table = {
    .lock = MUTEX_INIT(sem_table.lock, "sysv sem"), .max = IPC_SEM_SETS_MAX, .destroy = sem_destroy,
    .record_size = sizeof(struct lx_semid), .describe = describe,
};

/* --- semget --- */

static int sem_make(u64 n, struct ipc_object **out)
{
    if (n == 0)
        return -EINVAL;
    if (__atomic_load_n(&all_sems, __ATOMIC_RELAXED) + n > IPC_SEM_ALL_MAX)
        return -ENOSPC;
    struct semset *s = kzalloc(sizeof *s + n * sizeof s->sem[0]);
    if (!s)
        return -ENOMEM;
    mutex_init(&s->lock, "sysv set");
    list_init(&s->waiters);
    list_init(&s->undos);
    s->n = (unsigned)n;
    s->ctime = ipc_now_sec();
    __atomic_fetch_add(&all_sems, s->n, __ATOMIC_RELAXED);
    *out = &s->o;
    return 0;
}

static int sem_fits(const struct ipc_object *o, u64 n) { return n > ((const struct semset *)o)->n ? -EINVAL : 0; }

long sys_semget(u64 key, u64 un, u64 flags, u64 a3, u64 a4, u64 a5)
{
    int n = (int)un;
    if (n < 0 || (unsigned)n > IPC_SEM_PER_SET_MAX)
        return -EINVAL;
    return ipc_get(&sem_table, &(struct ipc_wish){ (i32)key, (u32)flags, (u64)n, sem_make, sem_fits });
}

/* --- semop --- */

struct sem_call {
    struct semset *set;
    const struct lx_sembuf *ops;
    unsigned n;
    struct sem_undo *undo;
    u64 deadline_ns;
};

/* -EINTR and -EAGAIN (too late) only if nobody performed the operations meanwhile. */
static int wait(struct sem_call *c, struct sem_waiter *w)
{
    int slept = wait_event(&w->wq, __atomic_load_n(&w->result, __ATOMIC_ACQUIRE) != SEM_WAITS, WAIT_INTERRUPTIBLE,
                           c->deadline_ns);
    mutex_lock(&c->set->lock);
    if (w->result == SEM_WAITS) {
        ASSERT(slept < 0);
        list_remove(&w->link);
        w->result = slept == -ETIMEDOUT ? -EAGAIN : slept;
    }
    mutex_unlock(&c->set->lock);
    return w->result;
}

static int perform(struct sem_call *c)
{
    struct sem_waiter w = { .ops = c->ops, .n = c->n, .undo = c->undo, .pid = process_current()->pid,
                            .result = SEM_WAITS };
    mutex_lock(&c->set->lock);
    int r = ipc_is_removed(&c->set->o) ? -EIDRM : sem_try_locked(c->set, c->ops, c->n, c->undo, w.pid, &w.blocked);
    if (r == 0)
        sem_update_locked(c->set);
    if (r == SEM_WAITS) {
        waitq_init(&w.wq, "semaphore");
        list_push_back(&c->set->waiters, &w.link);
    }
    mutex_unlock(&c->set->lock);
    return r == SEM_WAITS ? wait(c, &w) : r;
}

struct ops_kind { bool alters, undoes; unsigned highest; };

static struct ops_kind kind_of(const struct lx_sembuf *ops, unsigned n)
{
    struct ops_kind k = { 0 };
    for (unsigned i = 0; i < n; i++) {
        k.alters |= ops[i].op != 0;
        k.undoes |= (ops[i].flags & LX_SEM_UNDO) != 0;
        k.highest = MAX(k.highest, (unsigned)ops[i].num);
    }
    return k;
}

static int run(int id, const struct lx_sembuf *ops, unsigned n, u64 deadline_ns)
{
    struct ops_kind kind = kind_of(ops, n);
    struct ipc_object *o;
    int r = ipc_find(&sem_table, id, kind.alters ? IPC_MAY_WRITE : IPC_MAY_READ, &o);
    if (r < 0)
        return r;
    struct sem_call c = { .set = (struct semset *)o, .ops = ops, .n = n, .deadline_ns = deadline_ns };
    if (kind.highest >= c.set->n)
        r = -EFBIG;
    if (r == 0 && kind.undoes)
        r = sem_undo_get(c.set, &c.undo);
    if (r == 0)
        r = perform(&c);
    ipc_put(&sem_table, o);
    return r;
}

static long semop(int id, u64 user, u32 n, u64 deadline_ns)
{
    struct lx_sembuf near[OPS_NEAR], *ops = near;
    if (n < 1)
        return -EINVAL;
    if (n > IPC_SEM_OPS_MAX)
        return -E2BIG;
    if (n > OPS_NEAR)
        ops = kmalloc(n * sizeof *ops);
    if (!ops)
        return -ENOMEM;
    long r = copy_from_user(ops, uptr(user), n * sizeof *ops) ? -EFAULT : run(id, ops, n, deadline_ns);
    if (ops != near)
        kfree(ops);
    return r;
}

long sys_semop(u64 id, u64 ops, u64 n, u64 a3, u64 a4, u64 a5) { return semop((int)id, ops, (u32)n, 0); }

long sys_semtimedop(u64 id, u64 ops, u64 n, u64 timeout, u64 a4, u64 a5)
{
    u64 ns = 0;
    int r = timeout ? lx_timespec_get(uptr(timeout), &ns) : 0;
    return r < 0 ? r : semop((int)id, ops, (u32)n, timeout ? MAX(lx_deadline(clock_now_ns(), ns), 1ull) : 0);
}

/* --- semctl --- */

struct lx_seminfo { i32 map, sets_max, all_max, undos, per_set, ops_max, undo_max, undo_bytes, value_max, adjust_max; };

static void describe(struct ipc_object *o, void *record)
{
    struct lx_semid *d = record;
    struct semset *s = (struct semset *)o;
    *d = (struct lx_semid){ .perm = ipc_perm_of(&sem_table, &s->o), .n = s->n };
    mutex_lock(&s->lock);
    d->otime = s->otime;
    d->ctime = s->ctime;
    mutex_unlock(&s->lock);
}

static void count_set(struct ipc_object *o, void *n) { ++*(int *)n; }

/* SEM_INFO: two of the fields say what there is instead. */
static long info(u64 user, bool used)
{
    struct lx_seminfo i = { IPC_SEM_ALL_MAX, IPC_SEM_SETS_MAX, IPC_SEM_ALL_MAX, IPC_SEM_ALL_MAX, IPC_SEM_PER_SET_MAX,
                            IPC_SEM_OPS_MAX,
                            IPC_SEM_OPS_MAX, 20, IPC_SEM_VALUE_MAX, IPC_SEM_VALUE_MAX };
    if (used) {
        i.undo_bytes = 0;
        ipc_for_each(&sem_table, count_set, &i.undo_bytes);
        i.adjust_max = (i32)__atomic_load_n(&all_sems, __ATOMIC_RELAXED);
    }
    return copy_to_user(uptr(user), &i, sizeof i) ? -EFAULT : ipc_last_slot(&sem_table);
}

static int waiters_locked(const struct semset *s, unsigned num, bool for_zero)
{
    struct sem_waiter *w;
    int n = 0;
    list_for_each(w, &s->waiters, link)
        n += w->ops[w->blocked].num == num && (w->ops[w->blocked].op == 0) == for_zero;
    return n;
}

static long ask_locked(const struct semset *s, unsigned num, int cmd)
{
    switch (cmd) {
    case LX_GETPID: return s->sem[num].pid;
    case LX_GETVAL: return s->sem[num].value;
    case LX_GETNCNT: return waiters_locked(s, num, false);
    default: return waiters_locked(s, num, true);
    }
}

/* What others owe to a semaphore is forgotten when it is set. */
static void set_one_locked(struct semset *s, unsigned num, int value)
{
    struct sem_undo *u;
    list_for_each(u, &s->undos, in_set)
        u->adjust[num] = 0;
    s->sem[num].value = value;
    s->sem[num].pid = process_current()->pid;
}

static long one(struct semset *s, int unum, int cmd, int value)
{
    unsigned num = (unsigned)unum;
    if (cmd == LX_SETVAL && (value < 0 || value > IPC_SEM_VALUE_MAX))
        return -ERANGE;
    if (num >= s->n)
        return -EINVAL;
    long r = 0;
    mutex_lock(&s->lock);
    if (ipc_is_removed(&s->o)) {
        r = -EIDRM;
    } else if (cmd == LX_SETVAL) {
        set_one_locked(s, num, value);
        s->ctime = ipc_now_sec();
        sem_update_locked(s);
    } else {
        r = ask_locked(s, num, cmd);
    }
    mutex_unlock(&s->lock);
    return r;
}

/* GETALL and SETALL by way of an array of our own: no user memory with the set's mutex held. */
static long get_all(struct semset *s, u16 *values, u64 user)
{
    mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->n; i++)
        values[i] = (u16)s->sem[i].value;
    mutex_unlock(&s->lock);
    return copy_to_user(uptr(user), values, s->n * sizeof *values);
}

static long set_all(struct semset *s, u16 *values, u64 user)
{
    if (copy_from_user(values, uptr(user), s->n * sizeof *values))
        return -EFAULT;
    for (unsigned i = 0; i < s->n; i++)
        if (values[i] > IPC_SEM_VALUE_MAX)
            return -ERANGE;
    mutex_lock(&s->lock);
    int r = ipc_is_removed(&s->o) ? -EIDRM : 0;
    for (unsigned i = 0; i < s->n && r == 0; i++)
        set_one_locked(s, i, values[i]);
    s->ctime = ipc_now_sec();
    sem_update_locked(s);
    mutex_unlock(&s->lock);
    return r;
}

static long all(struct semset *s, int cmd, u64 user)
{
    u16 *values = kmalloc(s->n * sizeof *values);
    if (!values)
        return -ENOMEM;
    long r = cmd == LX_GETALL ? get_all(s, values, user) : set_all(s, values, user);
    kfree(values);
    return r;
}

static long rmid(struct semset *s)
{
    int r = ipc_remove(&sem_table, &s->o);
    if (r < 0)
        return r;
    mutex_lock(&s->lock);
    sem_wake_all_locked(s, -EIDRM);
    mutex_unlock(&s->lock);
    return 0;
}

static long set(struct semset *s, u64 user)
{
    struct lx_semid d;
    if (copy_from_user(&d, uptr(user), sizeof d))
        return -EFAULT;
    int r = ipc_set(&sem_table, &s->o, &d.perm);
    if (r < 0)
        return r;
    mutex_lock(&s->lock);
    s->ctime = ipc_now_sec();
    mutex_unlock(&s->lock);
    return 0;
}

static long act(struct semset *s, int num, int cmd, u64 arg)
{
    switch (cmd) {
    case LX_IPC_RMID: return rmid(s);
    case LX_IPC_SET: return set(s, arg);
    case LX_GETALL: case LX_SETALL: return all(s, cmd, arg);
    default: return one(s, num, cmd, (int)arg);
    }
}

static long change(int id, int num, int cmd, u64 arg)
{
    bool by_owner = cmd == LX_IPC_RMID || cmd == LX_IPC_SET;
    struct ipc_object *o;
    long r = ipc_find(&sem_table, id, by_owner ? 0 : cmd == LX_SETVAL || cmd == LX_SETALL ? IPC_MAY_WRITE : IPC_MAY_READ, &o);
    if (r < 0)
        return r;
    r = act((struct semset *)o, num, cmd, arg);
    ipc_put(&sem_table, o);
    return r;
}

long sys_semctl(u64 uid, u64 num, u64 ucmd, u64 arg, u64 a4, u64 a5)
{
    int id = (int)uid, cmd = (int)ucmd;
    if (id < 0)
        return -EINVAL;
    switch (cmd) {
    case LX_IPC_INFO: case LX_SEM_INFO: return info(arg, cmd == LX_SEM_INFO);
    case LX_IPC_STAT: return ipc_stat(&sem_table, id, IPC_MAY_READ, arg);
    case LX_SEM_STAT: return ipc_stat_slot(&sem_table, id, IPC_MAY_READ, arg);
    case LX_SEM_STAT_ANY: return ipc_stat_slot(&sem_table, id, 0, arg);
    case LX_GETPID: case LX_GETVAL: case LX_GETALL: case LX_GETNCNT: case LX_GETZCNT: case LX_SETVAL: case LX_SETALL:
    case LX_IPC_RMID: case LX_IPC_SET: return change(id, (int)num, cmd, arg);
    default: return -EINVAL;
    }
}

/* --- /proc/sysvipc/sem --- */

static void append(struct ipc_object *o, void *ctx)
{
    struct lx_semid d;
    describe(o, &d);
    proc_printf(ctx, "%10d %10d  %4o %10llu %5u %5u %5u %5u %10llu %10llu\n", d.perm.key, o->id, d.perm.mode,
                (unsigned long long)d.n,
                d.perm.uid, d.perm.gid, d.perm.cuid, d.perm.cgid, (unsigned long long)d.otime,
                (unsigned long long)d.ctime);
}

int proc_sysv_sem(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
    ipc_for_each(&sem_table, append, t);
    return 0;
}
