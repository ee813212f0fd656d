/* semop's operations on a set of semaphores (semop(2)): all of a call's, in their order, or none. */
#include "linux/sem.h"
#include "lib/assert.h"

static bool undo_fits(const struct sem_undo *undo, const struct lx_sembuf *op)
{
    int owed = undo->adjust[op->num] - op->op;
    return owed >= -IPC_SEM_VALUE_MAX - 1 && owed <= IPC_SEM_VALUE_MAX;
}

/* One operation, performed if it can be. */
static int step(struct semset *s, const struct lx_sembuf *op, struct sem_undo *undo)
{
    struct sem *sem = &s->sem[op->num];
    bool blocks = op->op == 0 ? sem->value != 0 : sem->value + op->op < 0;
    if (blocks)
        return op->flags & LX_IPC_NOWAIT ? -EAGAIN : SEM_WAITS;
    if (sem->value + op->op > IPC_SEM_VALUE_MAX)
        return -ERANGE;
    if (op->flags & LX_SEM_UNDO) {
        if (!undo_fits(undo, op))
            return -ERANGE;
        undo->adjust[op->num] = (i16)(undo->adjust[op->num] - op->op);
    }
    sem->value += op->op;
    return 0;
}

static void step_back(struct semset *s, const struct lx_sembuf *op, struct sem_undo *undo)
{
    s->sem[op->num].value -= op->op;
    if (op->flags & LX_SEM_UNDO)
        undo->adjust[op->num] = (i16)(undo->adjust[op->num] + op->op);
}

int sem_try_locked(struct semset *s, const struct lx_sembuf *ops, unsigned n, struct sem_undo *undo, int pid,
                   unsigned *blocked)
{
    unsigned done = 0;
    int r = 0;
    ASSERT(mutex_held(&s->lock));
    while (done < n && (r = step(s, &ops[done], undo)) == 0)
        done++;
    *blocked = done;
    if (r != 0) {
        while (done > 0)
            step_back(s, &ops[--done], undo);
        return r;
    }
    for (unsigned i = 0; i < n; i++)
        s->sem[ops[i].num].pid = pid;
    s->otime = ipc_now_sec();
    return 0;
}

/* The waiter may be gone as soon as it can take the set's mutex, not before. */
static void finish_locked(struct sem_waiter *w, int result)
{
    list_remove(&w->link);
    __atomic_store_n(&w->result, result, __ATOMIC_RELEASE);
    waitq_wake_all(&w->wq);
}

static bool changes_values(const struct sem_waiter *w)
{
    for (unsigned i = 0; i < w->n; i++)
        if (w->ops[i].op != 0)
            return true;
    return false;
}

/* In the order in which they came; from the beginning again after each that changed something. */
static bool update_once_locked(struct semset *s)
{
    struct sem_waiter *w, *next;
    list_for_each_safe(w, next, &s->waiters, link) {
        int r = sem_try_locked(s, w->ops, w->n, w->undo, w->pid, &w->blocked);
        if (r == SEM_WAITS)
            continue;
        bool again = r == 0 && changes_values(w);
        finish_locked(w, r);
        if (again)
            return true;
    }
    return false;
}

/* Of a removed set the waiters are about to be told, and their records of undos may be gone already. */
void sem_update_locked(struct semset *s)
{
    while (!ipc_is_removed(&s->o) && update_once_locked(s))
        ;
}

void sem_wake_all_locked(struct semset *s, int result)
{
    struct sem_waiter *w, *next;
    list_for_each_safe(w, next, &s->waiters, link)
        finish_locked(w, result);
}
