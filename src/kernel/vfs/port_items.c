/* A port's items: their places in the port's tree, in the file's list, and on the file's event.
 *
 *   item_create --> item_link --> item_watch --> (fires, is queued, reported ...) --> item_destroy
 *
 * Both ends may go at any time. A file that goes takes the port's mutex of each of its items, so
 * while that is held the files of all items are there. A port that goes unlinks its items from
 * files that may be going themselves: those wait for the links lock until their list is empty.
 * Whoever unlinks has done with the file by then; the watcher is gone before. */
#include "vfs/port_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define ITEMS_SHARE 25 /* items of all ports together take at most 1/25 of memory, as on Linux */

static struct spinlock links_lock = SPINLOCK_INIT("port links"); /* every file's watched_by list */
static u64 items_alive;                                          /* atomic */

static bool items_charge(void)
{
    u64 most = pmm_stats().total * PAGE_SIZE / ITEMS_SHARE / sizeof(struct port_item);
    if (__atomic_add_fetch(&items_alive, 1, __ATOMIC_RELAXED) <= most)
        return true;
    __atomic_sub_fetch(&items_alive, 1, __ATOMIC_RELAXED);
    return false;
}

static int compare(const struct port_item *it, const struct file *f, int fd)
{
    if (it->file != f)
        return f < it->file ? -1 : 1;
    return fd < it->fd ? -1 : fd > it->fd;
}

struct port_item *item_find(struct port *p, const struct file *f, int fd)
{
    struct rb_node *n = p->items.root;
    while (n) {
        struct port_item *it = rb_entry(n, struct port_item, node);
        int c = compare(it, f, fd);
        if (c == 0)
            return it;
        n = c < 0 ? n->left : n->right;
    }
    return NULL;
}

static void tree_insert(struct port *p, struct port_item *it)
{
    struct rb_node **link = &p->items.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = compare(rb_entry(parent, struct port_item, node), it->file, it->fd) < 0 ? &parent->left : &parent->right;
    }
    rb_insert(&p->items, &it->node, parent, link);
}

/* Runs with the event locked and interrupts off. An exclusive item has use for the news if a thread
 * waits at the port. */
static bool item_fire(struct watcher *w, u32 bits)
{
    struct port_item *it = container_of(w, struct port_item, watch);
    struct port *p = it->port;
    bool awaited = !list_empty(&p->sleepers.waiters);
    item_queue(it);
    port_wake(p);
    return awaited;
}

void item_queue(struct port_item *it)
{
    struct port *p = it->port;
    u64 irq = spin_lock_irqsave(&p->ready_lock);
    if (!it->queued) {
        it->queued = true;
        list_push_back(&p->ready, &it->ready_link);
    }
    spin_unlock_irqrestore(&p->ready_lock, irq);
}

int item_create(struct port *p, struct file *f, int fd, u32 want, u64 data, struct port_item **out)
{
    if (!items_charge())
        return -ENOSPC;
    struct port_item *it = kmalloc(sizeof *it);
    if (!it) {
        __atomic_sub_fetch(&items_alive, 1, __ATOMIC_RELAXED);
        return -ENOMEM;
    }
    *it = (struct port_item){ .port = p, .file = f, .fd = fd, .want = want, .data = data };
    list_init(&it->ready_link);
    *out = it;
    return 0;
}

void item_link(struct port_item *it)
{
    struct file *f = it->file;
    tree_insert(it->port, it);
    spin_lock(&links_lock);
    it->next_of_file = f->watched_by;
    it->link_of_file = &f->watched_by;
    if (it->next_of_file)
        it->next_of_file->link_of_file = &it->next_of_file;
    f->watched_by = it;
    spin_unlock(&links_lock);
}

static void item_unlink(struct port_item *it)
{
    rb_erase(&it->port->items, &it->node);
    spin_lock(&links_lock);
    if (it->next_of_file)
        it->next_of_file->link_of_file = it->link_of_file;
    __atomic_store_n(it->link_of_file, it->next_of_file, __ATOMIC_RELEASE);
    spin_unlock(&links_lock);
}

void item_watch(struct port_item *it)
{
    it->watch.fire = item_fire;
    it->watch.want = it->want & PORT_BITS;
    it->watch.exclusive = it->want & PORT_EXCLUSIVE;
    watcher_add(file_watch(it->file, &it->keep), &it->watch);
}

void item_destroy(struct port_item *it, struct kobject **keep)
{
    struct port *p = it->port;
    ASSERT(mutex_held(&p->lock));
    if (it->watch.event)
        watcher_remove(&it->watch);
    u64 irq = spin_lock_irqsave(&p->ready_lock);
    list_remove(&it->ready_link);
    spin_unlock_irqrestore(&p->ready_lock, irq);
    *keep = it->keep;
    item_unlink(it);
    kfree(it);
    __atomic_sub_fetch(&items_alive, 1, __ATOMIC_RELAXED);
}

/* An item of f, and its port with a reference; or only one in port p. */
static struct port_item *item_of_file(struct file *f, struct port *p)
{
    spin_lock(&links_lock);
    struct port_item *it = f->watched_by;
    while (it && p && it->port != p)
        it = it->next_of_file;
    if (it && !p)
        __atomic_fetch_add(&it->port->refs, 1, __ATOMIC_RELAXED);
    spin_unlock(&links_lock);
    return it;
}

/* The links lock is free between finding a port and locking it: the port may be going too, and then
 * has unlinked its items by the time its mutex is ours. */
void port_forget_file(struct file *f)
{
    struct port_item *it;
    while ((it = item_of_file(f, NULL))) {
        struct port *p = it->port;
        struct kobject *keep = NULL;
        mutex_lock(&p->lock);
        it = item_of_file(f, p);
        if (it)
            item_destroy(it, &keep);
        mutex_unlock(&p->lock);
        kobject_put(keep);
        port_put(p);
    }
}

void links_lock_take(void) { spin_lock(&links_lock); }
void links_lock_release(void) { spin_unlock(&links_lock); }

bool links_for_each(const struct file *f, bool (*fn)(struct port *p, void *ctx), void *ctx)
{
    ASSERT(spin_held(&links_lock));
    for (const struct port_item *it = f->watched_by; it; it = it->next_of_file)
        if (!fn(it->port, ctx))
            return false;
    return true;
}
