/* What /proc/net shows. fn runs with a mutex held that no call on sockets waits for long; it may
 * allocate. */
#pragma once
#include "lib/types.h"

struct unix_info { u32 refs; u8 type; bool listening, connected; u64 ino; const u8 *name; u32 len; };
void unix_for_each(void (*fn)(const struct unix_info *i, void *ctx), void *ctx);

struct netlink_info { u32 port, groups, queued, refs; u64 ino; };
void netlink_for_each(void (*fn)(const struct netlink_info *i, void *ctx), void *ctx); /* those with a port */
