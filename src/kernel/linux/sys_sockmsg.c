/* Sending and receiving: send, recv and their forms with addresses, vectors and control data.
 *
 * Everything sent meets in send_message. Waits that a signal ends come back from
 * net/ as the restart codes they are. */
#include "linux/iovec.h"
#include "linux/sock.h"

#define SPANS_NEAR 8
_Static_assert(sizeof(struct lx_iovec) == sizeof(struct net_span), "a span is an iovec");

struct spans { struct lx_iovec near[SPANS_NEAR]; struct lx_iovec *at; };

static void spans_free(struct spans *v)
{
    if (v->at != v->near)
        kfree(v->at);
}

static int spans_get(struct spans *v, u64 user, u64 n, struct net_iter *it)
{
    u64 total;
    v->at = v->near;
    if (n > LX_IOV_MAX)
        return -EMSGSIZE;
    if (n > SPANS_NEAR && !(v->at = kmalloc(n * sizeof *v->at)))
        return -ENOMEM;
    int r = copy_from_user(v->at, uptr(user), n * sizeof *v->at);
    if (r == 0)
        r = lx_iovec_import(v->at, n, &total);
    if (r < 0) {
        spans_free(v);
        return r;
    }
    *it = (struct net_iter){ .span = (const struct net_span *)v->at, .nspans = (unsigned)n, .left = total };
    return 0;
}

static u32 msg_flags(const struct file *f, u64 flags)
{
    return (u32)flags | (file_has(f, FILE_NONBLOCK) ? MSG_DONTWAIT : 0);
}

/* --- sending --- */

static long send_message(struct socket *s, struct sock_msg *m)
{
    struct lx_caller lc;
    lx_caller_get(&lc, m->name);
    m->caller = &lc.c;
    long r = socket_send(s, m);
    lx_caller_put(&lc);
    sock_handles_free(m->control.handles);
    if (r == -EPIPE && s->type == SOCK_STREAM && !(m->flags & MSG_NOSIGNAL))
        lx_raise_here(SIGPIPE);
    return r;
}

static long send_flat(struct file *f, struct socket *s, struct net_span span, u64 flags, u64 addr, u64 addrlen)
{
    struct net_addr to;
    span.len = MIN(span.len, LX_RW_MAX);
    struct sock_msg m = { .iter = net_iter_one(&span), .flags = msg_flags(f, flags) };
    if (!user_range_ok(uptr(span.base), span.len))
        return -EFAULT;
    if (addr) {
        int r = lx_addr_get(addr, addrlen, &to);
        if (r < 0)
            return r;
        m.name = &to;
    }
    return send_message(s, &m);
}

long sys_sendto(u64 fd, u64 buf, u64 n, u64 flags, u64 addr, u64 addrlen)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, RIGHT_WRITE, &f, &s);
    if (b < 0)
        return b;
    long r = send_flat(f, s, (struct net_span){ buf, n }, flags, addr, addrlen);
    lx_file_return(f, b);
    return r;
}

static long send_spans(struct file *f, struct socket *s, const struct lx_msghdr *h, u64 flags, struct spans *v)
{
    struct net_addr to;
    struct sock_ip_control ip = { 0 };
    bool inet = s->family == AF_INET || s->family == AF_INET6;
    struct sock_msg m = { .flags = msg_flags(f, flags), .control.ip = h->controllen && inet ? &ip : NULL };
    int r = 0;
    if (h->name && h->namelen) {
        r = lx_addr_get(h->name, h->namelen, &to);
        m.name = &to;
    }
    if (r == 0)
        r = spans_get(v, h->iov, h->iovlen, &m.iter);
    if (r < 0)
        return r;
    if (h->controllen)
        r = lx_cmsg_get(s, h->control, h->controllen, &m.control);
    long sent = r < 0 ? r : send_message(s, &m);
    spans_free(v);
    return sent;
}

static long send_header(struct file *f, struct socket *s, u64 user, u64 flags)
{
    struct lx_msghdr h;
    struct spans v;
    if (copy_from_user(&h, uptr(user), sizeof h))
        return -EFAULT;
    if (h.name && (i32)h.namelen < 0)
        return -EINVAL;
    h.namelen = MIN(h.namelen, NET_ADDR_MAX);
    return send_spans(f, s, &h, flags, &v);
}

long sys_sendmsg(u64 fd, u64 msg, u64 flags, u64, u64, u64)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, RIGHT_WRITE, &f, &s);
    if (b < 0)
        return b;
    long r = send_header(f, s, msg, flags);
    lx_file_return(f, b);
    return r;
}

/* The length of message i, which was r. */
static int length_put(u64 vec, u64 i, long r)
{
    u32 n = (u32)r;
    return copy_to_user(uptr(vec + i * sizeof(struct lx_mmsghdr) + offsetof(struct lx_mmsghdr, len)), &n, sizeof n);
}

long sys_sendmmsg(u64 fd, u64 vec, u64 un, u64 flags, u64, u64)
{
    struct file *f;
    struct socket *s;
    u64 n = MIN((u64)(u32)un, (u64)LX_IOV_MAX), i = 0;
    int b = lx_sock_borrow((int)fd, RIGHT_WRITE, &f, &s);
    if (b < 0)
        return b;
    long r = 0;
    for (; i < n && r >= 0; i += r >= 0) {
        r = send_header(f, s, vec + i * sizeof(struct lx_mmsghdr), flags);
        if (r >= 0)
            r = length_put(vec, i, r);
    }
    lx_file_return(f, b);
    return i ? (long)i : r;
}

