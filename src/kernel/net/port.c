/* Ports: who is bound where, and whose a packet is.
 *
 * Two ways in: `bound`, by local port, has every socket with a port; `conns`, by both ends, those
 * with a peer. One lock for each protocol guards both lists and the ends of the sockets in them; a
 * socket leaves before its last reference goes.
 *
 * Two sockets conflict on a port if their addresses meet (equal, or one is "any" of a version that
 * the other speaks) unless both said SO_REUSEPORT for one user, or both SO_REUSEADDR and none of
 * them listens. ip(7), socket(7). */
#include "net/inet.h"
#include "lib/random.h"

#define BUCKETS 256u
#define FIRST_FREE_PORT 32768u /* net.ipv4.ip_local_port_range */
#define LAST_FREE_PORT 60999u
#define PRIVILEGED_PORTS 1024u

struct port_table { struct mutex lock; struct list bound[BUCKETS], conns[BUCKETS]; };
#define PORT_TABLE(t) { .lock = MUTEX_INIT((t).lock, "inet ports") }
struct port_table tcp_ports = PORT_TABLE(tcp_ports), udp_ports = PORT_TABLE(udp_ports),
    ping_ports = PORT_TABLE(ping_ports);

static struct list *ready(struct list *l)
{
    if (!l->next)
        list_init(l);
    return l;
}
static struct list *bound_at(struct port_table *t, u16 port) { return ready(&t->bound[port % BUCKETS]); }

static struct list *conns_at(struct port_table *t, const struct inet_end *a, const struct inet_end *b)
{
    u64 w[4];
    memcpy(w, a->addr.b, 16);
    memcpy(w + 2, b->addr.b, 16);
    u64 h = (w[1] ^ w[3] * 31 ^ w[0] ^ w[2] * 31 ^ (u64)a->port << 16 ^ b->port) * 0x9e3779b97f4a7c15ull; /* Knuth */
    return ready(&t->conns[h >> 56]);
}

static bool end_equal(const struct inet_end *a, const struct inet_end *b)
{
    return a->port == b->port && ip_equal(&a->addr, &b->addr);
}

/* Does a socket that is bound to `any` of IPv6 also take IPv4? */
static bool takes_both(const struct inet_sock *i)
{
    return i->s.family == AF_INET6 && !i->word[INET6_V6ONLY] && !ip_is_v4(&i->local.addr);
}

static bool covers(const struct inet_sock *i, const struct ip_addr *a)
{
    if (!ip_is_any(&i->local.addr))
        return ip_equal(&i->local.addr, a);
    return ip_is_v4(&i->local.addr) == ip_is_v4(a) || takes_both(i);
}

static bool meet(const struct inet_sock *a, const struct inet_sock *b)
{
    return covers(a, &b->local.addr) || covers(b, &a->local.addr);
}

static bool may_share(const struct inet_sock *a, const struct inet_sock *b, bool listens)
{
    if (a->s.reuse_port && b->s.reuse_port && a->uid == b->uid)
        return true;
    return a->s.reuse_addr && b->s.reuse_addr && !listens && !(socket_is_listening(&a->s) ||
                                                               socket_is_listening(&b->s));
}

static bool conflict_locked(struct port_table *t, const struct inet_sock *i, bool listens)
{
    struct inet_sock *other;
    list_for_each(other, bound_at(t, i->local.port), bind_link)
        if (other != i && other->local.port == i->local.port && meet(i, other) && !may_share(i, other, listens))
            if (!listens || socket_is_listening(&other->s))
                return true;
    return false;
}

static struct inet_sock *conn_locked(struct port_table *t, const struct inet_end *local, const struct inet_end *remote)
{
    struct inet_sock *i;
    list_for_each(i, conns_at(t, local, remote), conn_link)
        if (end_equal(&i->local, local) && end_equal(&i->remote, remote))
            return i;
    return NULL;
}

/* Tries the free ports from a random one on; `taken` says whether i's local.port will not do. */
static int choose_port(struct port_table *t, struct inet_sock *i,
                       bool (*taken)(struct port_table *t, struct inet_sock *i, const void *ctx), const void *ctx)
{
    u32 n = LAST_FREE_PORT - FIRST_FREE_PORT + 1, at = (u32)(kernel_random_u64() % n);
    for (u32 tries = 0; tries < n; tries++, at = (at + 1) % n) {
        i->local.port = (u16)(FIRST_FREE_PORT + at);
        if (!taken(t, i, ctx))
            return 0;
    }
    i->local.port = 0;
    return -EADDRINUSE;
}

/* Sharing is not for those who asked for any port. */
static bool bound_taken(struct port_table *t, struct inet_sock *i, const void *ctx)
{
    struct inet_sock *other;
    list_for_each(other, bound_at(t, i->local.port), bind_link)
        if (other->local.port == i->local.port && meet(i, other))
            return true;
    return false;
}

