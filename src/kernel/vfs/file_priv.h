/* Open files inside the room. */
#pragma once
#include "vfs/file.h"

extern const struct file_ops regular_file_ops, directory_file_ops, path_file_ops;

/* A file on v, which may be a view (takes references; NULL: none), not yet opened: ops NULL. */
int file_alloc(struct vnode *v, u32 flags, struct file **out) MUST_CHECK;
/* Opens a regular file: -ETXTBSY if it is to be written and a program runs from it. */
int regular_open(struct file *f) MUST_CHECK;
/* The regular files' write of n bytes, which the pieces have, in one; it touches nothing at or above `end`: -EFBIG. */
ssize_t_k regular_write_below(struct file *f, const struct file_span *spans, size_t n, u64 *pos, u64 end) MUST_CHECK;
/* The same from offset on in a VMO, of which n bytes are there; 0: not without a look at user memory. */
ssize_t_k regular_send_below(struct file *f, struct vmo *from, u64 offset, size_t n, u64 *pos, u64 end) MUST_CHECK;
/* Opens a FIFO: sets ops and ctx. May wait for the other side: -ERESTARTSYS; -ENXIO. */
int fifo_open(struct vnode *v, struct file *f) MUST_CHECK;
/* The second half of every open: by the file system's hook or by type. */
int file_open_vnode(struct file *f) MUST_CHECK;
