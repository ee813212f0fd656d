/* SEM_UNDO: what a process did to semaphores is undone at its end. The records of a process hang on its
 * struct lx_undos, which clone(CLONE_SYSVSEM) shares; the last one who has it pays.
 *
 * Locks: the undos' mutex, then the set's. A record is freed by its process, never by the set: one whose
 * set was removed goes when the process next looks for one, or ends. */
#include "linux/sem.h"

struct lx_undos { u32 refs; struct mutex lock; struct list list; };

static struct lx_undos *undos_create(void)
{
    struct lx_undos *u = kzalloc(sizeof *u);
    if (!u)
        return NULL;
    u->refs = 1;
    mutex_init(&u->lock, "sysv undos");
    list_init(&u->list);
    return u;
}

/* Threads of one process may be first at the same time. */
static struct lx_undos *undos_of(struct lx_process *lx)
{
    struct lx_undos *u = __atomic_load_n(&lx->undos, __ATOMIC_ACQUIRE), *none = NULL;
    if (u)
        return u;
    u = undos_create();
    if (u && !__atomic_compare_exchange_n(&lx->undos, &none, u, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        kfree(u);
        u = none;
    }
    return u;
}

int lx_undos_share(struct lx_process *lx, struct lx_undos **out)
{
    *out = undos_of(lx);
    if (!*out)
        return -ENOMEM;
    __atomic_fetch_add(&(*out)->refs, 1, __ATOMIC_RELAXED);
    return 0;
}

static void record_free(struct sem_undo *r)
{
    mutex_lock(&r->set->lock);
    list_remove(&r->in_set);
    mutex_unlock(&r->set->lock);
    list_remove(&r->in_process);
    ipc_put(&sem_table, &r->set->o);
    kfree(r);
}

/* The list's mutex held. */
static struct sem_undo *record_find(struct lx_undos *u, const struct semset *s)
{
    struct sem_undo *r, *next;
    list_for_each_safe(r, next, &u->list, in_process) {
        if (r->set == s)
            return r;
        if (ipc_is_removed(&r->set->o))
            record_free(r);
    }
    return NULL;
}

static struct sem_undo *record_create(struct lx_undos *u, struct semset *s)
{
    struct sem_undo *r = kzalloc(sizeof *r + s->n * sizeof r->adjust[0]);
    if (!r)
        return NULL;
    r->set = s;
    __atomic_fetch_add(&s->o.refs, 1, __ATOMIC_RELAXED);
    list_push_back(&u->list, &r->in_process);
    mutex_lock(&s->lock);
    list_push_back(&s->undos, &r->in_set);
    mutex_unlock(&s->lock);
    return r;
}

int sem_undo_get(struct semset *s, struct sem_undo **out)
{
    struct lx_undos *u = undos_of(lx_current());
    if (!u)
        return -ENOMEM;
    mutex_lock(&u->lock);
    *out = record_find(u, s);
    if (!*out)
        *out = record_create(u, s);
    mutex_unlock(&u->lock);
    return *out ? 0 : -ENOMEM;
}

/* As far as the values allow: nobody waits for it. */
static void pay(struct sem_undo *r, int pid)
{
    struct semset *s = r->set;
    mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->n && !ipc_is_removed(&s->o); i++) {
        if (!r->adjust[i])
            continue;
        s->sem[i].value = MIN(MAX(s->sem[i].value + r->adjust[i], 0), IPC_SEM_VALUE_MAX);
        s->sem[i].pid = pid;
        s->otime = ipc_now_sec();
    }
    sem_update_locked(s);
    mutex_unlock(&s->lock);
}

void lx_undos_put(struct lx_undos *u)
{
    struct sem_undo *r, *next;
    if (!u || __atomic_sub_fetch(&u->refs, 1, __ATOMIC_ACQ_REL))
        return;
    list_for_each_safe(r, next, &u->list, in_process) {
        pay(r, process_current() ? process_current()->pid : 0);
        record_free(r);
    }
    kfree(u);
}
