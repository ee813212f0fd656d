/* One pipe, as its parts see it: pipe.c (bytes), pipe_ends.c (its life), fifo.c (pipes with names), pipe_size.c,
 * pipe_packet.c, pipe_claim.c (splicing). */
#pragma once
#include "sched/event_wait.h"
#include "vfs/file_priv.h"
#include "vfs/pipe.h"
#include "vfs/pipe_ring.h"

#define PIPE_PAGES (PIPE_CAPACITY / PAGE_SIZE) /* of a new one */

#define PIPE_READ_BITS (POLL_READABLE | POLL_HUP)
#define PIPE_WRITE_BITS (POLL_WRITABLE | POLL_ERR)
#define PIPE_OPENED_BIT (1u << 16) /* told when an end is opened */

struct pipe {
    struct mutex lock;
    struct event event;
    struct pipe_ring ring;
    u32 special;              /* PIPE_*; 0: only bytes and nobody splices; atomic for lookers */
    paddr_t *page;            /* 0: not yet needed */
    u32 files;                /* atomic; the last to leave frees */
    u32 readers, writers;     /* open ends; atomic for lookers */
    u32 reader_opens, writer_opens; /* ever; so that an end that came and went is noticed */
    u32 writers_asleep;
    u64 made_ns;
    u32 uid, gid; /* who made it */
    struct vattr *changed; /* nameless_change */
    struct vnode *lock_home; /* lock_home.c's; NULL: never had any locks; atomic */
    struct pipe_packets *packets; /* pipe_packet.c's; NULL: never had any */
    paddr_t first_pages[PIPE_PAGES]; /* until it is resized */
};
/* What makes a pipe leave the short ways. */
#define PIPE_READ_CLAIMED 1u
#define PIPE_WRITE_CLAIMED 2u
#define PIPE_HAS_PACKETS 4u /* had one, ever */

static inline u32 load(const u32 *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void count_add(u32 *p, u32 n) { __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL); }

extern const struct file_ops pipe_file_ops;

struct pipe *pipe_new(void); /* NULL: no memory */
/* f becomes an end of p, or both, as its flags say; the ends are counted already. */
void pipe_attach(struct pipe *p, struct file *f);
void pipe_ends_open(struct pipe *p, u32 flags);
/* The ends of a file go; v: the FIFO, or NULL. */
void pipe_leave(struct pipe *p, struct vnode *v, u32 flags);
void pipe_attr_get(struct pipe *p, struct vattr *out);
void pipe_release(struct file *f);
int pipe_getattr(struct file *f, struct vattr *out);
int pipe_setattr(struct file *f, const struct vattr *in, unsigned what);

/* --- bytes; with the lock held --- */

/* A reader (writer of `need` bytes) has something to do. Also without the lock, to look. */
bool pipe_may_read(struct pipe *p);
bool pipe_may_write(struct pipe *p, u32 need);
/* These two sleep without the lock. 0, -ERESTARTSYS; without `wait` -EAGAIN. tell: readers do not know yet of what
 * was written. */
int pipe_wait_readable(struct pipe *p, bool wait) MUST_CHECK;
int pipe_wait_writable(struct pipe *p, u32 need, bool tell, bool wait) MUST_CHECK;
/* Takes out up to n bytes: bytes, or -EFAULT if the first one had no place. */
ssize_t_k pipe_drain_locked(struct pipe *p, uptr_t buf, size_t n) MUST_CHECK;
/* After bytes went: true if writers are to be told, which happens without the lock. After bytes came. */
bool pipe_drained_locked(struct pipe *p);
void pipe_filled_locked(struct pipe *p);
/* Pages for the next n bytes. -ENOMEM. */
int pipe_pages_for(struct pipe *p, size_t n) MUST_CHECK;

void pipe_pages_free(struct pipe *p); /* all of them, and their table */

/* --- packets; with the lock held --- */

int pipe_packets_prepare(struct pipe *p) MUST_CHECK; /* -ENOMEM */
void pipe_packet_note(struct pipe *p, u32 len);      /* the last len bytes are one */
bool pipe_packets_full(const struct pipe *p);
/* How much of n bytes one read may take: never beyond a packet. */
size_t pipe_packet_limit(const struct pipe *p, size_t n);
ssize_t_k pipe_packet_drain(struct pipe *p, uptr_t buf, size_t n) MUST_CHECK; /* a packet goes whole */
void pipe_packet_end(struct pipe *p, u32 taken); /* the same after the last `taken` bytes were drained */
void pipe_packet_trim(struct pipe *p); /* bytes went: what is left of the first packet */
