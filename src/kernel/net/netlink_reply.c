/* Netlink messages: read without belief, written into packets. Pure but for the packets' memory.
 *
 * A message says how large it may become before it begins, so a packet that is too full is seen then
 * and nothing is ever moved; what grows beyond that is a bug of ours. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "net/netlink.h"

static struct nl_packet *packet_for(struct nl_reply *r, u32 room)
{
    if (r->at && r->packet_bytes && room <= r->at->size - r->at->len)
        return r->at;
    u32 size = MAX(room, r->packet_bytes);
    struct nl_packet *p = kmalloc(sizeof *p + size);
    if (!p)
        return NULL;
    *p = (struct nl_packet){ .size = size };
    list_push_back(&r->packets, &p->link);
    r->at = p;
    return p;
}

/* n zeroed bytes at the end of the message. */
static void *extend(struct nl_reply *r, u32 n)
{
    struct nl_packet *p = r->at;
    ASSERT(NL_ALIGN(n) <= p->size - p->len);
    void *at = memset(p->data + p->len, 0, NL_ALIGN(n));
    p->len += NL_ALIGN(n);
    return at;
}

void *nl_begin(struct nl_reply *r, u16 type, u16 flags, u32 size, u32 room)
{
    struct nl_packet *p = r->error ? NULL : packet_for(r, (u32)sizeof(struct nl_header) + NL_ALIGN(room));
    if (!p) {
        r->error = -ENOBUFS;
        return NULL;
    }
    r->now = extend(r, sizeof *r->now);
    *r->now = (struct nl_header){ .len = (u32)sizeof *r->now + size, .type = type, .flags = flags, .seq = r->seq, .port = r->port };
    return extend(r, size);
}

void nl_put(struct nl_reply *r, u16 type, const void *value, u32 n)
{
    u8 *at = extend(r, (u32)sizeof(struct nl_attr) + n);
    struct nl_attr a = { .len = (u16)(sizeof a + n), .type = type };
    memcpy(at, &a, sizeof a);
    memcpy(at + sizeof a, value, n);
    r->now->len = (u32)(r->at->data + r->at->len - (u8 *)r->now);
}

const void *nl_body(const struct nl_request *q, u32 n)
{
    return q->header->len - sizeof *q->header >= n ? q->header + 1 : NULL;
}

const void *nl_find(const struct nl_request *q, u32 body, u16 type, u32 n)
{
    const u8 *at = nl_body(q, NL_ALIGN(body));
    if (!at)
        return NULL;
    u32 left = q->header->len - (u32)sizeof *q->header - NL_ALIGN(body);
    at += NL_ALIGN(body);
    while (left >= sizeof(struct nl_attr)) {
        struct nl_attr a;
        memcpy(&a, at, sizeof a);
        if (a.len < sizeof a || a.len > left)
            return NULL;
        if ((a.type & NL_ATTR_TYPE) == type)
            return a.len - sizeof a >= n ? at + sizeof a : NULL;
        u32 step = MIN(NL_ALIGN(a.len), left);
        at += step;
        left -= step;
    }
    return NULL;
}
