/* What the file and memory system calls share among themselves. Private to linux/. */
#pragma once
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/abi/fcntl.h"
#include "linux/lx.h"
#include "linux/missing.h"
#include "linux/syscall.h"
#include "mm/slab.h"

/* Linux's open flags from a file's (sys_open.c). */
u32 lx_open_flags_of(const struct file *f);

/* A file just made, in a descriptor: fd or -errno. Takes over the caller's reference. flags: LX_O_CLOEXEC. */
static inline MUST_CHECK long lx_fd_install_new(struct file *f, u32 flags)
{
    int fd = lx_fd_install(f, flags & LX_O_CLOEXEC ? HANDLE_CLOEXEC : 0);
    file_put(f);
    return fd;
}
static inline u32 lx_nonblock_of(u32 flags) { return flags & LX_O_NONBLOCK ? FILE_NONBLOCK : 0; }

/* A user path being walked: the copied path, the walker and where it starts (sys_path.c). */
/* name lies in near, or on the heap if it is longer than most. */
/* plain: the length of name if it has no slashes, else 0. */
struct lx_path {
    const char *name;
    struct lx_walk walk;
    struct vnode *start;
    bool start_counted;
    size_t len, plain;
    char *far;
    char near[96];
};
/* 0 or -errno with nothing held. An empty path passes: the walk says -ENOENT. Of a longer one the
 * directories are walked already: start is the last one and name what is left. */
int lx_path_open(struct lx_path *p, int dirfd, uptr_t path) MUST_CHECK;
/* The same in two steps, for who changes walk.cred in between. */
int lx_path_begin(struct lx_path *p, int dirfd, uptr_t path) MUST_CHECK;
int lx_path_enter(struct lx_path *p) MUST_CHECK; /* after an error p is closed */
void lx_path_close(struct lx_path *p);
/* r is what came of the path: remembers what a kernel could have had (linux/missing.h). */
static inline void lx_path_result(const struct lx_path *p, int r)
{
    const char *whole = p->far ? p->far : p->near; /* name may be its end only */
    if (unlikely(r == -ENOENT) && whole[0] == '/')
        lx_missing_file(whole, r);
}
/* The vnode a *at() call means, with a reference. at_flags: LX_AT_SYMLINK_NOFOLLOW, and
 * LX_AT_EMPTY_PATH for dirfd itself. */
int lx_path_vnode(const struct lx_path *p, int dirfd, unsigned at_flags, struct vnode **out) MUST_CHECK;

/* file_write for a program: with its limit of files' size, and the signals that a write may cause. */
long lx_file_write(struct file *f, u64 buf, u64 n, u64 *pos) MUST_CHECK;
/* file_send, likewise. */
long lx_file_send(struct file *f, struct vmo *from, u64 offset, u64 n, u64 *pos) MUST_CHECK;
/* A program's vector of buffers in kernel memory, checked (linux/iovec.h); kfree() it. *total: of its lengths. */
struct lx_iovec;
int lx_vector_get(u64 user, u64 n, struct lx_iovec **out, u64 *total) MUST_CHECK;
/* May the caller set f's size so? -EFBIG, and SIGXFSZ. */
int lx_file_size_check(struct file *f, u64 size) MUST_CHECK;

/* A wait cut short by a signal restarts under SA_RESTART. */
static inline long lx_restartable(long r) { return r == -EINTR ? -ERESTARTSYS : r; }
/* An allowance of the calling process. */
/* What the caller may lock in memory, in bytes (sys_mlock.c). */
u64 lx_lock_limit(void);

static inline u64 lx_limit(unsigned which)
{
    return __atomic_load_n(&lx_current()->rlimit[which].cur, __ATOMIC_RELAXED);
}
