/* Between port.c, port_edit.c, port_items.c, port_nest.c and file.c only. */
#pragma once
#include "lib/rbtree.h"
#include "sched/waitq.h"
#include "vfs/port.h"

#define PORT_FLAGS (PORT_EDGE | PORT_ONESHOT | PORT_WAKEUP | PORT_EXCLUSIVE)
#define PORT_BITS 0xffffu /* what of `want` and of an event's state is readiness */
#define PORT_ALWAYS (POLL_ERR | POLL_HUP)

struct port {
    struct mutex lock;         /* items, and who works through the ready list */
    struct spinlock ready_lock; /* irqsave: ready, and `queued` of the items going on it */
    struct list ready;         /* items that may be ready */
    struct waitq sleepers;     /* threads in port_wait */
    struct event event;        /* watched by poll and by ports above */
    struct rb_tree items;      /* by file and number */
    const struct file *file;   /* no reference: the port goes with it */
    u32 refs;                  /* atomic: the file's, and those of files that are going */
    u32 visit;                 /* guarded by the nest lock */
    int below;                 /* levels of ports below, as of that visit */
};

struct port_item {
    struct rb_node node;
    struct list ready_link;
    bool queued;               /* on a list: the port's, or that of port_wait's current round */
    struct watcher watch;
    struct kobject *keep;      /* what the event needs beside the file, or NULL */
    struct port *port;
    struct file *file;         /* no reference; guarded, with the next two, by the links lock */
    struct port_item *next_of_file, **link_of_file;
    int fd;
    u32 want;                  /* guarded by port->lock, as data */
    u64 data;
};

void port_put(struct port *p);
size_t port_describe(struct file *f, char *buf, size_t size); /* file_ops.describe */

/* --- items (port_items.c); port->lock held, except for port_forget_file --- */
struct port_item *item_find(struct port *p, const struct file *f, int fd);
/* Made and found by nobody yet; then listed with port and file; then watching. -ENOMEM, -ENOSPC. */
int item_create(struct port *p, struct file *f, int fd, u32 want, u64 data, struct port_item **out) MUST_CHECK;
void item_link(struct port_item *it);
void item_watch(struct port_item *it);
/* Undoes all that was done; frees it. *keep: the reference to put without the lock. */
void item_destroy(struct port_item *it, struct kobject **keep);
/* Puts it on the ready list if it is on none. */
void item_queue(struct port_item *it);
void port_wake(struct port *p); /* tells whoever waits for the port */
/* f's last reference went: takes it out of all ports. May sleep. */
void port_forget_file(struct file *f);
/* Who watches f: fn for each of its items' ports, until one returns false. Only with the lock taken. */
void links_lock_take(void);
void links_lock_release(void);
bool links_for_each(const struct file *f, bool (*fn)(struct port *p, void *ctx), void *ctx);

/* --- nesting (port_nest.c) --- */
/* Held from before an item for a port's file is linked until it is known to be allowed. */
void nest_lock(void);
void nest_unlock(void);
/* May p watch `below`? Before linking: -ELOOP. */
int nest_check_depth(struct port *p, struct port *below) MUST_CHECK;
/* it is linked, its port's lock held: do too many paths lead up from its file, or from one below it?
 * -EINVAL. */
int nest_check_paths(const struct port_item *it) MUST_CHECK;
