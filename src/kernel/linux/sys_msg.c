/* System V message queues: msgget(2), msgop(2), msgctl(2).
 *
 * A message is copied in before it is queued and out after it has left the queue, so that no user memory
 * is touched with the queue's mutex held. Who finds nothing, or no room, waits for the queue to change
 * (`changes`) and looks again. */
#include "linux/ipc.h"
#include "mm/pmm.h"

#define LX_MSG_NOERROR 010000u /* linux/msg.h */
#define LX_MSG_EXCEPT 020000u
#define LX_MSG_COPY 040000u
enum { LX_MSG_STAT = 11, LX_MSG_INFO, LX_MSG_STAT_ANY };

struct message { struct list link; i64 type; size_t size; u8 data[]; };
struct queue {
    struct ipc_object o;
    struct mutex lock;
    struct list messages;
    u64 bytes, number, bytes_max;
    i64 stime, rtime, ctime;
    int lspid, lrpid;
    u32 changes;        /* atomic */
    struct waitq changed;
};

/* --- the memory of messages --- */

/* Empty ones cost their heads, and stay when their sender has ended: nobody could be killed for them. */
#define MESSAGES_SHARE 16u /* of all memory */
static u64 held_bytes;     /* of all messages, heads included; atomic */

static struct message *message_alloc(u64 size)
{
    struct message *m = NULL;
    u64 n = sizeof *m + size;
    if (__atomic_add_fetch(&held_bytes, n, __ATOMIC_RELAXED) <= pmm_total() * PAGE_SIZE / MESSAGES_SHARE)
        m = kmalloc(n);
    if (m)
        m->size = size;
    else
        __atomic_sub_fetch(&held_bytes, n, __ATOMIC_RELAXED);
    return m;
}

static void message_free(struct message *m)
{
    __atomic_sub_fetch(&held_bytes, sizeof *m + m->size, __ATOMIC_RELAXED);
    kfree(m);
}

/* --- queues --- */

static void queue_destroy(struct ipc_object *o)
{
    struct queue *q = (struct queue *)o;
    struct message *m, *next;
    list_for_each_safe(m, next, &q->messages, link)
        message_free(m);
    kfree(q);
}

/* asm-generic/msgbuf.h */
struct lx_msqid {
    struct lx_ipc_perm perm;
    i64 stime, rtime, ctime;
    u64 bytes, number, bytes_max;
    i32 lspid, lrpid;
    u64 unused[2];
};
_Static_assert(sizeof(struct lx_msqid) == 120, "struct msqid64_ds");
static void describe(struct ipc_object *o, void *record);

static struct ipc_table table = {
    .lock = MUTEX_INIT(table.lock, "sysv msg"), .destroy = queue_destroy,
    .record_size = sizeof(struct lx_msqid), .describe = describe,
};

/* A thirty-second of memory if all of them are full of bytes. */
unsigned ipc_msg_queues_max(void)
{
    u64 n = pmm_total() * PAGE_SIZE / 32 / IPC_MSG_QUEUE_BYTES;
    return (unsigned)MIN(MAX(n, 16ull), 32000ull);
}

static void note_change_locked(struct queue *q)
{
    __atomic_fetch_add(&q->changes, 1, __ATOMIC_RELEASE);
    waitq_wake_all(&q->changed);
}

static int wait_for_change(struct queue *q, u32 seen)
{
    return wait_event(&q->changed, __atomic_load_n(&q->changes, __ATOMIC_ACQUIRE) != seen, WAIT_INTERRUPTIBLE, 0);
}

/* --- msgget --- */

static int queue_make(u64 size, struct ipc_object **out)
{
    struct queue *q = kzalloc(sizeof *q);
    if (!q)
        return -ENOMEM;
    mutex_init(&q->lock, "sysv queue");
    waitq_init(&q->changed, "message queue");
    list_init(&q->messages);
    q->bytes_max = IPC_MSG_QUEUE_BYTES;
    q->ctime = ipc_now_sec();
    *out = &q->o;
    return 0;
}

static int queue_fits(const struct ipc_object *o, u64 size) { return 0; }

long sys_msgget(u64 key, u64 flags, u64 a2, u64 a3, u64 a4, u64 a5)
{
    if (!table.max)
        __atomic_store_n(&table.max, ipc_msg_queues_max(), __ATOMIC_RELAXED);
    return ipc_get(&table, &(struct ipc_wish){ (i32)key, (u32)flags, 0, queue_make, queue_fits });
}

/* --- msgsnd --- */

static int message_get(u64 user, u64 size, struct message **out)
{
    struct message *m = message_alloc(size);
    if (!m)
        return -ENOMEM;
    int r = copy_from_user(&m->type, uptr(user), sizeof m->type);
    if (r == 0 && m->type < 1)
        r = -EINVAL;
    if (r == 0)
        r = copy_from_user(m->data, uptr(user + sizeof m->type), size);
    if (r == 0)
        *out = m;
    else
        message_free(m);
    return r;
}

