/* Ports: working through what may be ready, and waiting for it.
 *
 *   item fires (any context) --> ready list --> port_wait: a round takes the list over, asks each
 *   file, reports what is ready --> level-triggered items go back to the list: the next round asks
 *   them again; edge-triggered ones wait for the next news
 *
 * An item is on the list because it may be ready; only the file knows. `queued` is taken back
 * before the file is asked, so that news that come after the answer put it on the list once more. */
#include "vfs/port_priv.h"
#include "lib/errno.h"
#include "mm/slab.h"

void port_put(struct port *p)
{
    if (__atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        event_fini(&p->event);
        kfree(p);
    }
}

void port_wake(struct port *p)
{
    waitq_wake_one(&p->sleepers);
    event_tell(&p->event, POLL_READABLE);
}

static bool maybe_ready(const struct port *p)
{
    return __atomic_load_n(&p->ready.next, __ATOMIC_ACQUIRE) != &p->ready;
}

/* The next item of a round, off all lists: from here on news queue it again. */
static struct port_item *round_next(struct list *round)
{
    struct list *link = list_pop_front(round);
    if (!link)
        return NULL;
    struct port_item *it = list_entry(link, struct port_item, ready_link);
    __atomic_store_n(&it->queued, false, __ATOMIC_SEQ_CST); /* before the look at the file */
    return it;
}

static void round_begin(struct port *p, struct list *round)
{
    list_init(round);
    u64 irq = spin_lock_irqsave(&p->ready_lock);
    list_splice_front(round, &p->ready);
    spin_unlock_irqrestore(&p->ready_lock, irq);
}

/* What was not asked is first the next time. */
static void round_end(struct port *p, struct list *round)
{
    if (list_empty(round))
        return;
    u64 irq = spin_lock_irqsave(&p->ready_lock);
    list_splice_front(&p->ready, round);
    spin_unlock_irqrestore(&p->ready_lock, irq);
}

static unsigned item_bits(const struct port_item *it)
{
    return file_poll(it->file) & it->want & PORT_BITS;
}

/* 1 reported, 0 not ready, or -EFAULT. */
static int item_report(struct port_item *it, port_report_fn report, void *ctx)
{
    unsigned bits = item_bits(it);
    if (!bits)
        return 0;
    if (report(ctx, bits, it->data)) {
        item_queue(it);
        return -EFAULT;
    }
    if (it->want & PORT_ONESHOT) {
        it->want &= PORT_FLAGS;
        watcher_want(&it->watch, 0);
    } else if (!(it->want & PORT_EDGE)) {
        item_queue(it); /* the next round asks it again */
    }
    return 1;
}

static long round_report(struct port *p, size_t max, port_report_fn report, void *ctx)
{
    struct list round;
    struct port_item *it;
    size_t done = 0;
    int r = 0;
    mutex_lock(&p->lock);
    round_begin(p, &round);
    while (done < max && r >= 0 && (it = round_next(&round))) {
        r = item_report(it, report, ctx);
        done += r > 0;
    }
    round_end(p, &round);
    mutex_unlock(&p->lock);
    if (maybe_ready(p))
        waitq_wake_one(&p->sleepers); /* there is more than one thread's share */
    return done ? (long)done : r;
}

/* Like everybody on this queue it is exclusive; one that was woken and leaves passes it on, because
 * round_report comes after it in any case. */
static int sleep_until_maybe_ready(struct port *p, u64 deadline_ns)
{
    struct waiter w;
    int r = 0;
    waitq_add(&p->sleepers, &w, true);
    for (;;) {
        thread_block_prepare(WAIT_INTERRUPTIBLE);
        if (r || maybe_ready(p))
            break;
        r = thread_block(deadline_ns);
    }
    thread_block_cancel();
    waitq_remove(&w);
    return r;
}

long port_wait(struct port *p, size_t max, u64 deadline_ns, port_report_fn report, void *ctx)
{
    for (;;) {
        long n = maybe_ready(p) ? round_report(p, max, report, ctx) : 0;
        if (n || deadline_ns == PORT_LOOK)
            return n;
        int r = sleep_until_maybe_ready(p, deadline_ns);
        if (!r)
            continue;
        n = maybe_ready(p) ? round_report(p, max, report, ctx) : 0; /* what came with the last tick counts */
        return n ? n : r == -ETIMEDOUT ? 0 : r;
    }
}

/* For poll and for ports above: is an item ready? Those that are not leave the list. An empty list says nothing
 * without the lock: another thread's round may have what was on it. Nor may a thread that found it empty because
 * of this round sleep on. */
static unsigned port_poll(struct file *f)
{
    struct port *p = f->ctx;
    struct list round;
    struct port_item *it = NULL;
    bool found = false;
    mutex_lock(&p->lock);
    round_begin(p, &round);
    while (!found && (it = round_next(&round)))
        found = item_bits(it) != 0;
    if (found)
        item_queue(it);
    round_end(p, &round);
    mutex_unlock(&p->lock);
    if (found)
        waitq_wake_one(&p->sleepers);
    return found ? POLL_READABLE : 0;
}

static struct event *port_watch(struct file *f, struct kobject **keep)
{
    struct port *p = f->ctx;
    return &p->event;
}

static void port_release(struct file *f)
{
    struct port *p = f->ctx;
    struct rb_node *n;
    for (;;) {
        struct kobject *keep = NULL;
        mutex_lock(&p->lock);
        n = rb_first(&p->items);
        if (n)
            item_destroy(rb_entry(n, struct port_item, node), &keep);
        mutex_unlock(&p->lock);
        kobject_put(keep);
        if (!n)
            break;
    }
    port_put(p);
}

static const struct file_ops port_file_ops = {
    .name = "anon_inode:[eventpoll]", .poll = port_poll, .watch = port_watch, .release = port_release,
    .describe = port_describe,
};

struct port *port_of_file(const struct file *f) { return f->ops == &port_file_ops ? f->ctx : NULL; }

int port_create(struct file **out)
{
    struct port *p = kzalloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    int r = file_create(&port_file_ops, p, FILE_READ | FILE_WRITE, out);
    if (r) {
        kfree(p);
        return r;
    }
    mutex_init(&p->lock, "port");
    spin_init(&p->ready_lock, "port ready");
    list_init(&p->ready);
    waitq_init(&p->sleepers, "port");
    event_init(&p->event, "port event", 0);
    p->refs = 1;
    p->file = *out;
    (*out)->event = NULL; /* whether it is ready only port_poll knows */
    return 0;
}
