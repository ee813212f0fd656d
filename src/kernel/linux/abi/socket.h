/* Messages and their control data (linux/socket.h). What net/ shares with programs is in
 * net/net_abi.h. */
#pragma once
#include "lib/types.h"

#define LX_SOCK_TYPE_MASK 0xfu
#define LX_SOCK_NONBLOCK 04000u
#define LX_SOCK_CLOEXEC 02000000u

struct lx_msghdr { u64 name; u32 namelen, pad0; u64 iov, iovlen, control, controllen; u32 flags, pad1; };
struct lx_mmsghdr { struct lx_msghdr hdr; u32 len, pad; };
struct lx_cmsghdr { u64 len; i32 level, type; };
#define LX_CMSG_ALIGN(n) (((n) + 7) & ~7ull)

enum { LX_SCM_RIGHTS = 1, LX_SCM_CREDENTIALS = 2, LX_SCM_TIMESTAMP = 29, LX_SCM_TIMESTAMPNS = 35 };
#define LX_CONTROL_MAX 20480u /* net.core.optmem_max */

#define LX_SIOCOUTQ 0x5411
