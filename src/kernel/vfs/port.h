/* A port: watches many files and lists those that are ready. What epoll is made of.
 *
 * A port is a file itself, so it can be polled, and another port can watch it. What it watches it
 * does not keep open: when a file goes, its items go. docs/objects/port.md. */
#pragma once
#include "vfs/file.h"

/* Beside the POLL_* bits in `want`; Linux's values. */
#define PORT_EDGE (1u << 31)      /* report news, not states */
#define PORT_ONESHOT (1u << 30)   /* report once, then sleep until modified */
#define PORT_WAKEUP (1u << 29)    /* nothing here suspends: accepted, without effect */
#define PORT_EXCLUSIVE (1u << 28) /* of the ports watching a file this way, one is told */

struct port;
int port_create(struct file **out) MUST_CHECK; /* the port's file, one reference */
struct port *port_of_file(const struct file *f); /* NULL: it is no port */

/* An item is a file under a number. The caller holds both files, and f can be waited for.
 * -EEXIST; -ENOMEM; -ENOSPC: too many items; -ELOOP, -EINVAL: ports would watch each other in a
 * circle, or too many times over. */
int port_add(struct port *p, struct file *f, int fd, u32 want, u64 data) MUST_CHECK;
int port_modify(struct port *p, struct file *f, int fd, u32 want,
                u64 data) MUST_CHECK; /* -ENOENT; -EINVAL: exclusive */
/* Of the files watched under fd the one after `skip` others: an address to compare, no reference. -ENOENT. */
int port_file_of(struct port *p, int fd, u32 skip, const struct file **out) MUST_CHECK;
int port_remove(struct port *p, struct file *f, int fd) MUST_CHECK; /* -ENOENT */

/* Takes one report: 0, or -EFAULT, and the item stays as it was. Called with the port's mutex held. */
typedef int (*port_report_fn)(void *ctx, u32 bits, u64 data);
/* Reports up to max ready items: how many; 0 after deadline_ns; -EINTR; -EFAULT. deadline_ns 0: for
 * ever. */
#define PORT_LOOK 1u /* a deadline long past: do not wait */
long port_wait(struct port *p, size_t max, u64 deadline_ns, port_report_fn report, void *ctx) MUST_CHECK;