/* Empty messages are limited in number, too: msgsnd(2). */
static bool has_room(const struct queue *q, size_t size)
{
    return q->bytes + size <= q->bytes_max && q->number + 1 <= q->bytes_max;
}

static void enqueue_locked(struct queue *q, struct message *m)
{
    list_push_back(&q->messages, &m->link);
    q->bytes += m->size;
    q->number++;
    q->lspid = process_current()->pid;
    q->stime = ipc_now_sec();
    note_change_locked(q);
}

/* 0: m belongs to the queue. */
static int send(struct queue *q, struct message *m, u32 flags)
{
    for (;;) {
        mutex_lock(&q->lock);
        u32 seen = q->changes;
        int r = ipc_is_removed(&q->o) ? -EIDRM : has_room(q, m->size) ? 0 : -EAGAIN;
        if (r == 0)
            enqueue_locked(q, m);
        mutex_unlock(&q->lock);
        if (r != -EAGAIN || (flags & LX_IPC_NOWAIT))
            return r;
        if (wait_for_change(q, seen) < 0)
            return -ERESTARTNOHAND;
    }
}

long sys_msgsnd(u64 id, u64 user, u64 size, u64 flags, u64 a4, u64 a5)
{
    struct ipc_object *o;
    struct message *m;
    if ((int)id < 0 || size > IPC_MSG_BYTES_MAX)
        return -EINVAL;
    int r = message_get(user, size, &m);
    if (r < 0)
        return r;
    r = ipc_find(&table, (int)id, IPC_MAY_WRITE, &o);
    if (r == 0) {
        r = send((struct queue *)o, m, (u32)flags);
        ipc_put(&table, o);
    }
    if (r < 0)
        message_free(m);
    return r;
}

/* --- msgrcv --- */

struct receive { i64 type; u64 size; u32 flags; };

static bool is_meant(const struct message *m, const struct receive *rq)
{
    if (rq->type == 0)
        return true;
    if (rq->type > 0)
        return (m->type == rq->type) != ((rq->flags & LX_MSG_EXCEPT) != 0);
    return m->type <= -rq->type; /* and the lowest of these */
}

static struct message *find_locked(const struct queue *q, const struct receive *rq)
{
    struct message *m, *best = NULL;
    list_for_each(m, &q->messages, link) {
        if (!is_meant(m, rq) || (best && best->type <= m->type))
            continue;
        best = m;
        if (rq->type >= 0)
            break;
    }
    return best;
}

static int take_locked(struct queue *q, const struct receive *rq, struct message **out)
{
    struct message *m = ipc_is_removed(&q->o) ? NULL : find_locked(q, rq);
    if (!m)
        return ipc_is_removed(&q->o) ? -EIDRM : -ENOMSG;
    if (m->size > rq->size && !(rq->flags & LX_MSG_NOERROR))
        return -E2BIG;
    list_remove(&m->link);
    q->bytes -= m->size;
    q->number--;
    q->lrpid = process_current()->pid;
    q->rtime = ipc_now_sec();
    note_change_locked(q);
    *out = m;
    return 0;
}

static int receive(struct queue *q, const struct receive *rq, struct message **out)
{
    for (;;) {
        mutex_lock(&q->lock);
        u32 seen = q->changes;
        int r = take_locked(q, rq, out);
        mutex_unlock(&q->lock);
        if (r != -ENOMSG || (rq->flags & LX_IPC_NOWAIT))
            return r;
        if (wait_for_change(q, seen) < 0)
            return -ERESTARTNOHAND;
    }
}

static long message_put(struct message *m, u64 user, u64 size)
{
    u64 n = MIN((u64)m->size, size);
    int r = copy_to_user(uptr(user), &m->type, sizeof m->type);
    if (r == 0)
        r = copy_to_user(uptr(user + sizeof m->type), m->data, n);
    message_free(m);
    return r < 0 ? r : (long)n;
}

long sys_msgrcv(u64 id, u64 user, u64 size, u64 type, u64 flags, u64 a5)
{
    /* the lowest number has no positive counterpart: msgrcv(2) takes all then */
    struct receive rq = { (i64)type == INT64_MIN ? -INT64_MAX : (i64)type, size, (u32)flags };
    struct ipc_object *o;
    struct message *m;
    if ((int)id < 0 || (i64)size < 0)
        return -EINVAL;
    if (rq.flags & LX_MSG_COPY)
        return lx_missing(rq.flags, -ENOSYS); /* for checkpoints */
    int r = ipc_find(&table, (int)id, IPC_MAY_READ, &o);
    if (r < 0)
        return r;
    r = receive((struct queue *)o, &rq, &m);
    ipc_put(&table, o);
    return r < 0 ? r : message_put(m, user, size);
}

