/* The life of a pipe: made, its ends opened and closed, freed with the last file that knows it.
 *
 * The counts of ends change under the pipe's lock and are looked at without it. A pipe is freed by its count of
 * files, not by looking at its ends: the other side may still be inside mutex_unlock. */
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "vfs/pipe_priv.h"

struct pipe *pipe_new(void)
{
    struct pipe *p = kzalloc(sizeof *p);
    if (!p)
        return NULL;
    mutex_init(&p->lock, "pipe");
    event_init(&p->event, "pipe event", POLL_WRITABLE);
    p->ring.bytes = PIPE_CAPACITY;
    p->page = p->first_pages;
    p->made_ns = clock_realtime_ns();
    return p;
}

static void pipe_free(struct pipe *p)
{
    if (unlikely(p->lock_home != NULL))
        vnode_put(p->lock_home);
    pipe_pages_free(p);
    event_fini(&p->event);
    kfree(p->packets);
    kfree(p->changed);
    kfree(p);
}

/* What the counts of ends say. A FIFO whose first writer is still to come has not hung up. */
static void ends_changed_locked(struct pipe *p)
{
    u32 gone = (!load(&p->writers) && load(&p->writer_opens) ? POLL_HUP : 0) | (load(&p->readers) ? 0 : POLL_ERR);
    event_clear(&p->event, (POLL_HUP | POLL_ERR) & ~gone);
    event_set_quietly(&p->event, gone);
}

static void ends_close(struct pipe *p, u32 flags)
{
    mutex_lock(&p->lock);
    if (flags & FILE_READ)
        count_add(&p->readers, -1u);
    if (flags & FILE_WRITE)
        count_add(&p->writers, -1u);
    ends_changed_locked(p);
    mutex_unlock(&p->lock);
    event_tell(&p->event, event_state(&p->event) & (POLL_HUP | POLL_ERR));
}

void pipe_ends_open(struct pipe *p, u32 flags)
{
    mutex_lock(&p->lock);
    count_add(&p->files, 1);
    if (flags & FILE_READ) {
        count_add(&p->reader_opens, 1);
        count_add(&p->readers, 1);
    }
    if (flags & FILE_WRITE) {
        count_add(&p->writer_opens, 1);
        count_add(&p->writers, 1);
    }
    ends_changed_locked(p);
    mutex_unlock(&p->lock);
    event_tell(&p->event, PIPE_OPENED_BIT);
}

/* The ends of a file go; v: the FIFO, or NULL. Under v's lock nobody finds a pipe that is going. */
void pipe_leave(struct pipe *p, struct vnode *v, u32 flags)
{
    if (v)
        mutex_lock(&v->lock);
    ends_close(p, flags);
    bool last = __atomic_fetch_sub(&p->files, 1, __ATOMIC_ACQ_REL) == 1;
    if (v) {
        if (last)
            v->pipe = NULL;
        mutex_unlock(&v->lock);
    }
    if (last)
        pipe_free(p);
}

void pipe_release(struct file *f) { pipe_leave(f->ctx, f->vnode, f->flags); }

void pipe_attr_get(struct pipe *p, struct vattr *out)
{
    if (nameless_changed(&p->changed, &p->lock, out))
        return;
    *out = (struct vattr){
        .ino = (u64)(uintptr_t)p >> 4 & 0xffffffffu, .mode = MODE_FIFO | 0600, .nlink = 1, .uid = p->uid, .gid = p->gid,
        .atime_ns = p->made_ns, .mtime_ns = p->made_ns, .ctime_ns = p->made_ns, .btime_ns = p->made_ns,
    };
}

int pipe_getattr(struct file *f, struct vattr *out)
{
    pipe_attr_get(f->ctx, out);
    return 0;
}

int pipe_setattr(struct file *f, const struct vattr *in, unsigned what)
{
    struct pipe *p = f->ctx;
    struct vattr old;
    pipe_attr_get(p, &old);
    return nameless_change(&p->changed, &p->lock, &old, in, what);
}

void pipe_attach(struct pipe *p, struct file *f)
{
    f->ctx = p;
    f->ops = &pipe_file_ops;
    f->event = &p->event;
    f->event_mask = (file_has(f, FILE_READ) ? PIPE_READ_BITS : 0) | (file_has(f, FILE_WRITE) ? PIPE_WRITE_BITS : 0);
}

int pipe_create(u32 flags, u32 uid, u32 gid, struct file **rd, struct file **wr)
{
    struct pipe *p = pipe_new();
    if (!p)
        return -ENOMEM;
    p->uid = uid;
    p->gid = gid;
    struct file *r, *w;
    int err = file_create(&pipe_file_ops, p, flags | FILE_READ, &r);
    if (err)
        goto free_pipe;
    pipe_attach(p, r);
    pipe_ends_open(p, FILE_READ);
    err = file_create(&pipe_file_ops, p, flags | FILE_WRITE, &w);
    if (err) {
        file_put(r); /* the last end: frees p */
        return err;
    }
    pipe_attach(p, w);
    pipe_ends_open(p, FILE_WRITE);
    *rd = r;
    *wr = w;
    return 0;
free_pipe:
    pipe_free(p);
    return err;
}
