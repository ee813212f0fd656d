/* AF_UNIX: life of a socket, and what all three types share.
 *
 *   unconnected --connect/pair--> connected --release of one--> the other: HUP, then its own release
 *   unconnected --listen--> listening --release--> who waits in the backlog is hung up
 */
#include "net/unix_priv.h"
#include "lib/string.h"
#include "mm/slab.h"

static const struct socket_ops *const ops_of[] = {
    [SOCK_STREAM] = &unix_stream_ops, [SOCK_DGRAM] = &unix_dgram_ops, [SOCK_SEQPACKET] = &unix_seqpacket_ops,
};

/* An unconnected stream is hung up, as Linux says it. */
static u32 first_bits(int type) { return POLL_WRITABLE | (type == SOCK_DGRAM ? 0 : POLL_HUP); }

int unix_create(int type, const struct sock_ids *ids, struct unix_sock **out)
{
    struct unix_sock *u = kzalloc(sizeof *u);
    if (!u)
        return -ENOMEM;
    socket_init(&u->s, ops_of[type], AF_UNIX, type, 0, first_bits(type));
    u->ids = *ids;
    mutex_init(&u->in.lock, "unix inbox");
    mutex_init(&u->backlog_lock, "unix backlog");
    list_init(&u->in.marks);
    list_init(&u->in.packets);
    list_init(&u->in.refused);
    list_init(&u->refused.link);
    u->refused.u = u;
    list_init(&u->backlog);
    list_init(&u->backlog_link);
    list_init(&u->in_table);
    list_init(&u->flying_link);
    list_init(&u->gc_link);
    unix_list_add(u);
    *out = u;
    return 0;
}

