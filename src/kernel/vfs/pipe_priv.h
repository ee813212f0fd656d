/* One pipe, as its halves see it: pipe.c (bytes), pipe_ends.c (its life), fifo.c (pipes with names). */
#pragma once
#include "sched/event_wait.h"
#include "vfs/file_priv.h"
#include "vfs/pipe_ring.h"

_Static_assert(PIPE_CAPACITY == PIPE_RING_BYTES, "the ring is the capacity");
#define PIPE_PAGES (PIPE_RING_BYTES / PAGE_SIZE)

#define PIPE_READ_BITS (POLL_READABLE | POLL_HUP)
#define PIPE_WRITE_BITS (POLL_WRITABLE | POLL_ERR)
#define PIPE_OPENED_BIT (1u << 16) /* told when an end is opened */

struct pipe {
    struct mutex lock;
    struct event event;
    struct pipe_ring ring;
    paddr_t page[PIPE_PAGES]; /* 0: not yet needed */
    u32 files;                /* atomic; the last to leave frees */
    u32 readers, writers;     /* open ends; atomic for lookers */
    u32 reader_opens, writer_opens; /* ever; so that an end that came and went is noticed */
    u32 writers_asleep;
    u64 made_ns;
    u32 uid, gid; /* who made it */
};

static inline u32 load(const u32 *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void count_add(u32 *p, u32 n) { __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL); }

extern const struct file_ops pipe_file_ops;
static inline bool file_is_pipe(const struct file *f) { return f->ops == &pipe_file_ops; }

struct pipe *pipe_new(void); /* NULL: no memory */
/* f becomes an end of p, or both, as its flags say; the ends are counted already. */
void pipe_attach(struct pipe *p, struct file *f);
void pipe_ends_open(struct pipe *p, u32 flags);
/* The ends of a file go; v: the FIFO, or NULL. */
void pipe_leave(struct pipe *p, struct vnode *v, u32 flags);
void pipe_attr_get(const struct pipe *p, struct vattr *out);
void pipe_release(struct file *f);
int pipe_getattr(struct file *f, struct vattr *out);
