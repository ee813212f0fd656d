/* /proc/locks: every advisory lock, and who waits for it (proc_locks(5)). */
#include "linux/procfs.h"
#include "vfs/file_lock.h"

struct locks_text { struct proc_text *t; unsigned n; };

/* The file's numbers only: its attributes have a lock that comes before the one that is held. */
static void append_lock(void *ctx, struct vnode *v, enum lock_space space, const struct lock_range *l, bool blocked)
{
    struct locks_text *out = ctx;
    u64 dev = v->mount ? v->mount->dev : 0;
    out->n += !blocked;
    proc_printf(out->t, "%u: %s%s  ADVISORY  %s %d %02x:%02x:%llu %llu ", out->n, blocked ? "-> " : "",
                space == LOCKS_WHOLE ? "FLOCK " : l->by_file ? "OFDLCK" : "POSIX ", l->type == LOCK_WRITE ? "WRITE" : "READ ",
                l->by_file && space == LOCKS_RANGE ? -1 : l->pid, (u32)(dev >> 8 & 0xfff), (u32)(dev & 0xff),
                (unsigned long long)(v->ops->number ? v->ops->number(v) : 0), (unsigned long long)l->start);
    if (l->last == LOCK_TO_END)
        proc_printf(out->t, "EOF\n");
    else
        proc_printf(out->t, "%llu\n", (unsigned long long)l->last);
}

int proc_locks(struct proc_text *t, const struct proc_key *k)
{
    struct locks_text out = { .t = t };
    file_lock_for_each(append_lock, &out);
    return 0;
}