static int create(int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    struct unix_sock *u;
    if (protocol != 0 && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    if (type == SOCK_RAW)
        type = SOCK_DGRAM; /* as in BSD, says Linux */
    if ((size_t)type >= ARRAY_SIZE(ops_of) || !ops_of[type])
        return -ESOCKTNOSUPPORT;
    int r = unix_create(type, &c->ids, &u);
    if (r == 0)
        *out = &u->s;
    return r;
}

void unix_join(struct unix_sock *a, struct unix_sock *b)
{
    socket_get(&a->s);
    socket_get(&b->s);
    event_clear(&a->s.event, POLL_HUP);
    event_clear(&b->s.event, POLL_HUP);
    __atomic_store_n(&a->peer, b, __ATOMIC_RELEASE);
    __atomic_store_n(&b->peer, a, __ATOMIC_RELEASE);
}

static int pair(struct socket *a, struct socket *b, const struct sock_caller *c)
{
    unix_join(unix_of(a), unix_of(b));
    a->peer_ids = b->peer_ids = c->ids;
    return 0;
}

const struct net_family unix_family = { .family = AF_UNIX, .create = create, .pair = pair };

/* --- the end --- */

/* The state after `shut` gained bits. */
static void shut_tell(struct unix_sock *u)
{
    u32 shut = socket_shut(&u->s), bits = 0;
    if (shut & SHUT_RECV)
        bits |= POLL_READABLE | POLL_RDHUP;
    if (shut & SHUT_SEND)
        bits |= POLL_WRITABLE; /* whoever waits for room is to learn that it is over */
    if (shut == SHUT_BOTH)
        bits |= POLL_HUP;
    mutex_lock(&u->in.lock);
    u->in.eof |= (shut & SHUT_RECV) != 0;
    event_set_quietly(&u->s.event, bits);
    mutex_unlock(&u->in.lock);
    event_tell(&u->s.event, bits);
}

/* Of a listener under its lock: an accept that finds nothing then says "nothing" before it is told, or not at all. */
static void shut_add(struct unix_sock *u, u32 bits)
{
    bool listens = socket_is_listening(&u->s);
    if (listens)
        mutex_lock(&u->backlog_lock);
    __atomic_fetch_or(&u->s.shut, bits, __ATOMIC_ACQ_REL);
    if (listens)
        mutex_unlock(&u->backlog_lock);
    shut_tell(u);
}

int unix_shutdown(struct socket *s, int how)
{
    struct unix_sock *u = unix_of(s), *peer = unix_peer(u);
    u32 mine = (u32)how + 1, theirs = (mine & SHUT_RECV ? SHUT_SEND : 0) | (mine & SHUT_SEND ? SHUT_RECV : 0);
    if (s->type != SOCK_DGRAM && peer)
        shut_add(peer, theirs);
    shut_add(u, mine);
    if (socket_is_listening(s))
        event_tell(&s->event, SOCK_ROOM_BIT);
    return 0;
}

static void marks_free(struct list *marks)
{
    struct unix_mark *k, *tmp;
    list_for_each_safe(k, tmp, marks, link) {
        unix_control_drop(&k->control);
        kfree(k);
    }
}

static void packets_free(struct list *packets)
{
    struct unix_packet *p, *tmp;
    list_for_each_safe(p, tmp, packets, link)
        unix_packet_free(p);
}

/* True if something was there that nobody will read now. */
static bool inbox_close(struct unix_inbox *in)
{
    struct list marks = LIST_INIT(marks), packets = LIST_INIT(packets);
    mutex_lock(&in->lock);
    bool lost = byte_ring_used(&in->ring) || !list_empty(&in->packets);
    in->closed = in->eof = true;
    byte_ring_fini(&in->ring);
    list_splice_front(&marks, &in->marks);
    list_splice_front(&packets, &in->packets);
    in->npackets = in->charged = 0;
    unix_refused_tell_locked(in);
    mutex_unlock(&in->lock);
    marks_free(&marks); /* may close files, so without the lock */
    packets_free(&packets);
    return lost;
}

static void peer_leave(struct unix_sock *u, struct unix_sock *peer, bool lost)
{
    if (u->s.type != SOCK_DGRAM) {
        if (lost)
            socket_set_error(&peer->s, ECONNRESET);
        shut_add(peer, SHUT_BOTH);
    } else if (unix_peer(peer) == u) {
        event_tell(&peer->s.event, POLL_WRITABLE); /* whoever waits to send to u has nobody to send to */
    }
    socket_put(&peer->s);
}

void unix_release(struct socket *s)
{
    struct unix_sock *u = unix_of(s);
    unix_name_forget(u);
    unix_backlog_drop(u);
    bool lost = inbox_close(&u->in);
    mutex_lock(&s->lock);
    unix_refused_forget(u);
    struct unix_sock *peer = u->peer;
    __atomic_store_n(&u->peer, NULL, __ATOMIC_RELEASE);
    mutex_unlock(&s->lock);
    if (peer)
        peer_leave(u, peer, lost);
}

static void unix_closed(struct socket *s)
{
    unix_release(s);
    unix_gc_maybe();
}

void unix_destroy(struct socket *s)
{
    struct unix_sock *u = unix_of(s);
    unix_name_put(u->name);
    socket_fini(s);
    kfree(u);
}

/* --- what programs ask --- */

int unix_address(struct socket *s, bool peer, struct net_addr *out)
{
    struct unix_sock *u = unix_of(s);
    if (!peer) {
        unix_name_give(unix_name_of(u), out);
        return 0;
    }
    mutex_lock(&s->lock);
    struct unix_sock *p = u->peer;
    if (p)
        unix_name_give(unix_name_of(p), out);
    mutex_unlock(&s->lock);
    return p ? 0 : -ENOTCONN;
}

static int unix_queued(struct socket *s, bool out, u32 *bytes)
{
    struct unix_sock *u = unix_of(s);
    if (socket_is_listening(s))
        return -EINVAL;
    mutex_lock(&s->lock);
    struct unix_sock *who = out ? u->peer : u;
    *bytes = 0;
    if (who) {
        mutex_lock(&who->in.lock);
        if (!unix_is_packets(u))
            *bytes = byte_ring_used(&who->in.ring);
        else if (out)
            *bytes = who->in.charged;
        else if (!list_empty(&who->in.packets))
            *bytes = list_first(&who->in.packets, struct unix_packet, link)->len;
        mutex_unlock(&who->in.lock);
    }
    mutex_unlock(&s->lock);
    return 0;
}

#define UNIX_COMMON                                                                                      \
    .bind = unix_bind, .address = unix_address, .shutdown = unix_shutdown, .queued = unix_queued,          \
    .release = unix_closed, .destroy = unix_destroy

const struct socket_ops unix_stream_ops = {
    .name = "unix stream", UNIX_COMMON, .connect = unix_connect, .listen = unix_listen, .accept = unix_accept,
    .send = unix_stream_send, .recv = unix_stream_recv,
};
const struct socket_ops unix_seqpacket_ops = {
    .name = "unix seqpacket", UNIX_COMMON, .connect = unix_connect, .listen = unix_listen, .accept = unix_accept,
    .send = unix_packet_send, .recv = unix_packet_recv,
};
const struct socket_ops unix_dgram_ops = {
    .name = "unix dgram", UNIX_COMMON, .connect = unix_dgram_connect,
    .send = unix_packet_send, .recv = unix_packet_recv,
};