int port_bind(struct port_table *t, struct inet_sock *i, const struct inet_end *e, bool admin)
{
    if (!ip_is_any(&e->addr) && !netdev_is_local(&e->addr) && !i->word[INET_FREEBIND])
        return -EADDRNOTAVAIL;
    if (e->port && e->port < PRIVILEGED_PORTS && !admin && t != &ping_ports)
        return -EACCES;
    mutex_lock(&t->lock);
    struct inet_end old = i->local;
    i->local = *e;
    int r = e->port ? (conflict_locked(t, i, false) ? -EADDRINUSE : 0) : choose_port(t, i, bound_taken, NULL);
    if (r == 0) {
        i->bound = true;
        i->addr_chosen = !ip_is_any(&e->addr);
        list_push_back(bound_at(t, i->local.port), &i->bind_link);
    } else {
        i->local = old;
    }
    mutex_unlock(&t->lock);
    return r;
}

int port_listen(struct port_table *t, struct inet_sock *i)
{
    mutex_lock(&t->lock);
    int r = conflict_locked(t, i, true) ? -EADDRINUSE : 0;
    if (r == 0)
        __atomic_store_n(&i->s.listening, true, __ATOMIC_RELEASE);
    mutex_unlock(&t->lock);
    return r;
}

/* A connection may have a port that others have, as long as its two ends are its own. */
static bool conn_taken(struct port_table *t, struct inet_sock *i, const void *remote)
{
    struct inet_sock *other;
    /* Inside the machine the other end is here, too, and may outlive its connection. */
    if (conn_locked(t, &i->local, remote) || conn_locked(t, remote, &i->local))
        return true;
    list_for_each(other, bound_at(t, i->local.port), bind_link)
        if (other->local.port == i->local.port && !other->remote.port && meet(i, other))
            return true;
    return false;
}

int port_connect(struct port_table *t, struct inet_sock *i, const struct ip_addr *from, const struct inet_end *remote)
{
    mutex_lock(&t->lock);
    struct inet_end old = i->local;
    if (ip_is_any(&i->local.addr))
        i->local.addr = *from;
    int r = 0;
    if (!i->local.port)
        r = choose_port(t, i, conn_taken, remote) ? -EADDRNOTAVAIL : 0;
    else if (t == &tcp_ports && conn_locked(t, &i->local, remote))
        r = -EADDRNOTAVAIL;
    if (r == 0) {
        i->remote = *remote;
        if (!i->bound)
            list_push_back(bound_at(t, i->local.port), &i->bind_link);
        i->bound = true;
        list_remove(&i->conn_link);
        list_push_back(conns_at(t, &i->local, remote), &i->conn_link);
    } else {
        i->local = old;
    }
    mutex_unlock(&t->lock);
    return r;
}

int port_add_child(struct port_table *t, struct inet_sock *i)
{
    mutex_lock(&t->lock);
    int r = conn_locked(t, &i->local, &i->remote) ? -EADDRINUSE : 0;
    if (r == 0) {
        i->bound = true;
        list_push_back(bound_at(t, i->local.port), &i->bind_link);
        list_push_back(conns_at(t, &i->local, &i->remote), &i->conn_link);
    }
    mutex_unlock(&t->lock);
    return r;
}

void port_disconnect(struct port_table *t, struct inet_sock *i)
{
    mutex_lock(&t->lock);
    list_remove(&i->conn_link);
    i->remote.port = 0;
    if (!i->addr_chosen)
        i->local.addr = i->s.family == AF_INET ? ip_from_v4((const u8[4]){ 0 }) : (struct ip_addr){ 0 };
    mutex_unlock(&t->lock);
}

void port_release(struct port_table *t, struct inet_sock *i)
{
    mutex_lock(&t->lock);
    list_remove(&i->conn_link);
    list_remove(&i->bind_link);
    mutex_unlock(&t->lock);
}

/* How well an unconnected socket fits: 0: not at all. */
static unsigned fit(const struct inet_sock *i, const struct inet_end *local)
{
    if (i->local.port != local->port || i->remote.port || !covers(i, &local->addr))
        return 0;
    return ip_is_any(&i->local.addr) ? (takes_both(i) ? 1 : 2) : 3;
}

struct inet_sock *port_find(struct port_table *t, const struct inet_end *local, const struct inet_end *remote,
                            bool connected_only)
{
    struct inet_sock *i, *best = NULL;
    unsigned best_fit = 0;
    mutex_lock(&t->lock);
    best = conn_locked(t, local, remote);
    if (!best && !connected_only)
        list_for_each(i, bound_at(t, local->port), bind_link) {
            unsigned f = t == &tcp_ports && !socket_is_listening(&i->s) ? 0 : fit(i, local);
            if (f > best_fit) {
                best = i;
                best_fit = f;
            }
        }
    if (best)
        socket_get(&best->s);
    mutex_unlock(&t->lock);
    return best;
}

void port_for_each(struct port_table *t, void (*fn)(struct inet_sock *i, void *ctx), void *ctx)
{
    struct inet_sock *i;
    mutex_lock(&t->lock);
    for (u32 b = 0; b < BUCKETS; b++)
        list_for_each(i, ready(&t->bound[b]), bind_link)
            fn(i, ctx);
    mutex_unlock(&t->lock);
}