/* --- msgctl --- */

struct lx_msginfo { i32 pool, map, bytes_max, queue_bytes, queues_max, segment_bytes, headers; u16 segments, pad; };

static void describe(struct ipc_object *o, void *record)
{
    struct lx_msqid *d = record;
    struct queue *q = (struct queue *)o;
    *d = (struct lx_msqid){ .perm = ipc_perm_of(&table, &q->o) };
    mutex_lock(&q->lock);
    d->stime = q->stime, d->rtime = q->rtime, d->ctime = q->ctime;
    d->bytes = q->bytes, d->number = q->number, d->bytes_max = q->bytes_max;
    d->lspid = q->lspid, d->lrpid = q->lrpid;
    mutex_unlock(&q->lock);
}

static void add_up(struct ipc_object *o, void *ctx)
{
    struct lx_msginfo *i = ctx;
    struct lx_msqid d;
    describe(o, &d);
    i->pool++;
    i->map += (i32)d.number;
    i->headers += (i32)d.bytes;
}

/* MSG_INFO: three of the fields say what there is instead. */
static long info(u64 user, bool used)
{
    struct lx_msginfo i = { .bytes_max = IPC_MSG_BYTES_MAX, .queue_bytes = IPC_MSG_QUEUE_BYTES,
                            .queues_max = (i32)ipc_msg_queues_max(), .segment_bytes = 16, .segments = 0xffff };
    if (used) {
        ipc_for_each(&table, add_up, &i);
    } else {
        i.pool = i.queues_max * i.queue_bytes / 1024;
        i.map = i.headers = i.queue_bytes;
    }
    return copy_to_user(uptr(user), &i, sizeof i) ? -EFAULT : ipc_last_slot(&table);
}

static long rmid(struct queue *q)
{
    int r = ipc_remove(&table, &q->o);
    if (r < 0)
        return r;
    mutex_lock(&q->lock);
    note_change_locked(q);
    mutex_unlock(&q->lock);
    return 0;
}

static long set(struct queue *q, u64 user)
{
    struct lx_msqid d;
    if (copy_from_user(&d, uptr(user), sizeof d))
        return -EFAULT;
    if (d.bytes_max > IPC_MSG_QUEUE_BYTES && !lx_capable(LX_CAP_SYS_RESOURCE))
        return -EPERM;
    int r = ipc_set(&table, &q->o, &d.perm);
    if (r < 0)
        return r;
    mutex_lock(&q->lock);
    q->bytes_max = d.bytes_max;
    q->ctime = ipc_now_sec();
    note_change_locked(q);
    mutex_unlock(&q->lock);
    return 0;
}

static long change(int id, int cmd, u64 user)
{
    struct ipc_object *o;
    long r = ipc_find(&table, id, 0, &o);
    if (r < 0)
        return r;
    struct queue *q = (struct queue *)o;
    r = cmd == LX_IPC_RMID ? rmid(q) : set(q, user);
    ipc_put(&table, o);
    return r;
}

long sys_msgctl(u64 uid, u64 ucmd, u64 user, u64 a3, u64 a4, u64 a5)
{
    int id = (int)uid, cmd = (int)ucmd;
    if (id < 0 || cmd < 0)
        return -EINVAL;
    switch (cmd) {
    case LX_IPC_INFO: case LX_MSG_INFO: return info(user, cmd == LX_MSG_INFO);
    case LX_IPC_STAT: return ipc_stat(&table, id, IPC_MAY_READ, user);
    case LX_MSG_STAT: return ipc_stat_slot(&table, id, IPC_MAY_READ, user);
    case LX_MSG_STAT_ANY: return ipc_stat_slot(&table, id, 0, user);
    case LX_IPC_SET: case LX_IPC_RMID: return change(id, cmd, user);
    default: return -EINVAL;
    }
}

/* --- /proc/sysvipc/msg --- */

static void append(struct ipc_object *o, void *ctx)
{
    struct lx_msqid d;
    describe(o, &d);
    proc_printf(ctx, "%10d %10d  %4o  %10llu %10llu %5d %5d %5u %5u %5u %5u ", d.perm.key, o->id, d.perm.mode,
                (unsigned long long)d.bytes,
                (unsigned long long)d.number, d.lspid, d.lrpid, d.perm.uid, d.perm.gid, d.perm.cuid, d.perm.cgid);
    proc_printf(ctx, "%10llu %10llu %10llu\n", (unsigned long long)d.stime, (unsigned long long)d.rtime,
                (unsigned long long)d.ctime);
}

int proc_sysv_msg(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n");
    ipc_for_each(&table, append, t);
    return 0;
}
