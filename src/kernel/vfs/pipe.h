/* Pipes: what a room above may do with them besides reading and writing. */
#pragma once
#include "vfs/file.h"

#define PIPE_CAPACITY 65536u         /* of a new one */
#define PIPE_CAPACITY_MAX (1u << 20) /* what everybody may ask for: /proc/sys/fs/pipe-max-size */
#define PIPE_BUF_BYTES 4096u

/* Two ends, each with one reference. flags: FILE_NONBLOCK, FILE_DIRECT (packets). */
int pipe_create(u32 flags, u32 uid, u32 gid, struct file **rd, struct file **wr) MUST_CHECK;
bool file_is_pipe(const struct file *f);
bool pipe_is_same(const struct file *a, const struct file *b); /* two pipes: one and the same? */
/* A FIFO to open more ends of f's pipe by, as names in /proc/PID/fd do; f has no vnode. -ENXIO: not a pipe. */
int pipe_vnode_get(struct file *f, struct vnode **out) MUST_CHECK;
int pipe_readable_bytes(struct file *f, size_t *out) MUST_CHECK; /* FIONREAD; -EINVAL: not a pipe */

/* The capacity of a pipe. resize: to at least `bytes`, rounded up to a power of two of pages; what lies in the pipe
 * stays. -EBUSY: it would not fit. -ENOMEM, -EINVAL. */
u32 pipe_capacity(struct file *f);
int pipe_resize(struct file *f, u32 bytes) MUST_CHECK;
u32 pipe_size_round(u32 bytes); /* what resize makes of it; 0: too much */

/* Writes what there is room for, at most n, after waiting for room for one byte (wait, and the file is not
 * non-blocking). Bytes, -EAGAIN, -EPIPE, -ERESTARTSYS, -EFAULT, -ENOMEM. */
ssize_t_k pipe_write_some(struct file *f, uptr_t buf, size_t n, bool wait) MUST_CHECK;

/* For splicing: one side of the pipe is the caller's alone until the claim ends, and whoever else comes waits (a
 * non-blocking one gets -EAGAIN). The lock is not held meanwhile.
 *
 * claim_read: how many bytes, at most max, can be peeked at; waits for the first one. 0: no writer is left, and
 * nothing is claimed. unclaim_read takes `used` of them out.
 * claim_write: how many bytes fit, at most max; waits for room for one. unclaim_write: `filled` bytes, which were put
 * behind each other from offset 0 on, are in the pipe.
 * -EAGAIN, -ERESTARTSYS, -ENOMEM, of writers -EPIPE: nothing is claimed. */
ssize_t_k pipe_claim_read(struct file *f, size_t max, bool wait) MUST_CHECK;
void pipe_peek(struct file *f, size_t offset, void *buf, size_t n);
void pipe_unclaim_read(struct file *f, size_t used);
ssize_t_k pipe_claim_write(struct file *f, size_t max, bool wait) MUST_CHECK;
void pipe_put(struct file *f, size_t offset, const void *buf, size_t n);
void pipe_unclaim_write(struct file *f, size_t filled);