/* --- receiving --- */

static long recv_flat(struct file *f, struct socket *s, struct net_span span, u64 flags, u64 addr, u64 addrlen)
{
    struct net_addr from = { .len = 0 };
    span.len = MIN(span.len, LX_RW_MAX);
    struct sock_msg m = { .iter = net_iter_one(&span), .flags = msg_flags(f, flags), .name = addr ? &from : NULL };
    if (!user_range_ok(uptr(span.base), span.len))
        return -EFAULT;
    long n = socket_recv(s, &m);
    sock_handles_free(m.control.handles);
    if (n >= 0 && addr) {
        int r = lx_addr_put(addr, addrlen, &from);
        if (r < 0)
            return r;
    }
    return n;
}

long sys_recvfrom(u64 fd, u64 buf, u64 n, u64 flags, u64 addr, u64 addrlen)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, RIGHT_READ, &f, &s);
    if (b < 0)
        return b;
    long r = recv_flat(f, s, (struct net_span){ buf, n }, flags, addr, addrlen);
    lx_file_return(f, b);
    return r;
}

/* What was received beside the bytes, into the program's header. */
static int header_put(struct socket *s, struct sock_msg *m, u64 user, struct lx_msghdr *h)
{
    int r = lx_cmsg_put(s, &m->control, h->control, &h->controllen, m->flags, &m->flags_out);
    if (r == 0 && m->name) {
        u32 n = MIN(h->namelen, m->name->len);
        if (copy_to_user(uptr(h->name), m->name->bytes, n))
            return -EFAULT;
        h->namelen = m->name->len;
        r = copy_to_user(uptr(user + offsetof(struct lx_msghdr, namelen)), &h->namelen, sizeof h->namelen);
    }
    h->flags = m->flags_out | (m->flags & MSG_CMSG_CLOEXEC);
    if (r == 0)
        r = copy_to_user(uptr(user + offsetof(struct lx_msghdr, flags)), &h->flags, sizeof h->flags);
    if (r == 0)
        r = copy_to_user(uptr(user + offsetof(struct lx_msghdr, controllen)), &h->controllen, sizeof h->controllen);
    return r;
}

static long recv_header(struct file *f, struct socket *s, u64 user, u64 flags)
{
    struct lx_msghdr h;
    struct spans v;
    struct net_addr from = { .len = 0 };
    struct sock_ip_control ip;
    struct sock_msg m = { .flags = msg_flags(f, flags), .control.ip = &ip };
    ip.has = 0;
    if (copy_from_user(&h, uptr(user), sizeof h))
        return -EFAULT;
    if (h.name && (i32)h.namelen < 0)
        return -EINVAL;
    m.name = h.name ? &from : NULL;
    int r = spans_get(&v, h.iov, h.iovlen, &m.iter);
    if (r < 0)
        return r;
    long n = socket_recv(s, &m);
    spans_free(&v);
    if (n < 0) {
        sock_handles_free(m.control.handles);
        return n;
    }
    r = header_put(s, &m, user, &h);
    return r < 0 ? r : n;
}

long sys_recvmsg(u64 fd, u64 msg, u64 flags, u64, u64, u64)
{
    struct file *f;
    struct socket *s;
    int b = lx_sock_borrow((int)fd, RIGHT_READ, &f, &s);
    if (b < 0)
        return b;
    long r = recv_header(f, s, msg, flags);
    lx_file_return(f, b);
    return r;
}

/* Messages until there are n, an error, or the time is over, which is looked at after each only
 * (recvmmsg(2), BUGS). */
static long recv_many(struct file *f, struct socket *s, u64 vec, u64 n, u64 flags, u64 deadline)
{
    long r = 0;
    u64 i = 0;
    while (i < n) {
        r = recv_header(f, s, vec + i * sizeof(struct lx_mmsghdr), flags & ~(u64)MSG_WAITFORONE);
        if (r >= 0)
            r = length_put(vec, i, r);
        if (r < 0)
            break;
        i++;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        if (deadline && clock_now_ns() >= deadline)
            break;
    }
    if (!i)
        return r;
    if (r < 0 && r != -EAGAIN && r != -ERESTARTSYS && r != -ERESTARTNEVER)
        socket_set_error(s, (int)-r); /* the next call tells */
    return (long)i;
}

long sys_recvmmsg(u64 fd, u64 vec, u64 n, u64 flags, u64 timeout, u64)
{
    struct file *f;
    struct socket *s;
    u64 ns = 0, began = clock_now_ns();
    int r = timeout ? lx_timespec_get(uptr(timeout), &ns) : 0;
    if (r < 0)
        return r;
    int b = lx_sock_borrow((int)fd, RIGHT_READ, &f, &s);
    if (b < 0)
        return b;
    long got = recv_many(f, s, vec, MIN((u64)(u32)n, (u64)LX_IOV_MAX), flags, timeout ? lx_deadline(began, ns) : 0);
    lx_file_return(f, b);
    if (got > 0 && timeout) {
        u64 used = clock_now_ns() - began;
        r = lx_timespec_put(uptr(timeout), used < ns ? ns - used : 0);
    }
    return r < 0 ? r : got;
}
