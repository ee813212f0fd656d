/* SOL_SOCKET: the options that mean the same for every family. Values are ints unless said; what is
 * shorter is refused. socket(7). */
#include "lib/string.h"
#include "net/netdev.h"
#include "net/socket.h"
#include "sched/clock.h"

struct sock_timeval { i64 sec, usec; };
struct sock_linger { i32 on, seconds; };

static bool *flag_of(struct socket *s, int name)
{
    switch (name) {
    case SO_DEBUG: return &s->debug;
    case SO_REUSEADDR: return &s->reuse_addr;
    case SO_DONTROUTE: return &s->dont_route;
    case SO_BROADCAST: return &s->broadcast;
    case SO_KEEPALIVE: return &s->keep_alive;
    case SO_OOBINLINE: return &s->oob_inline;
    case SO_NO_CHECK: return &s->no_check;
    case SO_REUSEPORT: return &s->reuse_port;
    case SO_PASSCRED: return s->family == AF_UNIX || s->family == AF_NETLINK ? &s->pass_ids : NULL;
    default: return NULL;
    }
}

/* What is asked for is doubled, as Linux does: half of it is for what the kernel keeps beside. */
static u32 buffer_size(i32 wish)
{
    u64 most = SOCK_BUFFER_DEFAULT, n = wish < 0 ? most : MIN((u64)wish, most);
    return (u32)MAX(2 * n, (u64)SOCK_BUFFER_MIN);
}

static int set_timeout(u64 *timeout_ns, const void *value, u32 len)
{
    struct sock_timeval tv;
    if (len < sizeof tv)
        return -EINVAL;
    memcpy(&tv, value, sizeof tv);
    if (tv.usec < 0 || tv.usec >= 1000000)
        return -EDOM;
    if (tv.sec < 0) {
        *timeout_ns = 1; /* as Linux: never waits */
        return 0;
    }
    *timeout_ns = (u64)tv.sec >= UINT64_MAX / NSEC_PER_SEC ? 0 : (u64)tv.sec * NSEC_PER_SEC + (u64)tv.usec * 1000;
    return 0;
}

static int set_linger(struct socket *s, const void *value, u32 len)
{
    struct sock_linger l;
    if (len < sizeof l)
        return -EINVAL;
    memcpy(&l, value, sizeof l);
    s->linger = l.on != 0;
    s->linger_s = (u32)MAX(l.seconds, 0);
    return 0;
}

/* Who may not administer the network may choose once. There is one interface: what uses it alone is not held back. */
static int set_device(struct socket *s, int index, bool admin)
{
    if (s->device && !admin)
        return -EPERM;
    if (index && !netdev_by_index(index))
        return -ENODEV;
    s->device = index;
    return 0;
}

/* An empty name is any. */
static int set_device_name(struct socket *s, const void *value, u32 len, bool admin)
{
    char name[NETDEV_NAME_BYTES] = "";
    memcpy(name, value, MIN(len, NETDEV_NAME_BYTES - 1));
    const struct netdev *d = name[0] ? netdev_by_name(name) : NULL;
    if (name[0] && !d)
        return s->device && !admin ? -EPERM : -ENODEV;
    return set_device(s, d ? d->index : 0, admin);
}

/* Linux's _NEW ones differ from the others on machines of 32 bits alone. */
static bool is_stamp(int name, bool *ns)
{
    *ns = name == SO_TIMESTAMPNS || name == SO_TIMESTAMPNS_NEW;
    return *ns || name == SO_TIMESTAMP || name == SO_TIMESTAMP_NEW;
}

/* The bytes of TCP bear no times here. */
static int set_stamp(struct socket *s, bool on, bool ns)
{
    if (s->type == SOCK_STREAM && s->family != AF_UNIX)
        return on ? -ENOPROTOOPT : 0;
    s->timestamp_ns = on && ns;
    s->timestamp = on;
    return 0;
}

u64 socket_stamp(const struct socket *s, u64 at)
{
    if (likely(!s->timestamp))
        return 0;
    return at ? at : clock_realtime_ns();
}

static int set_word(struct socket *s, int name, i32 v, bool admin)
{
    bool *flag = flag_of(s, name), ns;
    if (is_stamp(name, &ns))
        return set_stamp(s, v != 0, ns);
    if (flag) {
        if (name == SO_DEBUG && v && !admin)
            return -EACCES;
        *flag = v != 0;
        return 0;
    }
    switch (name) {
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
        if (!admin)
            return -EPERM;
        *(name == SO_SNDBUFFORCE ? &s->sndbuf : &s->rcvbuf) = buffer_size(v);
        break;
    case SO_SNDBUF: s->sndbuf = buffer_size(v); break;
    case SO_RCVBUF: s->rcvbuf = buffer_size(v); break;
    case SO_RCVLOWAT: s->recv_low = v < 0 ? INT32_MAX : (u32)MAX(v, 1); break;
    case SO_BINDTOIFINDEX: return v < 0 ? -EINVAL : set_device(s, v, admin);
    case SO_MARK: /* for rules about routes, of which there are none */
        if (!admin)
            return -EPERM;
        s->mark = (u32)v;
        break;
    case SO_PRIORITY:
        if ((v < 0 || v > 6) && !admin)
            return -EPERM;
        s->priority = (u32)v;
        break;
    default: return -ENOPROTOOPT;
    }
    if (s->ops->buffers_changed)
        s->ops->buffers_changed(s);
    return 0;
}

