/* epoll (linux/eventpoll.h). The flags in events are vfs/port.h's. */
#pragma once
#include "lib/types.h"

enum { LX_EPOLL_CTL_ADD = 1, LX_EPOLL_CTL_DEL, LX_EPOLL_CTL_MOD };

/* Packed on x86-64, so that it is as on 32-bit x86. */
struct lx_epoll_event { u32 events; u64 data; } __attribute__((packed));
_Static_assert(sizeof(struct lx_epoll_event) == 12, "struct epoll_event is 12 bytes");
