/* Sockets: what every family has in common, and the table that tells them apart.
 *
 * A socket is the ctx of a struct file, so read, write, poll and close need nothing special. The
 * system calls come in through the functions below; each asks the socket's ops. A NULL op answers
 * -EOPNOTSUPP. All may sleep, and none is called with a lock held. */
#pragma once
#include "net/iter.h"
#include "net/net_abi.h"
#include "net/wire.h"
#include "vfs/file.h"

struct socket;

/* Who asks. walk: for names in the file system, may be NULL if the address is no such name. */
struct sock_ids { u32 pid, uid, gid; };
struct sock_caller { struct sock_ids ids; const struct walk *walk; u32 umask; bool may_raw, may_low_port, may_admin; };

/* Handles on their way: references, with the rights they had (unix_rights.c). */
#define SOCK_HANDLES_MAX 253u /* as Linux's SCM_MAX_FD */
struct sock_handle { struct kobject *obj; unsigned rights; };
struct sock_handles { struct sock_handles *next; u32 count, uid,
                      limit; /* limit: on how many uid may have under way */ struct sock_handle at[SOCK_HANDLES_MAX]; };
/* Frees the list and puts what it refers to, soon: another thread may be at it. NULL is allowed. May
 * sleep. */
void sock_handles_free(struct sock_handles *h);

/* Beside a datagram of IP. Sending: what the program wants, of either version. Receiving: what it asked to be told.
 * has: which of it is there; BAD: something that version refuses. index: of an interface, or 0. */
enum { SOCK_IP_INFO = 1, SOCK_IP_TTL = 2, SOCK_IP_TOS = 4, SOCK_IP_BAD = 8, SOCK_IP6_INFO = 16, SOCK_IP6_HOPS = 32,
       SOCK_IP6_CLASS = 64, SOCK_IP6_BAD = 128, SOCK_IP_REPORT = 256, SOCK_IP6_REPORT = 512 };
/* Why a datagram did not arrive, and who says so; type and code as in ICMP, of either version (v6). */
struct sock_ip_report { int error; u8 type, code; bool v6; struct ip_addr by; };
struct sock_ip_control { u32 has; int index; struct ip_addr addr; u8 ttl, tos, hops6, class6; struct sock_ip_report report; };

/* What travels beside the bytes. Sending: what the program wants to say. Receiving: what there is. */
struct sock_control { struct sock_handles *handles; bool has_ids; struct sock_ids ids; u64 stamp_ns; /* when it came; 0: not asked */ struct sock_ip_control *ip; /* where to say or tell it, or NULL */ };

struct sock_msg {
    struct net_iter iter;
    u32 flags;     /* MSG_*, with MSG_DONTWAIT if the file says so */
    u32 flags_out; /* received: MSG_TRUNC, MSG_EOR ... */
    struct net_addr *name; /* sending: where to, or NULL. Receiving: from where (NULL: not asked) */
    struct sock_control control;
    const struct sock_caller *caller; /* sending; NULL in write(2) without a name */
};

struct socket_ops {
    const char *name;
    int (*bind)(struct socket *s, const struct net_addr *a, const struct sock_caller *c);
    int (*connect)(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags);
    int (*listen)(struct socket *s, int backlog, const struct sock_caller *c);
    /* A new socket with one reference. flags: MSG_DONTWAIT. */
    int (*accept)(struct socket *s, u32 flags, struct socket **out);
    int (*address)(struct socket *s, bool peer, struct net_addr *out);
    /* Bytes or -errno. What of the control is used up becomes NULL. */
    ssize_t_k (*send)(struct socket *s, struct sock_msg *m);
    ssize_t_k (*recv)(struct socket *s, struct sock_msg *m);
    int (*shutdown)(struct socket *s, int how);
    int (*set_option)(struct socket *s, int level, int name, const void *value, u32 len);
    int (*get_option)(struct socket *s, int level, int name, void *value, u32 *len); /* at most SOCK_OPTION_MAX bytes */
    int (*queued)(struct socket *s, bool out, u32 *bytes); /* FIONREAD, SIOCOUTQ */
    void (*buffers_changed)(struct socket *s);             /* SO_SNDBUF, SO_RCVBUF were set; optional */
    void (*release)(struct socket *s); /* its file is gone: others may still hold references */
    void (*destroy)(struct socket *s); /* the last reference: frees the memory */
};

/* Bits of the event above the POLL_* ones. */
#define SOCK_ROOM_BIT (1u << 16) /* a listener has room for one more */

enum { SHUT_RECV = 1, SHUT_SEND = 2, SHUT_BOTH = 3 };

struct socket {
    u32 refs;          /* atomic */
    u16 family, protocol;
    u8 type;
    u32 shut;          /* atomic: SHUT_*; bits are only added */
    int error;         /* atomic: a positive errno for the next call that asks */
    bool reports;      /* atomic: reports of errors wait (IP_RECVERR): POLL_ERR as long as they do */
    const struct socket_ops *ops;
    struct event event;
    struct mutex lock; /* set-up: names, peers, states; and what the family says */
    u64 ino;
    u32 uid, gid;              /* who made it */
    struct vattr *changed;     /* of its file's attributes: nameless_change; by lock */
    struct file *file; /* no reference: valid while one is held otherwise */
    /* Options: plain words, set and read without a lock. */
    u64 recv_timeout_ns, send_timeout_ns; /* 0: for ever */
    u32 sndbuf, rcvbuf, recv_low;
    u32 linger_s, priority, mark;
    int device;        /* index of the one interface that it uses; 0: any */
    bool linger, pass_ids, reuse_addr, reuse_port, keep_alive, broadcast, oob_inline, dont_route, debug, timestamp,
        no_check;
    bool timestamp_ns; /* with `timestamp`: told in ns */
    bool listening;    /* atomic; never false again */
    struct sock_ids peer_ids; /* SO_PEERCRED; by the family */
};