static int set_common(struct socket *s, int name, const void *value, u32 len, bool admin)
{
    i32 v;
    switch (name) {
    case SO_RCVTIMEO:
    case SO_RCVTIMEO_NEW: return set_timeout(&s->recv_timeout_ns, value, len);
    case SO_SNDTIMEO:
    case SO_SNDTIMEO_NEW: return set_timeout(&s->send_timeout_ns, value, len);
    case SO_LINGER: return set_linger(s, value, len);
    case SO_BINDTODEVICE: return set_device_name(s, value, len, admin);
    }
    if (len < sizeof v)
        return -EINVAL;
    memcpy(&v, value, sizeof v);
    return set_word(s, name, v, admin);
}

int socket_set_option(struct socket *s, int level, int name, const void *value, u32 len, bool admin)
{
    if (level == SOL_SOCKET)
        return set_common(s, name, value, len, admin);
    return s->ops->set_option ? s->ops->set_option(s, level, name, value, len) : -EOPNOTSUPP;
}

static int give(void *value, u32 *len, const void *from, u32 n)
{
    *len = MIN(*len, n);
    memcpy(value, from, *len);
    return 0;
}

static int give_timeout(u64 ns, void *value, u32 *len)
{
    struct sock_timeval tv = { (i64)(ns / NSEC_PER_SEC), (i64)(ns % NSEC_PER_SEC / 1000) };
    return give(value, len, &tv, sizeof tv);
}

static int give_device(const struct socket *s, void *value, u32 *len)
{
    const struct netdev *d = s->device ? netdev_by_index(s->device) : NULL;
    if (d && *len < NETDEV_NAME_BYTES)
        return -EINVAL;
    return give(value, len, d ? d->name : "", d ? (u32)strlen(d->name) + 1 : 0);
}

static int word_of(struct socket *s, int name, i32 *v)
{
    const bool *flag = flag_of(s, name);
    bool ns, stamp = is_stamp(name, &ns);
    if (flag || stamp) {
        *v = stamp ? s->timestamp && s->timestamp_ns == ns : *flag;
        return 0;
    }
    switch (name) {
    case SO_TYPE: *v = s->type; break;
    case SO_DOMAIN: *v = s->family; break;
    case SO_PROTOCOL: *v = s->protocol; break;
    case SO_ERROR: *v = -socket_take_error(s); break;
    case SO_SNDBUF: *v = (i32)s->sndbuf; break;
    case SO_RCVBUF: *v = (i32)s->rcvbuf; break;
    case SO_RCVLOWAT: *v = (i32)s->recv_low; break;
    case SO_SNDLOWAT: *v = 1; break;
    case SO_PRIORITY: *v = (i32)s->priority; break;
    case SO_MARK: *v = (i32)s->mark; break;
    case SO_BINDTOIFINDEX: *v = s->device; break;
    case SO_ACCEPTCONN: *v = socket_is_listening(s); break;
    default: return -ENOPROTOOPT;
    }
    return 0;
}

static int get_common(struct socket *s, int name, void *value, u32 *len)
{
    i32 v;
    switch (name) {
    case SO_RCVTIMEO:
    case SO_RCVTIMEO_NEW: return give_timeout(s->recv_timeout_ns, value, len);
    case SO_SNDTIMEO:
    case SO_SNDTIMEO_NEW: return give_timeout(s->send_timeout_ns, value, len);
    case SO_LINGER: return give(value, len, &(struct sock_linger){ s->linger, (i32)s->linger_s },
                                sizeof(struct sock_linger));
    case SO_PEERCRED: return give(value, len, &s->peer_ids, sizeof s->peer_ids);
    case SO_COOKIE:
        if (*len < sizeof s->ino)
            return -EINVAL;
        return give(value, len, &s->ino, sizeof s->ino);
    case SO_BINDTODEVICE: return give_device(s, value, len);
    }
    int r = word_of(s, name, &v);
    return r < 0 ? r : give(value, len, &v, sizeof v);
}

int socket_get_option(struct socket *s, int level, int name, void *value, u32 *len)
{
    if (level == SOL_SOCKET)
        return get_common(s, name, value, len);
    return s->ops->get_option ? s->ops->get_option(s, level, name, value, len) : -EOPNOTSUPP;
}
