/* System V IPC: what its three kinds of object share (sysvipc(7)). An object has a number, perhaps a
 * key, an owner and a mode; it lives until somebody removes it, whoever made it.
 *
 * A table's mutex guards its slots and all of a struct ipc_object but refs. What makes the kind is
 * guarded by the kind's own rules. Nobody touches user memory with such a mutex held: taking away a
 * mapping of shared memory takes it under the lock of an address space. Private to linux/. */
#pragma once
#include "linux/procfs.h"
#include "linux/sys_priv.h"

/* linux/ipc.h */
enum { LX_IPC_RMID, LX_IPC_SET, LX_IPC_STAT, LX_IPC_INFO };
#define LX_IPC_PRIVATE 0
#define LX_IPC_CREAT 01000u
#define LX_IPC_EXCL 02000u
#define LX_IPC_NOWAIT 04000u
#define IPC_MAY_READ 0444u
#define IPC_MAY_WRITE 0222u
#define IPC_MAY_EXEC 0111u

struct ipc_object { int id; i32 key; u32 uid, gid, cuid, cgid, mode; bool removed; u32 refs; };

struct ipc_table {
    struct mutex lock;
    struct ipc_object **slots; /* by the low bits of the number */
    unsigned nslots, used, max;
    u32 seq;                   /* of the next object: its number is not that of the last one in its slot */
    void (*destroy)(struct ipc_object *o); /* the last reference is gone; no lock of this table held */
    size_t record_size;        /* of what IPC_STAT shows: IPC_RECORD_MAX at most */
    void (*describe)(struct ipc_object *o, void *record); /* no lock held; record_size bytes, all of them */
};
#define IPC_RECORD_MAX 120u

/* asm-generic/ipcbuf.h */
struct lx_ipc_perm { i32 key; u32 uid, gid, cuid, cgid, mode; u16 seq, pad[3]; u64 unused[2]; };
_Static_assert(sizeof(struct lx_ipc_perm) == 48, "struct ipc64_perm");

/* What a *get call wants made, or found. make: refs and identity are set by the caller; -ENOMEM, -ENOSPC,
 * -EINVAL. fits: -EINVAL if an existing one is too small. Both run with the table's lock held. */
struct ipc_wish {
    i32 key;
    u32 flags;
    u64 size;
    int (*make)(u64 size, struct ipc_object **out);
    int (*fits)(const struct ipc_object *o, u64 size);
};
long ipc_get(struct ipc_table *t, const struct ipc_wish *w) MUST_CHECK;

/* With a reference. want: IPC_MAY_*, 0 for nothing. -EINVAL: no such number. -EACCES. */
int ipc_find(struct ipc_table *t, int id, u32 want, struct ipc_object **out) MUST_CHECK;
int ipc_find_slot(struct ipc_table *t, int slot, u32 want, struct ipc_object **out) MUST_CHECK;
void ipc_put(struct ipc_table *t, struct ipc_object *o);
/* The name, the owner and the mode are the caller's to change or remove: 0, -EPERM. Lock held. */
int ipc_check_owner_locked(const struct ipc_object *o) MUST_CHECK;
/* Nobody finds it any more; drops the table's reference, which is not the last one. */
void ipc_remove_locked(struct ipc_table *t, struct ipc_object *o);
/* IPC_RMID for who holds a reference: -EPERM, -EIDRM if somebody was faster. */
int ipc_remove(struct ipc_table *t, struct ipc_object *o) MUST_CHECK;
/* IPC_SET. */
int ipc_set(struct ipc_table *t, struct ipc_object *o, const struct lx_ipc_perm *p) MUST_CHECK;
/* IPC_STAT (by the number) and the *_STAT of a kind (by the slot; answers with the number). */
long ipc_stat(struct ipc_table *t, int id, u32 want, u64 user) MUST_CHECK;
long ipc_stat_slot(struct ipc_table *t, int slot, u32 want, u64 user) MUST_CHECK;
struct lx_ipc_perm ipc_perm_of(struct ipc_table *t, const struct ipc_object *o);
/* The highest slot in use, 0 if none is: what IPC_INFO returns. */
int ipc_last_slot(struct ipc_table *t);
/* All objects, one after the other, with a reference and no lock held. */
void ipc_for_each(struct ipc_table *t, void (*fn)(struct ipc_object *o, void *ctx), void *ctx);

static inline bool ipc_is_removed(const struct ipc_object *o) { return __atomic_load_n(&o->removed, __ATOMIC_ACQUIRE); }
static inline i64 ipc_now_sec(void) { return (i64)(clock_realtime_ns() / NSEC_PER_SEC); }

/* The three kinds, for /proc/sysvipc, and limits for /proc/sys/kernel. */
int proc_sysv_shm(struct proc_text *t, const struct proc_key *k);
int proc_sysv_sem(struct proc_text *t, const struct proc_key *k);
int proc_sysv_msg(struct proc_text *t, const struct proc_key *k);
#define IPC_SHM_MAX 4096u
#define IPC_SHM_BYTES_MAX (UINT64_MAX - (1ull << 24))
#define IPC_SEM_SETS_MAX 32000u
#define IPC_SEM_PER_SET_MAX 32000u
#define IPC_SEM_ALL_MAX 1024000u /* of all sets together: eight bytes each */
#define IPC_SEM_OPS_MAX 500u
#define IPC_SEM_VALUE_MAX 32767
#define IPC_MSG_BYTES_MAX 8192u
#define IPC_MSG_QUEUE_BYTES 16384u
unsigned ipc_msg_queues_max(void);

/* What semop owes to the semaphores at the end of a process; NULL: nothing yet (sem_undo.c). */
struct lx_undos;
void lx_undos_put(struct lx_undos *u);
/* CLONE_SYSVSEM of a process: the child shares the caller's. -ENOMEM. */
int lx_undos_share(struct lx_process *lx, struct lx_undos **out) MUST_CHECK;
