/* NETLINK_SOCK_DIAG: the machine's sockets as messages, for ss. sock_diag(7); linux/inet_diag.h, linux/unix_diag.h.
 *
 * Dumps alone: of a family and a protocol, those in the states that were asked for. The filter programs that may come
 * along are left to the asker, who has them too and looks at every answer again. What is asked for beside and not kept
 * here (memory, congestion) is left out, as it may be. */
#include "lib/string.h"
#include "net/netlink.h"
#include "net/proc.h"
#include "net/tcp_machine.h"

enum { SOCK_DIAG_BY_FAMILY = 20 };
enum { INET_DIAG_SHUTDOWN = 8, INET_DIAG_SKV6ONLY = 11 };
enum { UNIX_DIAG_NAME = 0, UNIX_DIAG_PEER = 2, UNIX_DIAG_RQLEN = 4, UNIX_DIAG_SHUTDOWN = 6 };
enum { SHOW_NAME = 1, SHOW_PEER = 4, SHOW_RQLEN = 16 };

struct diag_id { u16 sport, dport; u32 src[4], dst[4], interface, cookie[2]; }; /* addresses and ports in the network's order */
struct inet_diag_request { u8 family, protocol, ext, pad; u32 states; struct diag_id id; };
struct inet_diag_message {
    u8 family, state, timer, retrans;
    struct diag_id id;
    u32 expires, rqueue, wqueue, uid, inode;
};
struct unix_diag_request { u8 family, protocol; u16 pad; u32 states, ino, show, cookie[2]; };
struct unix_diag_message { u8 family, type, state, pad; u32 ino, cookie[2]; };
struct unix_diag_rqlen { u32 rqueue, wqueue; };
_Static_assert(sizeof(struct inet_diag_request) == 56 && sizeof(struct inet_diag_message) == 72,
               "as in linux/inet_diag.h");
_Static_assert(sizeof(struct unix_diag_request) == 24 && sizeof(struct unix_diag_message) == 16,
               "as in linux/unix_diag.h");

#define ATTRS_ROOM 32u /* of the numbers below; names come on top */

struct walk_ctx { const struct nl_request *q; struct nl_reply *r; };

/* --- AF_INET and AF_INET6 --- */

static void end_put(bool v6, const struct inet_end *e, u16 *port, u32 *addr)
{
    *port = swap16(e->port);
    memcpy(addr, e->addr.b + (v6 ? 0 : 12), v6 ? 16 : 4);
}

static void inet_tell(const struct inet_info *i, void *ctx)
{
    const struct walk_ctx *w = ctx;
    const struct inet_diag_request *q = (const void *)(w->q->header + 1);
    if (i->v6 != (q->family == AF_INET6) || !(q->states >> i->state & 1))
        return;
    struct inet_diag_message *m = nl_begin(w->r, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sizeof *m, sizeof *m + ATTRS_ROOM);
    if (!m)
        return;
    bool listens = i->state == TCP_LISTEN;
    *m = (struct inet_diag_message){
        .family = q->family, .state = i->state, .timer = i->timer_ns != 0, .retrans = i->retries,
        .expires = (u32)(i->timer_ns / 1000000),
        .rqueue = i->rx, .wqueue = listens ? i->max_backlog : i->tx, .uid = i->uid, .inode = (u32)i->ino,
        .id.cookie = { (u32)i->ino, (u32)(i->ino >> 32) },
    };
    end_put(i->v6, &i->local, &m->id.sport, m->id.src);
    end_put(i->v6, &i->remote, &m->id.dport, m->id.dst);
    nl_put_u8(w->r, INET_DIAG_SHUTDOWN, 0);
    if (i->v6 && (listens || i->state == TCP_CLOSED))
        nl_put_u8(w->r, INET_DIAG_SKV6ONLY, i->v6only);
}

static int inet_dump(const struct nl_request *q, struct nl_reply *r)
{
    const struct inet_diag_request *body = nl_body(q, sizeof *body);
    struct walk_ctx w = { q, r };
    if (!body)
        return -EINVAL;
    switch (body->protocol) {
    case IP_TCP: inet_for_each(INET_TCP, inet_tell, &w); return 0;
    case IP_UDP: inet_for_each(INET_UDP, inet_tell, &w); return 0;
    default: return -ENOENT;
    }
}

/* --- AF_UNIX --- */

static u8 unix_state(const struct unix_info *i)
{
    return (u8)(i->listening ? TCP_LISTEN : i->connected ? TCP_ESTABLISHED : TCP_CLOSED);
}

static void unix_tell(const struct unix_info *i, void *ctx)
{
    const struct walk_ctx *w = ctx;
    const struct unix_diag_request *q = (const void *)(w->q->header + 1);
    u8 state = unix_state(i);
    if (!(q->states >> state & 1))
        return;
    struct unix_diag_message *m = nl_begin(w->r, SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sizeof *m,
                                           (u32)sizeof *m + ATTRS_ROOM + NL_ALIGN(i->len) + 4);
    if (!m)
        return;
    *m = (struct unix_diag_message){ .family = AF_UNIX, .type = i->type, .state = state, .ino = (u32)i->ino, .cookie = { (u32)i->ino, (u32)(i->ino >> 32) } };
    if ((q->show & SHOW_NAME) && i->len)
        nl_put(w->r, UNIX_DIAG_NAME, i->name, i->len);
    if ((q->show & SHOW_PEER) && i->peer_ino)
        nl_put_u32(w->r, UNIX_DIAG_PEER, (u32)i->peer_ino);
    if (q->show & SHOW_RQLEN)
        nl_put(w->r, UNIX_DIAG_RQLEN, &(struct unix_diag_rqlen){ i->rx, i->max_backlog },
               sizeof(struct unix_diag_rqlen));
    nl_put_u8(w->r, UNIX_DIAG_SHUTDOWN, i->shut);
}

static int unix_dump(const struct nl_request *q, struct nl_reply *r)
{
    struct walk_ctx w = { q, r };
    if (!nl_body(q, sizeof(struct unix_diag_request)))
        return -EINVAL;
    unix_for_each(unix_tell, &w);
    return 0;
}

/* --- dispatch --- */

int sock_diag_request(const struct nl_request *q, struct nl_reply *r, bool *dump)
{
    const u8 *family = nl_body(q, 1);
    if (q->header->type != SOCK_DIAG_BY_FAMILY || !family)
        return -EINVAL;
    if (!(q->header->flags & NLM_F_DUMP))
        return -EOPNOTSUPP;
    r->packet_bytes = NL_PACKET_BYTES;
    int e = *family == AF_INET || *family == AF_INET6 ? inet_dump(q, r) : *family == AF_UNIX ? unix_dump(q, r) : -ENOENT;
    *dump = e == 0;
    return e;
}
