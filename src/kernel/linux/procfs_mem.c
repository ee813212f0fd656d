/* /proc/PID/mem: the memory of a process as a file, for who may trace it; positions are addresses.
 *
 * It means the memory that the process had when it was opened, as gdb and others expect: after an execve or
 * the end nothing is there. The open file holds the process, not the memory, which may go.
 *
 * Breakpoints are written this way: a private mapping takes what is written whatever its protection. */
#include "linux/procfs_snapshot.h"
#include "lib/errno.h"
#include "linux/ptrace.h"
#include "mm/slab.h"

struct opened { struct process *process; u32 seq; };

/* With a reference; NULL: it is no more. */
static struct aspace *aspace_then(const struct opened *o)
{
    struct aspace *as = process_aspace_get(o->process);
    if (!as || __atomic_load_n(&o->process->aspace_seq, __ATOMIC_ACQUIRE) == o->seq)
        return as;
    aspace_put(as);
    return NULL;
}

static ssize_t_k read_piece(struct aspace *as, u64 addr, uptr_t buf, u8 *page, size_t n)
{
    ssize_t_k got = aspace_peek(as, addr, page, n);
    if (got <= 0)
        return -EIO;
    size_t put = copy_to_user_partial(buf, page, (size_t)got);
    return put ? (ssize_t_k)put : -EFAULT;
}

static ssize_t_k write_piece(struct aspace *as, u64 addr, uptr_t buf, u8 *page, size_t n)
{
    size_t got = copy_from_user_partial(page, buf, n);
    if (!got)
        return -EFAULT;
    ssize_t_k put = aspace_poke(as, addr, page, got);
    return put > 0 ? put : -EIO;
}

typedef ssize_t_k (*piece_fn)(struct aspace *as, u64 addr, uptr_t buf, u8 *page, size_t n);

/* Only the end of the caller cuts it short, as with process_vm_readv. */
static ssize_t_k move_all(struct aspace *as, uptr_t buf, size_t n, u64 addr, piece_fn move)
{
    u8 *page = kmalloc(PAGE_SIZE);
    size_t done = 0;
    ssize_t_k r = page ? 0 : -ENOMEM;
    while (r >= 0 && done < n && !(thread_current()->work & WORK_EXIT)) {
        size_t part = MIN(n - done, PAGE_SIZE);
        r = move(as, addr + done, uptr((u64)buf + done), page, part);
        done += r > 0 ? (size_t)r : 0;
        if (r >= 0 && (size_t)r < part)
            break;
    }
    kfree(page);
    return done ? (ssize_t_k)done : r;
}

static ssize_t_k mem_move(struct file *f, uptr_t buf, size_t n, u64 *pos, piece_fn move)
{
    struct aspace *as = aspace_then(f->ctx);
    if (!as)
        return 0;
    ssize_t_k done = move_all(as, buf, n, *pos, move);
    aspace_put(as);
    if (done > 0)
        *pos += (u64)done;
    return done;
}

static ssize_t_k mem_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    return mem_move(f, buf, n, pos, read_piece);
}

static ssize_t_k mem_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    return mem_move(f, buf, n, pos, write_piece);
}

static u64 mem_size(struct file *f) { return 0; } /* any position may be sought */

static void mem_release(struct file *f)
{
    struct opened *o = f->ctx;
    kobject_put(&o->process->obj);
    kfree(o);
}

static const struct file_ops mem_ops = { .name = "proc mem", .read = mem_read, .write = mem_write, .size = mem_size,
                                         .release = mem_release };

int proc_mem_open(const struct proc_key *k, struct file *f)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    u32 seq = __atomic_load_n(&p->aspace_seq, __ATOMIC_ACQUIRE); /* first: an execve now makes it void */
    struct opened *o = lx_may_access(p) ? kmalloc(sizeof *o) : NULL;
    if (!o) {
        int r = lx_may_access(p) ? -ENOMEM : -EACCES;
        kobject_put(&p->obj);
        return r;
    }
    *o = (struct opened){ p, seq };
    f->ctx = o;
    f->ops = &mem_ops;
    return 0;
}
