/* The sockets of AF_INET and AF_INET6 as /proc/net tells of them. */
#include "net/proc.h"
#include "net/tcp.h"
#include "net/udp.h"

struct inet_walk { void (*fn)(const struct inet_info *i, void *ctx); void *ctx; enum inet_kind kind; };

static u32 load(const u32 *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }

static void common_get(const struct inet_sock *i, struct inet_info *out)
{
    *out = (struct inet_info){
        .v6 = i->s.family == AF_INET6, .v6only = i->word[INET6_V6ONLY],
        .state = i->remote.port ? TCP_ESTABLISHED : TCP_CLOSED, .uid = i->uid,
        .refs = load(&i->s.refs), .ino = i->s.ino, .local = i->local, .remote = i->remote,
    };
}

static void tcp_get(const struct tcp_sock *c, struct inet_info *out)
{
    u64 now = clock_now_ns(), at = __atomic_load_n(&c->t.resend_at, __ATOMIC_RELAXED);
    enum tcp_state state = socket_is_listening(&c->i.s) ? TCP_LISTEN : __atomic_load_n(&c->t.state, __ATOMIC_RELAXED);
    out->state = (u8)state;
    out->rx = state == TCP_LISTEN ? load(&c->nbacklog) : load(&c->rx.tail) - load(&c->rx.head);
    out->tx = state == TCP_LISTEN ? 0 : load(&c->tx.tail) - load(&c->tx.head);
    out->max_backlog = load(&c->max_backlog);
    out->retries = (u8)load(&c->t.retries);
    out->timer_ns = at > now ? at - now : 0;
    if (c->t.orphan)
        out->ino = 0;
}

static void found(struct inet_sock *i, void *ctx)
{
    struct inet_walk *w = ctx;
    struct inet_info info;
    common_get(i, &info);
    if (w->kind == INET_TCP)
        tcp_get(tcp_of(&i->s), &info);
    else
        info.rx = load(&udp_of(&i->s)->charged);
    w->fn(&info, w->ctx);
}

void inet_for_each(enum inet_kind kind, void (*fn)(const struct inet_info *i, void *ctx), void *ctx)
{
    struct inet_walk w = { fn, ctx, kind };
    if (kind == INET_RAW)
        icmp_raw_for_each(found, &w);
    else
        port_for_each(kind == INET_TCP ? &tcp_ports : kind == INET_UDP ? &udp_ports : &ping_ports, found, &w);
}
