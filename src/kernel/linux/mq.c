/* POSIX message queues as objects: the registry of names, and the queues themselves. */
#include "linux/mq.h"

static struct mutex registry_lock = MUTEX_INIT(registry_lock, "mq names");
static struct list registry = LIST_INIT(registry); /* all, also those whose name is gone */
static unsigned count;
static u64 numbers_given;

/* --- permissions and limits --- */

static bool in_group(const struct lx_process *lx, u32 gid)
{
    if (lx->fsgid == gid)
        return true;
    for (unsigned i = 0; i < lx->ngroups; i++)
        if (lx->groups[i] == gid)
            return true;
    return false;
}

void mq_get(struct mq *q) { __atomic_fetch_add(&q->refs, 1, __ATOMIC_RELAXED); }

static int check_mode(const struct mq *q, u32 file_flags)
{
    const struct lx_process *me = lx_current();
    u32 asked = (file_flags & FILE_READ ? 4 : 0) | (file_flags & FILE_WRITE ? 2 : 0);
    u32 granted = me->fsuid == q->uid ? q->mode >> 6 : in_group(me, q->gid) ? q->mode >> 3 : q->mode;
    return (asked & ~granted) == 0 || lx_capable(LX_CAP_DAC_OVERRIDE) ? 0 : -EACCES;
}

static int check_size(u64 most, u64 bytes)
{
    bool free = lx_capable(LX_CAP_SYS_RESOURCE);
    u64 most_max = free ? MQ_MESSAGES_MOST : MQ_MESSAGES_MAX, bytes_max = free ? MQ_BYTES_MOST : MQ_BYTES_MAX;
    return most == 0 || bytes == 0 || most > most_max || bytes > bytes_max ? -EINVAL : 0;
}

/* What a queue may take up at most counts from its beginning, for its user: getrlimit(2). */
static u64 weight(u64 most, u64 bytes) { return most * (bytes + sizeof(struct mq_message)); }

static int check_limit_locked(u32 uid, u64 more)
{
    u64 limit = lx_limit(LX_RLIMIT_MSGQUEUE);
    struct mq *q;
    list_for_each(q, &registry, link)
        more += q->uid == uid ? weight(q->most, q->bytes) : 0;
    return more <= limit ? 0 : -EMFILE;
}

/* --- names --- */

static struct mq *by_name_locked(const char *name)
{
    struct mq *q;
    list_for_each(q, &registry, link)
        if (q->named && strcmp(q->name, name) == 0)
            return q;
    return NULL;
}

static int create_locked(struct mq_wish *w, struct mq **out)
{
    const struct lx_process *me = lx_current();
    if (count >= MQ_QUEUES_MAX && !lx_capable(LX_CAP_SYS_RESOURCE))
        return -ENOSPC;
    int r = check_size(w->most, w->bytes);
    if (r == 0)
        r = check_limit_locked(me->fsuid, weight(w->most, w->bytes));
    if (r < 0)
        return r;
    struct mq *q = kzalloc(sizeof *q);
    if (!q)
        return -ENOMEM;
    str_copy(q->name, w->name, sizeof q->name);
    q->named = true;
    q->refs = 2; /* the name's and the caller's */
    q->uid = me->fsuid, q->gid = me->fsgid, q->mode = w->mode;
    q->most = w->most, q->bytes = w->bytes;
    q->number = ++numbers_given;
    q->made_ns = q->used_ns = clock_realtime_ns();
    mutex_init(&q->lock, "mq");
    list_init(&q->messages);
    event_init(&q->event, "mq event", POLL_WRITABLE);
    list_push_back(&registry, &q->link);
    count++;
    *out = q;
    w->created = true;
    return 0;
}

static int find_locked(struct mq_wish *w, struct mq **out)
{
    struct mq *q = by_name_locked(w->name);
    if (!q)
        return w->create ? create_locked(w, out) : -ENOENT;
    if (w->create && w->exclusive)
        return -EEXIST;
    int r = check_mode(q, w->file_flags);
    if (r < 0)
        return r;
    mq_get(q);
    *out = q;
    return 0;
}

int mq_find(struct mq_wish *w, struct mq **out)
{
    mutex_lock(&registry_lock);
    int r = find_locked(w, out);
    mutex_unlock(&registry_lock);
    return r;
}

/* As in a sticky directory: the owner's business. */
int mq_forget(const char *name)
{
    mutex_lock(&registry_lock);
    struct mq *q = by_name_locked(name);
    int r = !q ? -ENOENT : lx_current()->fsuid == q->uid || lx_capable(LX_CAP_FOWNER) ? 0 : -EPERM;
    if (r == 0)
        q->named = false;
    mutex_unlock(&registry_lock);
    if (r == 0)
        mq_put(q);
    return r;
}

