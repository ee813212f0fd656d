/* Sockets as files: families by number, life, waiting.
 *
 *   socket_open --> ops (bind, connect, send ...) --> file goes: ops->release --> last put: ops->destroy
 *
 * A socket may outlive its file: a table of names, a peer or a packet on its way may hold it. After
 * release no system call reaches it any more. */
#include "net/socket.h"
#include "lib/assert.h"
#include "mm/slab.h"
#include "net/proc.h"
#include "sched/clock.h"
#include "sched/event_wait.h"

static const struct net_hooks *hooks;

void net_set_hooks(const struct net_hooks *h) { hooks = h; }

void net_caller_ids(const struct sock_msg *m, struct sock_ids *out)
{
    if (m->caller)
        *out = m->caller->ids;
    else
        hooks->caller_ids(out);
}

bool net_caller_may_admin(const struct sock_msg *m)
{
    return m->caller ? m->caller->may_admin : hooks->caller_may_admin();
}

static const struct net_family *const families[] = { &unix_family, &inet_family, &inet6_family, &netlink_family };

static const struct net_family *family_find(int family)
{
    for (size_t i = 0; i < ARRAY_SIZE(families); i++)
        if (families[i]->family == family)
            return families[i];
    return NULL;
}

static u32 alive; /* atomic */

u32 socket_count(void) { return __atomic_load_n(&alive, __ATOMIC_RELAXED); }

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol, u32 event_bits)
{
    static u64 last_ino;
    *s = (struct socket){
        .refs = 1, .family = (u16)family, .type = (u8)type, .protocol = (u16)protocol, .ops = ops,
        .sndbuf = SOCK_BUFFER_DEFAULT, .rcvbuf = SOCK_BUFFER_DEFAULT, .recv_low = 1,
        .peer_ids = { .uid = ~0u, .gid = ~0u },
        .ino = __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED) + 4096,
    };
    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    mutex_init(&s->lock, "socket");
    event_init(&s->event, "socket event", event_bits);
}

void socket_fini(struct socket *s)
{
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED);
    kfree(s->changed);
    event_fini(&s->event);
}

/* --- the file --- */

static ssize_t_k socket_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct socket *s = f->ctx;
    struct net_span span = { (u64)buf, n };
    struct sock_msg m = { .iter = net_iter_one(&span), .flags = file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0 };
    if (n == 0)
        return 0; /* even of a datagram socket: System V's rule, and Linux's */
    ssize_t_k r = s->ops->recv(s, &m);
    sock_handles_free(m.control.handles);
    return r;
}

static ssize_t_k socket_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct socket *s = f->ctx;
    struct net_span span = { (u64)buf, n };
    struct sock_msg m = { .iter = net_iter_one(&span), .flags = file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0 };
    return s->ops->send(s, &m);
}

_Static_assert(sizeof(struct file_span) == sizeof(struct net_span), "a span is a span");

static struct sock_msg spans_message(const struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    return (struct sock_msg){
        .iter = { .span = (const struct net_span *)v, .nspans = n, .left = total },
        .flags = file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0,
    };
}

static ssize_t_k socket_read_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    struct socket *s = f->ctx;
    struct sock_msg m = spans_message(f, v, n, total);
    if (total == 0)
        return 0;
    ssize_t_k r = s->ops->recv(s, &m);
    sock_handles_free(m.control.handles);
    return r;
}

static ssize_t_k socket_write_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    struct socket *s = f->ctx;
    struct sock_msg m = spans_message(f, v, n, total);
    return s->ops->send(s, &m);
}

static void socket_release(struct file *f)
{
    struct socket *s = f->ctx;
    s->ops->release(s);
    socket_put(s);
}

static int socket_getattr(struct file *f, struct vattr *out)
{
    struct socket *s = f->ctx;
    if (!nameless_changed(&s->changed, &s->lock, out))
        *out = (struct vattr){ .ino = s->ino, .mode = MODE_SOCK | 0777, .nlink = 1, .dev = 8, .uid = s->uid, .gid = s->gid };
    return 0;
}

static int socket_setattr(struct file *f, const struct vattr *in, unsigned what)
{
    struct socket *s = f->ctx;
    struct vattr old;
    int r = socket_getattr(f, &old);
    return r < 0 ? r : nameless_change(&s->changed, &s->lock, &old, in, what);
}

/* Without the lock, which bind has: what was kept once stays, and this is one word of it. */
u32 socket_mode(const struct socket *s)
{
    const struct vattr *a = __atomic_load_n(&s->changed, __ATOMIC_ACQUIRE);
    return a ? __atomic_load_n(&a->mode, __ATOMIC_RELAXED) & 0777 : 0777;
}

static const struct file_ops socket_file_ops = {
    .name = "socket", .read = socket_read, .write = socket_write, .read_spans = socket_read_spans,
    .write_spans = socket_write_spans,
    .release = socket_release, .getattr = socket_getattr, .setattr = socket_setattr,
};

struct socket *socket_of_file(const struct file *f) { return f->ops == &socket_file_ops ? f->ctx : NULL; }

int socket_file_create(struct socket *s, u32 file_flags, struct file **out)
{
    int r = file_create(&socket_file_ops, s, file_flags | FILE_READ | FILE_WRITE, out);
    if (r == 0) {
        struct sock_ids ids;
        hooks->caller_ids(&ids);
        s->uid = ids.uid;
        s->gid = ids.gid;
        (*out)->event = &s->event;
        s->file = *out;
    }
    return r;
}

