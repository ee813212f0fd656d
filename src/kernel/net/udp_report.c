/* What became of datagrams that did not arrive: errors that came back as ICMP, and for who asked to be told
 * (IP_RECVERR, IPV6_RECVERR) a queue of reports, each with what was sent, where to, and who said no. ip(7).
 *
 * Reports take up as much as the socket may receive, beside what it receives; what does not fit is an error without
 * a report. The socket's pending error is that of the first report as long as there are any. */
#include "lib/assert.h"
#include "mm/slab.h"
#include "net/udp.h"

struct udp_report {
    struct list link;
    struct sock_ip_report what;
    struct inet_end to;
    u32 size, len;
    u8 data[];
};

static struct udp_report *report_make(const struct udp_news *n)
{
    u32 size = (u32)sizeof(struct udp_report) + n->len;
    struct udp_report *r = kmalloc(size);
    if (!r)
        return NULL;
    *r = (struct udp_report){ .what = n->what, .to = n->to, .size = size, .len = n->len };
    memcpy(r->data, n->data, n->len);
    return r;
}

static void report_add(struct udp_sock *u, const struct udp_news *n)
{
    struct udp_report *r = report_make(n);
    if (!r)
        return;
    mutex_lock(&u->queue_lock);
    bool fits = !u->closed && u->reported + r->size <= u->i.s.rcvbuf;
    if (fits) {
        list_push_back(&u->reports, &r->link);
        u->reported += r->size;
        __atomic_store_n(&u->i.s.reports, true, __ATOMIC_SEQ_CST);
    }
    mutex_unlock(&u->queue_lock);
    if (!fits)
        kfree(r);
}

/* Who is not connected hears only what he asked for: he may have sent to many. */
void udp_error(const struct udp_news *n)
{
    struct inet_sock *i = port_find(&udp_ports, &n->from, &n->to, false);
    if (!i)
        return;
    bool asked = i->word[ip_is_v4(&n->to.addr) ? INET_RECVERR : INET6_RECVERR];
    if (asked)
        report_add(udp_of(&i->s), n);
    if (asked || i->remote.port)
        socket_set_error(&i->s, n->what.error);
    socket_put(&i->s);
}

/* The first one, off the queue; NULL: none. */
static struct udp_report *report_take(struct udp_sock *u)
{
    struct socket *s = &u->i.s;
    mutex_lock(&u->queue_lock);
    struct list *link = list_pop_front(&u->reports);
    struct udp_report *r = link ? list_entry(link, struct udp_report, link) : NULL;
    bool more = !list_empty(&u->reports);
    if (r) {
        u->reported -= r->size;
        __atomic_store_n(&s->reports, more, __ATOMIC_SEQ_CST);
        __atomic_store_n(&s->error, more ? list_first(&u->reports, struct udp_report, link)->what.error : 0, __ATOMIC_SEQ_CST);
    }
    mutex_unlock(&u->queue_lock);
    if (r)
        socket_show_error(s);
    return r;
}

static ssize_t_k report_show(struct udp_sock *u, struct udp_report *r, struct sock_msg *m)
{
    size_t n = MIN((size_t)r->len, m->iter.left);
    if (net_iter_put(&m->iter, r->data, n) != n)
        return -EFAULT;
    m->flags_out |= MSG_ERRQUEUE | (n < r->len ? MSG_TRUNC : 0);
    if (m->name)
        inet_end_put(&u->i, &r->to, m->name);
    if (m->control.ip) {
        m->control.ip->has = u->i.s.family == AF_INET ? SOCK_IP_REPORT : SOCK_IP6_REPORT;
        m->control.ip->report = r->what;
    }
    return (ssize_t_k)n;
}

ssize_t_k udp_report_recv(struct udp_sock *u, struct sock_msg *m)
{
    struct udp_report *r = report_take(u);
    if (!r)
        return -EAGAIN;
    ssize_t_k n = report_show(u, r, m);
    kfree(r);
    return n;
}

void udp_reports_drop(struct udp_sock *u)
{
    struct list left = LIST_INIT(left), *link;
    mutex_lock(&u->queue_lock);
    list_splice_front(&left, &u->reports);
    u->reported = 0;
    __atomic_store_n(&u->i.s.reports, false, __ATOMIC_SEQ_CST);
    mutex_unlock(&u->queue_lock);
    socket_show_error(&u->i.s);
    while ((link = list_pop_front(&left)))
        kfree(list_entry(link, struct udp_report, link));
}
