/* System V semaphores in the making: sets, who waits for them, and what is to be undone. sys_sem.c has
 * the calls, sem_ops.c the operations, sem_undo.c the ends of processes. Private to linux/.
 *
 * A set's mutex guards all that is in it, its list of waiters and its undo records' numbers. A waiter
 * lies on the waiting thread's stack; whoever makes its operations possible performs them for it, so
 * that nobody who comes later can be faster, and wakes it with the mutex held. */
#pragma once
#include "linux/ipc.h"

struct sem { i32 value; i32 pid; };
struct semset {
    struct ipc_object o;
    struct mutex lock;
    unsigned n;
    i64 otime, ctime;
    struct list waiters, undos;
    struct sem sem[];
};

struct lx_sembuf { u16 num; i16 op; u16 flags; }; /* linux/sem.h */
#define LX_SEM_UNDO 0x1000u

/* What one process (or those that share it) owes to one set. The set's mutex guards in_set and adjust. */
struct sem_undo { struct list in_set, in_process; struct semset *set; i16 adjust[]; };

struct sem_waiter {
    struct list link;
    const struct lx_sembuf *ops;
    unsigned n, blocked; /* the operation that cannot be done yet */
    struct sem_undo *undo;
    int pid, result;     /* SEM_WAITS, then what the call returns. Atomic */
    struct waitq wq;
};
#define SEM_WAITS 1

extern struct ipc_table sem_table;

/* All of them or none: 0, SEM_WAITS with *blocked, -EAGAIN (IPC_NOWAIT), -ERANGE. Lock held. */
int sem_try_locked(struct semset *s, const struct lx_sembuf *ops, unsigned n, struct sem_undo *undo, int pid,
                   unsigned *blocked) MUST_CHECK;
/* Values have changed: lets go whom they let go. Lock held. */
void sem_update_locked(struct semset *s);
/* All waiters end with `result`. Lock held. */
void sem_wake_all_locked(struct semset *s, int result);

/* The calling process's record for the set; made if there is none. -ENOMEM. */
int sem_undo_get(struct semset *s, struct sem_undo **out) MUST_CHECK;