void mq_abort(struct mq *q)
{
    mutex_lock(&registry_lock);
    bool alone = q->named && __atomic_load_n(&q->refs, __ATOMIC_RELAXED) == 2; /* the name's and the caller's */
    if (alone)
        q->named = false;
    mutex_unlock(&registry_lock);
    if (alone)
        mq_put(q);
}

void mq_put(struct mq *q)
{
    struct mq_message *m, *next;
    if (__atomic_sub_fetch(&q->refs, 1, __ATOMIC_ACQ_REL))
        return;
    mutex_lock(&registry_lock); /* nobody finds it by name: that was a reference */
    list_remove(&q->link);
    count--;
    mutex_unlock(&registry_lock);
    mq_notice_end(q, NULL);
    list_for_each_safe(m, next, &q->messages, link)
        kfree(m);
    event_fini(&q->event);
    kfree(q);
}

/* --- messages --- */

static void state_update_locked(struct mq *q)
{
    u32 now = (q->n ? POLL_READABLE : 0) | (q->n < q->most ? POLL_WRITABLE : 0);
    event_clear(&q->event, (POLL_READABLE | POLL_WRITABLE) & ~now);
    event_set_quietly(&q->event, now);
}

static void moved_locked(struct mq *q, const struct mq_message *m, bool in)
{
    q->n += in ? 1 : -1ull;
    q->queued_bytes += in ? m->size : -m->size;
    __atomic_store_n(&q->used_ns, clock_realtime_ns(), __ATOMIC_RELAXED);
    state_update_locked(q);
}

static void insert_locked(struct mq *q, struct mq_message *m)
{
    struct list *at = q->messages.prev; /* behind the last one that is not less urgent */
    while (at != &q->messages && list_entry(at, struct mq_message, link)->priority < m->priority)
        at = at->prev;
    list_insert_after(at, &m->link);
    moved_locked(q, m, true);
}

/* What the notice says is sent when the queue's mutex is let go; it has its process's reference. */
static struct mq_notice notice_take_locked(struct mq *q)
{
    struct mq_notice n = q->notice;
    q->notice = (struct mq_notice){ 0 };
    return n;
}

static void notice_send(const struct mq_notice *n)
{
    if (!n->process)
        return;
    if (n->how == SIGEV_SIGNAL && n->signo) {
        struct lx_siginfo info = { .signo = n->signo, .code = LX_SI_MESGQ };
        info.rt.pid = process_current()->pid;
        info.rt.uid = lx_current()->uid;
        info.rt.value = n->value;
        (void)lx_signal_process(n->process, &info);
    }
    kobject_put(&n->process->obj);
}

int mq_push(struct mq *q, struct mq_message *m)
{
    struct mq_notice notice = { 0 };
    mutex_lock(&q->lock);
    int r = q->n < q->most ? 0 : -EAGAIN;
    if (r == 0) {
        if (q->n == 0 && q->receivers == 0)
            notice = notice_take_locked(q);
        insert_locked(q, m);
    }
    mutex_unlock(&q->lock);
    if (r == 0)
        event_tell(&q->event, POLL_READABLE);
    notice_send(&notice);
    return r;
}

int mq_pop(struct mq *q, bool wait, bool *counted, struct mq_message **m)
{
    mutex_lock(&q->lock);
    int r = q->n ? 0 : -EAGAIN;
    q->receivers -= *counted;
    *counted = r && wait;
    q->receivers += *counted;
    if (r == 0) {
        *m = list_first(&q->messages, struct mq_message, link);
        list_remove(&(*m)->link);
        moved_locked(q, *m, false);
    }
    mutex_unlock(&q->lock);
    if (r == 0)
        event_tell(&q->event, POLL_WRITABLE);
    return r;
}

void mq_notice_end(struct mq *q, const struct process *p)
{
    struct mq_notice n = { 0 };
    mutex_lock(&q->lock);
    if (!p || q->notice.process == p)
        n = notice_take_locked(q);
    mutex_unlock(&q->lock);
    if (n.process)
        kobject_put(&n.process->obj);
}

void mq_status_get(struct mq *q, struct mq_status *out)
{
    mutex_lock(&q->lock);
    const struct mq_notice *n = &q->notice;
    bool told = n->process && !(event_state(&n->process->end) & PROCESS_ENDED);
    *out = (struct mq_status){ .bytes = q->queued_bytes, .how = told ? n->how : 0,
                               .signo = told && n->how == SIGEV_SIGNAL ? n->signo : 0, .pid = told ? n->process->pid : 0 };
    mutex_unlock(&q->lock);
}
