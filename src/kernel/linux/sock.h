/* What the socket calls share among themselves. Private to linux/. */
#pragma once
#include "linux/abi/socket.h"
#include "linux/sys_priv.h"
#include "net/socket.h"

/* A descriptor's socket for the length of a call: -EBADF, -ENOTSOCK, or what lx_file_return wants. */
int lx_sock_borrow(int fd, unsigned need, struct file **f, struct socket **s) MUST_CHECK;

/* Who calls. With a walk only if the address may be a path (a NULL: it may not). */
struct lx_caller { struct sock_caller c; struct lx_walk walk; };
void lx_caller_get(struct lx_caller *lc, const struct net_addr *a);
void lx_caller_put(struct lx_caller *lc);

int lx_addr_get(u64 user, u64 len, struct net_addr *out) MUST_CHECK;
/* Writes what fits where *user_len says; then the whole length there. */
int lx_addr_put(u64 user, u64 user_len, const struct net_addr *a) MUST_CHECK;

/* Control data in: what the program says to s, checked (cmsg.c). Sets handles, ids and, where it is not NULL, ip of
 * out. */
int lx_cmsg_get(const struct socket *s, u64 user, u64 len, struct sock_control *out) MUST_CHECK;
/* And out: installs handles. Says how many bytes were written and adds MSG_CTRUNC. Uses up the
 * control in any case. */
int lx_cmsg_put(const struct socket *s, struct sock_control *c, u64 user, u64 *len, u32 flags,
                u32 *flags_out) MUST_CHECK;

/* Appends a header and n bytes as far as there is room; says MSG_CTRUNC if there was not. */
struct lx_cmsg_writer { u64 user, room, used; u32 flags_out; };
int lx_cmsg_append(struct lx_cmsg_writer *w, int level, int type, const void *data, u64 n) MUST_CHECK;
/* The same for one header of an Internet socket, and out (cmsg_ip.c). */
int lx_cmsg_ip_get(const struct socket *s, const struct lx_cmsghdr *h, struct sock_ip_control *out) MUST_CHECK;
int lx_cmsg_ip_put(struct lx_cmsg_writer *w, const struct sock_ip_control *c) MUST_CHECK;

/* An object in the lowest free slot, below RLIMIT_NOFILE: the number, or -EMFILE (sys_fd.c). */
int lx_handle_install(struct kobject *obj, unsigned rights, unsigned flags) MUST_CHECK;
extern const struct net_hooks lx_net_hooks;
/* Requests about interfaces, of any socket (sys_netif.c). */
bool lx_is_netif_ioctl(u32 cmd);
long lx_netif_ioctl(struct socket *s, u32 cmd, u64 arg);
