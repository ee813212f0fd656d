/* What /proc/net shows. Each fn runs with a mutex held that no call on sockets waits for long; it may
 * allocate. Numbers that change meanwhile are read without their locks: each is right, not all of one
 * moment. */
#pragma once
#include "net/wire.h"

/* rx: bytes to read, or connections to accept. peer_ino: of a stream, or 0. */
struct unix_info {
    u32 refs, rx, max_backlog;
    u8 type, shut;
    bool listening, connected;
    u64 ino, peer_ino;
    const u8 *name;
    u32 len;
};
void unix_for_each(void (*fn)(const struct unix_info *i, void *ctx), void *ctx);

struct netlink_info { u32 protocol, port, groups, queued, refs; u64 ino; };
void netlink_for_each(void (*fn)(const struct netlink_info *i, void *ctx), void *ctx); /* those with a port */

/* state: enum tcp_state's numbers, which Linux uses for datagrams too. ino 0: no descriptor. */
struct inet_info {
    bool v6, v6only;
    u8 state, retries;
    u32 tx, rx, max_backlog, uid, refs; /* max_backlog: of a listener */
    u64 ino, timer_ns; /* timer_ns: until something is sent again; 0: nothing waits */
    struct inet_end local, remote;
};
enum inet_kind { INET_TCP, INET_UDP, INET_PING, INET_RAW };
void inet_for_each(enum inet_kind kind, void (*fn)(const struct inet_info *i, void *ctx), void *ctx);

u32 socket_count(void); /* of all families */
