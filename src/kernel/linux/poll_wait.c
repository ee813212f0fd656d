/* One pass over the files registers this thread with every queue that can make one of them ready
 * and looks at the same time; then the thread sleeps and looks again after each wake-up. A file
 * that becomes ready between the look and the sleep is not lost: from thread_block_prepare on
 * wake-ups are remembered.
 *
 * Waiters live in chunks from the heap, because a file may have several queues and a call any
 * number of files. They are off all queues before the files are put, and the caller holds the
 * files, so no queue can vanish under a waiter. */
#include "linux/poll_wait.h"
#include "lib/errno.h"
#include "linux/abi/poll.h"
#include "mm/slab.h"
#include "sched/clock.h"

#define CHUNK_WAITERS 16

struct chunk { struct chunk *next; unsigned used; struct waiter waiter[CHUNK_WAITERS]; };
/* error: file_poll does not report a queue that could not be joined, so it is remembered here. */
struct poller { struct poll_table table; struct chunk *chunks; int error; };

static int poller_add(struct poll_table *pt, struct waitq *wq)
{
    struct poller *p = container_of(pt, struct poller, table);
    if (!p->chunks || p->chunks->used == CHUNK_WAITERS) {
        struct chunk *c = kmalloc(sizeof(*c));
        if (!c)
            return p->error = -ENOMEM;
        c->next = p->chunks;
        c->used = 0;
        p->chunks = c;
    }
    waitq_add(wq, &p->chunks->waiter[p->chunks->used++], false);
    return 0;
}

static void poller_fini(struct poller *p)
{
    while (p->chunks) {
        struct chunk *c = p->chunks;
        p->chunks = c->next;
        for (unsigned i = 0; i < c->used; i++)
            waitq_remove(&c->waiter[i]);
        kfree(c);
    }
}

/* POLLRDNORM and POLLWRNORM are the same readiness under their System V names. */
static unsigned item_ready(const struct poll_item *it, struct poll_table *pt)
{
    if (!it->file)
        return it->want ? POLL_NVAL : 0;
    unsigned got = file_poll(it->file, pt);
    got |= (got & POLL_IN ? LX_POLLRDNORM : 0) | (got & POLL_OUT ? LX_POLLWRNORM : 0);
    return got & (it->want | POLL_ERR | POLL_HUP | POLL_NVAL);
}

static long look(struct poll_item *items, size_t n, struct poll_table *pt)
{
    long ready = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].got = item_ready(&items[i], pt);
        if (items[i].got) {
            ready++;
            pt = NULL; /* the call will not sleep: no need to register further */
        }
    }
    return ready;
}

long poll_wait(struct poll_item *items, size_t n, u64 timeout_ns)
{
    if (timeout_ns == 0)
        return look(items, n, NULL);
    struct poller p = { .table.add = poller_add };
    u64 now = clock_now_ns();
    u64 deadline = timeout_ns >= UINT64_MAX - now ? 0 : now + timeout_ns;
    long ready = look(items, n, &p.table);
    int r = p.error;
    while (ready == 0 && r == 0) {
        thread_block_prepare(true);
        ready = look(items, n, NULL);
        if (ready) {
            thread_block_cancel();
            break;
        }
        r = thread_block(deadline);
    }
    if (ready == 0 && (r == -ETIMEDOUT || r == -EINTR))
        ready = look(items, n, NULL); /* what came with the last tick counts */
    poller_fini(&p);
    if (ready)
        return ready;
    return r == -ETIMEDOUT ? 0 : r;
}

void poll_items_put(struct poll_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].file)
            file_put(items[i].file);
}

struct poll_clock poll_clock_start(u64 timeout_ns)
{
    return (struct poll_clock){ clock_now_ns(), timeout_ns };
}

u64 poll_clock_left(const struct poll_clock *c)
{
    u64 spent = clock_now_ns() - c->start_ns;
    return spent < c->timeout_ns ? c->timeout_ns - spent : 0;
}

int lx_wait_mask_begin(uptr_t user, u64 size)
{
    u64 mask;
    if (!user)
        return 0;
    if (size != sizeof(mask))
        return -EINVAL;
    if (copy_from_user(&mask, user, sizeof(mask)) < 0)
        return -EFAULT;
    lx_sigmask_set_temporary(mask);
    return 0;
}

void lx_wait_mask_end(long r)
{
    if (r != -ERESTARTNOHAND)
        lx_sigmask_restore();
}