#define SOCK_BUFFER_DEFAULT 212992u /* Linux's net.core.wmem_default and rmem_default */
#define SOCK_BUFFER_MAX (2 * SOCK_BUFFER_DEFAULT)
#define SOCK_BUFFER_MIN 4608u

/* --- for the system calls --- */
int socket_open(int family, int type, int protocol, u32 file_flags, const struct sock_caller *c,
                struct file **out) MUST_CHECK;
int socket_open_pair(int family, int type, int protocol, u32 file_flags, const struct sock_caller *c,
                     struct file *out[2]) MUST_CHECK;
struct socket *socket_of_file(const struct file *f); /* NULL: it is no socket */
int socket_accept(struct socket *s, u32 flags, u32 file_flags, struct file **out, struct net_addr *peer) MUST_CHECK;
int socket_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c) MUST_CHECK;
int socket_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags) MUST_CHECK;
int socket_listen(struct socket *s, int backlog, const struct sock_caller *c) MUST_CHECK;
int socket_address(struct socket *s, bool peer, struct net_addr *out) MUST_CHECK;
int socket_shutdown(struct socket *s, int how) MUST_CHECK;
static inline MUST_CHECK ssize_t_k socket_send(struct socket *s, struct sock_msg *m) { return s->ops->send(s, m); }
static inline MUST_CHECK ssize_t_k socket_recv(struct socket *s, struct sock_msg *m) { return s->ops->recv(s, m); }
/* Option values are at most SOCK_OPTION_MAX bytes of kernel memory; *len: room, then length. */
#define SOCK_OPTION_MAX 128u
int socket_set_option(struct socket *s, int level, int name, const void *value, u32 len, bool admin) MUST_CHECK;
int socket_get_option(struct socket *s, int level, int name, void *value, u32 *len) MUST_CHECK;
int socket_queued(struct socket *s, bool out, u32 *bytes) MUST_CHECK;

u32 socket_mode(const struct socket *s); /* permissions of a name that it gets: as fchmod left them */

/* --- for the families --- */
struct net_family {
    int family;
    int (*create)(int type, int protocol, const struct sock_caller *c, struct socket **out);
    int (*pair)(struct socket *a, struct socket *b, const struct sock_caller *c); /* optional */
};
extern const struct net_family unix_family, inet_family, inet6_family, netlink_family;

/* Set once at boot by linux/, which alone knows whose call it is. */
struct net_hooks { void (*caller_ids)(struct sock_ids *out); bool (*caller_may_admin)(void); };
void net_set_hooks(const struct net_hooks *h);
/* Who sends m: its caller, or for write(2) whoever runs. */
void net_caller_ids(const struct sock_msg *m, struct sock_ids *out);
bool net_caller_may_admin(const struct sock_msg *m); /* CAP_NET_ADMIN */

/* Fills in what all sockets have; one reference. event_bits: its state at first. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol, u32 event_bits);
void socket_fini(struct socket *s); /* from destroy */
static inline void socket_get(struct socket *s) { __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED); }
static inline void socket_put(struct socket *s) /* NULL is allowed */
{
    if (s && __atomic_fetch_sub(&s->refs, 1, __ATOMIC_ACQ_REL) == 1)
        s->ops->destroy(s);
}
/* A file for it, which takes over the reference; on failure the caller has it still. */
int socket_file_create(struct socket *s, u32 file_flags, struct file **out) MUST_CHECK;

static inline u32 socket_shut(const struct socket *s) { return __atomic_load_n(&s->shut, __ATOMIC_ACQUIRE); }
/* Takes the pending error away: 0 or -errno. */
int socket_take_error(struct socket *s);
void socket_show_error(struct socket *s); /* after a change of s->error or s->reports: POLL_ERR is as they are */
void socket_set_error(struct socket *s, int error); /* positive; wakes */
static inline bool socket_is_listening(const struct socket *s)
{
    return __atomic_load_n(&s->listening, __ATOMIC_ACQUIRE);
}

/* When a call that may wait `timeout_ns` gives up; 0: never. */
u64 socket_deadline(u64 timeout_ns);
/* What a wait's result means to a program. A timed one is never begun anew, not even after a stop: its
 * time would begin anew too (signal(7)). */
static inline int socket_wait_result(int r, u64 deadline)
{
    if (r == -ETIMEDOUT)
        return -EAGAIN;
    return r == -EINTR ? (deadline ? -ERESTARTNEVER : -ERESTARTSYS) : r;
}
/* Sleeps until the state has one of `bits`: 0, -EAGAIN, -ERESTARTSYS, -ERESTARTNEVER. */
int socket_wait(struct socket *s, u32 bits, u32 flags, u64 deadline) MUST_CHECK;
/* What SO_TIMESTAMP tells of something that came at `at`; 0: not known, so now. 0 if nobody asked. */
u64 socket_stamp(const struct socket *s, u64 at);
