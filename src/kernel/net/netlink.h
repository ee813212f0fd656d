/* AF_NETLINK inside: requests are messages to the kernel, answers are messages in the socket's own
 * queue. Private to net/. netlink(7), rtnetlink(7).
 *
 * A request is worked on in the sender's call. What it answers is collected in a struct nl_reply and
 * put into the queue at once, so that a dump shows one moment. */
#pragma once
#include "net/socket.h"

/* Linux's numbers: linux/netlink.h. */
enum { NETLINK_ROUTE = 0, NETLINK_SOCK_DIAG = 4 };
enum { NLMSG_NOOP = 1, NLMSG_ERROR = 2, NLMSG_DONE = 3, NLMSG_FIRST_TYPE = 16 };
enum { NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_ACK = 4, NLM_F_ROOT = 0x100, NLM_F_CAPPED = 0x100,
       NLM_F_MATCH = 0x200, NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH };
struct nl_header { u32 len; u16 type, flags; u32 seq, port; };
struct nl_attr { u16 len, type; };
#define NL_ALIGN(n) (((n) + 3u) & ~3u)
#define NL_ATTR_TYPE 0x3fffu /* without NLA_F_NESTED and NLA_F_NET_BYTEORDER */

/* One datagram of answers. */
struct nl_packet { struct list link; u32 len, size; u8 data[]; };
#define NL_PACKET_BYTES 3840u  /* what programs read into is a page at least: glibc, iproute2 */
#define NL_MESSAGE_MAX 1024u   /* the longest message of ours that echoes nothing */

struct nl_reply {
    struct list packets;
    struct nl_packet *at;  /* the last of them */
    struct nl_header *now; /* the message that is being written, the last in it */
    u32 packet_bytes;      /* of packets that take several messages; 0: each has its own */
    u32 seq, port;
    int error;             /* -ENOBUFS: the answer is not complete */
};
/* A message with a body of `size` zeroed bytes, or NULL (see error). `room`: what the body may grow to. */
void *nl_begin(struct nl_reply *r, u16 type, u16 flags, u32 size, u32 room) MUST_CHECK;
/* Attributes of the message that was begun. */
void nl_put(struct nl_reply *r, u16 type, const void *value, u32 n);
static inline void nl_put_u32(struct nl_reply *r, u16 type, u32 v) { nl_put(r, type, &v, sizeof v); }
static inline void nl_put_u8(struct nl_reply *r, u16 type, u8 v) { nl_put(r, type, &v, sizeof v); }

/* A request, in kernel memory; its length has been held against what is there. */
struct nl_request { const struct nl_header *header; bool admin, strict; };
/* The body, if it has n bytes at least. */
const void *nl_body(const struct nl_request *q, u32 n);
/* The value of the first attribute `type` behind a body of `body` bytes, or NULL. It has n bytes. */
const void *nl_find(const struct nl_request *q, u32 body, u16 type, u32 n);

/* Answers a request of NETLINK_ROUTE: 0 or -errno, which becomes the acknowledgement. *dump: what was
 * answered ends with NLMSG_DONE (rtnetlink.c). */
int rtnetlink_request(const struct nl_request *q, struct nl_reply *r, bool *dump) MUST_CHECK;
/* The same of NETLINK_SOCK_DIAG (sock_diag.c). */
int sock_diag_request(const struct nl_request *q, struct nl_reply *r, bool *dump) MUST_CHECK;