/* A socket that no program has seen goes. */
static void discard(struct socket *s)
{
    s->ops->release(s);
    socket_put(s);
}

static int create(const struct net_family *fam, int type, int protocol, const struct sock_caller *c,
                  struct socket **out)
{
    if (type < SOCK_STREAM || type > SOCK_SEQPACKET)
        return -EINVAL;
    return fam->create(type, protocol, c, out);
}

int socket_open(int family, int type, int protocol, u32 file_flags, const struct sock_caller *c, struct file **out)
{
    struct socket *s;
    const struct net_family *fam = family_find(family);
    if (!fam)
        return -EAFNOSUPPORT;
    int r = create(fam, type, protocol, c, &s);
    if (r < 0)
        return r;
    r = socket_file_create(s, file_flags, out);
    if (r < 0)
        discard(s);
    return r;
}

/* Two sockets that know each other, then their files; what fails undoes what was done. */
int socket_open_pair(int family, int type, int protocol, u32 file_flags, const struct sock_caller *c,
                     struct file *out[2])
{
    struct socket *a, *b;
    const struct net_family *fam = family_find(family);
    if (!fam)
        return -EAFNOSUPPORT;
    int r = create(fam, type, protocol, c, &a);
    if (r < 0)
        return r;
    r = create(fam, type, protocol, c, &b);
    if (r < 0)
        goto discard_a;
    r = fam->pair ? fam->pair(a, b, c) : -EOPNOTSUPP;
    if (r < 0)
        goto discard_both;
    r = socket_file_create(a, file_flags, &out[0]);
    if (r < 0)
        goto discard_both;
    r = socket_file_create(b, file_flags, &out[1]);
    if (r == 0)
        return 0;
    file_put(out[0]);
    discard(b);
    return r;
discard_both:
    discard(b);
discard_a:
    discard(a);
    return r;
}

/* --- calls --- */

int socket_accept(struct socket *s, u32 flags, u32 file_flags, struct file **out, struct net_addr *peer)
{
    struct socket *fresh;
    int r = s->ops->accept ? s->ops->accept(s, flags, &fresh) : -EOPNOTSUPP;
    if (r < 0)
        return r;
    /* A peer that has gone meanwhile has no address any more: its connection is of no use. */
    r = peer ? fresh->ops->address(fresh, true, peer) : 0;
    if (r == -ENOTCONN)
        r = -ECONNABORTED;
    if (r == 0)
        r = socket_file_create(fresh, file_flags, out);
    if (r < 0)
        discard(fresh);
    return r;
}

int socket_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c)
{
    return s->ops->bind ? s->ops->bind(s, a, c) : -EOPNOTSUPP;
}

int socket_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    return s->ops->connect ? s->ops->connect(s, a, c, flags) : -EOPNOTSUPP;
}

int socket_listen(struct socket *s, int backlog, const struct sock_caller *c)
{
    return s->ops->listen ? s->ops->listen(s, backlog, c) : -EOPNOTSUPP;
}

int socket_address(struct socket *s, bool peer, struct net_addr *out) { return s->ops->address(s, peer, out); }

int socket_shutdown(struct socket *s, int how)
{
    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    return s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
}

int socket_queued(struct socket *s, bool out, u32 *bytes)
{
    return s->ops->queued ? s->ops->queued(s, out, bytes) : -EINVAL;
}

/* --- errors and waiting --- */

static bool has_error(const struct socket *s)
{
    return __atomic_load_n(&s->error, __ATOMIC_SEQ_CST) || __atomic_load_n(&s->reports, __ATOMIC_SEQ_CST);
}

/* POLL_ERR says whether there is an error, also when another thread takes it, or a new one comes, in between: whoever
 * changed the error last looks at it after he changed the bit. */
void socket_show_error(struct socket *s)
{
    bool there;
    do {
        there = has_error(s);
        if (there)
            event_set_quietly(&s->event, POLL_ERR);
        else
            event_clear(&s->event, POLL_ERR);
    } while (there != has_error(s));
}

int socket_take_error(struct socket *s)
{
    if (likely(!__atomic_load_n(&s->error, __ATOMIC_RELAXED)))
        return 0;
    int e = __atomic_exchange_n(&s->error, 0, __ATOMIC_SEQ_CST);
    socket_show_error(s);
    return -e;
}

void socket_set_error(struct socket *s, int error)
{
    ASSERT(error > 0);
    __atomic_store_n(&s->error, error, __ATOMIC_SEQ_CST);
    socket_show_error(s);
    event_tell(&s->event, POLL_ERR | POLL_READABLE | POLL_WRITABLE);
}

u64 socket_deadline(u64 timeout_ns)
{
    u64 now = timeout_ns ? clock_now_ns() : 0;
    return timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
}

int socket_wait(struct socket *s, u32 bits, u32 flags, u64 deadline)
{
    if (flags & MSG_DONTWAIT)
        return -EAGAIN;
    int r = event_wait(&s->event, bits, event_state(&s->event) & bits, WAIT_INTERRUPTIBLE, deadline);
    return socket_wait_result(r, deadline);
}
