/* POSIX message queues (mq_overview(7)): named queues of messages by priority. Private to linux/.
 *
 * The registry's mutex guards the list of all queues and which of them have a name; a queue's mutex its
 * messages and its notice. Registry first. A queue lives while it has a name or an open file. */
#pragma once
#include "linux/abi/sigevent.h"
#include "linux/sys_priv.h"
#include "object/event.h"

/* What /proc/sys/fs/mqueue says; CAP_SYS_RESOURCE goes beyond. */
#define MQ_MESSAGES_DEFAULT 10u
#define MQ_MESSAGES_MAX 10u
#define MQ_BYTES_DEFAULT 8192u
#define MQ_BYTES_MAX 8192u
#define MQ_MESSAGES_MOST 65536u
#define MQ_BYTES_MOST (16u << 20)
#define MQ_QUEUES_MAX 256u
#define MQ_PRIORITIES 32768u
#define MQ_NAME_BYTES 256u /* with the terminator */

struct mq_message { struct list link; unsigned priority; u64 size; u8 data[]; };

/* mq_notify: told once, when a message comes to the empty queue. process NULL: nobody wants it. */
struct mq_notice { struct process *process; int how, signo; u64 value; };

struct mq {
    struct list link;
    char name[MQ_NAME_BYTES];
    bool named;
    u32 refs;            /* atomic: open files, and the name */
    u32 uid, gid, mode;
    u64 number, made_ns; /* its inode's, and when */
    u64 used_ns;         /* last sent to or received from; atomic */
    u64 most, bytes;     /* messages, and bytes of each */
    struct mutex lock;
    struct list messages; /* the next one first */
    u64 n, queued_bytes;
    unsigned receivers;  /* that wait */
    struct mq_notice notice;
    struct event event;  /* POLL_READABLE, POLL_WRITABLE */
};

struct mq_wish { const char *name; u32 file_flags; bool create, exclusive, created /* out */; u32 mode; u64 most, bytes; };
/* With a reference: -ENOENT, -EEXIST, -EACCES, -EINVAL, -ENOSPC, -EMFILE (RLIMIT_MSGQUEUE), -ENOMEM. */
int mq_find(struct mq_wish *w, struct mq **out) MUST_CHECK;
/* Whoever created q has no descriptor for it: its name goes again, unless somebody else opened it meanwhile. */
void mq_abort(struct mq *q);
int mq_forget(const char *name) MUST_CHECK; /* mq_unlink: -ENOENT, -EPERM */
void mq_get(struct mq *q);
void mq_put(struct mq *q);

/* m goes to the queue: 0, -EAGAIN. The other way: with *m, the next one. */
int mq_push(struct mq *q, struct mq_message *m) MUST_CHECK;
/* wait: if there is none, the caller counts as one who waits (*counted) until it asks again. While somebody waits for
 * it a message is no news for anybody else. */
int mq_pop(struct mq *q, bool wait, bool *counted, struct mq_message **m) MUST_CHECK;
/* How it is; the last three are of the notice, 0 if there is none. */
struct mq_status { u64 bytes; int how, signo, pid; };
void mq_status_get(struct mq *q, struct mq_status *out);

/* --- its open file (mq_file.c), with a reference of its own --- */
int mq_file_create(struct mq *q, u32 file_flags, struct file **out) MUST_CHECK;
struct mq *mq_of_file(const struct file *f); /* NULL: it is no queue */

/* p (NULL: whoever) is not told any more. */
void mq_notice_end(struct mq *q, const struct process *p);
