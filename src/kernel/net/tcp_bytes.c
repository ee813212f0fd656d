/* TCP, the bytes of a segment: what of it is new and fits, and what came before its turn. RFC 9293 3.10.7.4. Pure. */
#include "net/tcp_machine_priv.h"

bool tcp_trim(struct tcp *t, struct tcp_segment *s)
{
    u32 taken = s->len + ((s->flags & TCP_FIN) != 0), w = t->rcv_room;
    if (seq_before(s->seq, t->rcv_nxt)) {
        u32 old = t->rcv_nxt - s->seq;
        if (old > taken || (old == taken && taken))
            return false;
        if (old > s->len)
            return false;
        s->data += old;
        s->len -= old;
        s->seq = t->rcv_nxt;
    }
    u32 offset = s->seq - t->rcv_nxt;
    if (offset > w || (offset == w && taken && w))
        return false;
    if (s->len > w - offset) {
        s->len = w - offset;
        s->flags &= (u8)~TCP_FIN;
        t->ack_now = true; /* as to a probe of a closed window */
    }
    return true;
}

/* Remembers [from, to): merges what meets. False: the table is full. */
static bool early_add(struct tcp *t, u32 from, u32 to)
{
    for (unsigned i = 0; i < t->nearly;) {
        struct tcp_range *r = &t->early[i];
        if (seq_before(to, r->from) || seq_before(r->to, from)) {
            i++;
            continue;
        }
        from = seq_before(r->from, from) ? r->from : from;
        to = seq_before(to, r->to) ? r->to : to;
        *r = t->early[--t->nearly];
    }
    if (t->nearly == TCP_RANGES)
        return false;
    t->early[t->nearly++] = (struct tcp_range){ from, to };
    return true;
}

/* How far the bytes reach without a gap from rcv_nxt on. */
static u32 in_order(struct tcp *t)
{
    for (unsigned i = 0; i < t->nearly; i++)
        if (!seq_before(t->rcv_nxt, t->early[i].from) && seq_before(t->rcv_nxt, t->early[i].to)) {
            u32 n = t->early[i].to - t->rcv_nxt;
            t->early[i] = t->early[--t->nearly];
            return n;
        }
    return 0;
}

void tcp_data_take(struct tcp *t, const struct tcp_segment *s)
{
    u32 offset = s->seq - t->rcv_nxt, n = s->len;
    if (!n)
        return;
    t->ack_now = true;
    if (t->ops->store(t, offset, s->data, n))
        return; /* no memory: it will come again */
    if (offset || t->nearly) {
        if (!early_add(t, s->seq, s->seq + n))
            return;
        n = in_order(t);
    }
    if (!n)
        return;
    t->rcv_nxt += n;
    t->rcv_room -= n;
    t->ops->received(t, n);
    t->events |= TCP_EV_DATA;
}
