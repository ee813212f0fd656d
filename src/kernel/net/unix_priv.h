/* AF_UNIX inside. Seven files: unix (life, options), unix_name (who is bound to what), unix_stream,
 * unix_packet (datagrams and seqpacket), unix_connect (listening, connecting), unix_rights (handles
 * on their way), unix_gc (sockets on their way that nobody can receive any more).
 *
 * What is sent to a socket lies in its own inbox, so a sender takes one lock, the receiver's, and
 * no two inboxes are ever locked at once. A connected stream's peer stays until its own release:
 * both hold a reference to the other, and a release lets one of the two go. */
#pragma once
#include "net/byte_ring.h"
#include "net/socket.h"

struct unix_name { u32 refs, len; struct vnode *node; u8 path[]; }; /* node: NULL for abstract names */

/* Something beside the bytes [start, end) of a stream, as counts of the ring. */
struct unix_mark { struct list link; u32 start, end; struct sock_control control; };

struct unix_packet {
    struct list link;
    u32 len, charge;
    struct sock_control control;
    struct unix_name *from;
    u8 data[];
};

struct unix_inbox {
    struct mutex lock;
    bool eof;    /* nothing more will come: told once what is here has been read */
    bool closed; /* its socket was released: takes nothing any more */
    struct byte_ring ring; /* streams */
    struct list marks;     /* by start */
    struct list packets;   /* the others */
    u32 npackets, charged;
    struct list refused;   /* senders that found no room */
};

/* A place in a receiver's list of the refused: a socket's, for poll, or that of a thread that waits. */
struct unix_refusal { struct list link; struct unix_sock *u; };

struct unix_sock {
    struct socket s;
    struct list all, in_table; /* unix_name.c's */
    struct unix_name *name;    /* set once, under s.lock; then anybody may look */
    struct unix_sock *peer;    /* a reference; set under s.lock. Streams: once */
    struct sock_ids ids;       /* whose it is: of socket(2), then of listen(2) */
    struct unix_inbox in;
    struct unix_refusal refused;       /* guarded by the inbox of ... */
    struct unix_sock *refused_by;      /* a reference; changed under s.lock */
    struct mutex backlog_lock;         /* listeners: the rest */
    struct list backlog;               /* sockets that nobody has accepted */
    struct list backlog_link;
    u32 nbacklog, max_backlog;
    /* unix_gc.c's, all guarded by its lock */
    u32 flights, gc_flights; /* how often the socket's file lies in inboxes */
    enum { UNIX_GC_NO, UNIX_GC_CANDIDATE, UNIX_GC_LIVE } gc;
    struct list flying_link, gc_link;
};

static inline struct unix_sock *unix_of(struct socket *s) { return container_of(s, struct unix_sock, s); }

static inline struct unix_sock *unix_peer(const struct unix_sock *u)
{
    return __atomic_load_n(&u->peer, __ATOMIC_ACQUIRE);
}

static inline struct unix_name *unix_name_of(const struct unix_sock *u)
{
    return __atomic_load_n(&u->name, __ATOMIC_ACQUIRE);
}

static inline bool unix_is_packets(const struct unix_sock *u) { return u->s.type != SOCK_STREAM; }

extern const struct socket_ops unix_stream_ops, unix_dgram_ops, unix_seqpacket_ops;

/* unix.c */
int unix_create(int type, const struct sock_ids *ids, struct unix_sock **out) MUST_CHECK;
void unix_join(struct unix_sock *a, struct unix_sock *b); /* become each other's peers */
int unix_shutdown(struct socket *s, int how);
void unix_release(struct socket *s);
void unix_destroy(struct socket *s);
int unix_address(struct socket *s, bool peer, struct net_addr *out);

/* unix_name.c */
void unix_list_add(struct unix_sock *u);
int unix_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c);
int unix_autobind(struct unix_sock *u) MUST_CHECK; /* with s.lock held */
/* The socket that has this name, with a reference. -ECONNREFUSED, -EPROTOTYPE, errors of the path. */
int unix_find(const struct net_addr *a, int type, const struct sock_caller *c, struct unix_sock **out) MUST_CHECK;
void unix_name_forget(struct unix_sock *u); /* nobody finds it any more */
void unix_name_get(struct unix_name *n);
void unix_name_put(struct unix_name *n);    /* NULL is allowed */
void unix_name_give(const struct unix_name *n, struct net_addr *out); /* NULL: unnamed */

/* unix_connect.c */
int unix_listen(struct socket *s, int backlog, const struct sock_caller *c);
int unix_accept(struct socket *s, u32 flags, struct socket **out);
int unix_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags);
void unix_backlog_drop(struct unix_sock *u);

/* unix_stream.c, unix_packet.c */
ssize_t_k unix_stream_send(struct socket *s, struct sock_msg *m);
ssize_t_k unix_stream_recv(struct socket *s, struct sock_msg *m);
ssize_t_k unix_packet_send(struct socket *s, struct sock_msg *m);
ssize_t_k unix_packet_recv(struct socket *s, struct sock_msg *m);
void unix_packet_free(struct unix_packet *p);
int unix_dgram_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags);
/* Whoever was refused may try again: the inbox has room, or has gone. Inbox locked. */
void unix_refused_tell_locked(struct unix_inbox *in);
void unix_refused_forget(struct unix_sock *u); /* with s.lock held */

/* unix_rights.c */
/* Counts the handles as on their way, or -ETOOMANYREFS. With no lock held. */
int unix_rights_send(struct sock_handles *h) MUST_CHECK;
/* They have arrived, or are given up: whoever has them puts them with sock_handles_free. With no inbox
 * locked. */
void unix_rights_received(struct sock_handles *h);
void unix_rights_count_end(const struct sock_handles *h); /* their user's count alone */
/* A second list of the same handles, for MSG_PEEK, which calls unix_flight_hold() before it locks the
 * inbox. NULL: no memory. */
struct sock_handles *unix_rights_copy(const struct sock_handles *h);
/* Drops the control of something that nobody will receive. */
static inline void unix_control_drop(struct sock_control *c)
{
    if (c->handles) {
        unix_rights_received(c->handles);
        sock_handles_free(c->handles);
        c->handles = NULL;
    }
}

/* unix_gc.c */
void unix_flight_begin(const struct sock_handles *h);
void unix_flight_end(const struct sock_handles *h);
void unix_flight_hold(void); /* nothing begins or ends a flight until ... */
void unix_flight_release(void);
void unix_gc(void);       /* frees what only sockets in flight keep alive. No lock of a socket is held */
void unix_gc_maybe(void); /* the same, if it is worth the work: a socket was closed or sent */
