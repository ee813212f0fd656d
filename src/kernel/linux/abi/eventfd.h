/* eventfd, timerfd and signalfd (linux/eventfd.h, linux/timerfd.h, linux/signalfd.h). Their CLOEXEC and
 * NONBLOCK are open's. */
#pragma once
#include "lib/types.h"

#define LX_EFD_SEMAPHORE 1u

#define LX_TFD_TIMER_ABSTIME 1u
#define LX_TFD_TIMER_CANCEL_ON_SET 2u

struct lx_signalfd_siginfo {
    u32 signo;
    i32 errno_, code;
    u32 pid, uid;
    i32 fd;
    u32 tid, band, overrun, trapno;
    i32 status, value_int;
    u64 value_ptr, utime, stime, addr;
    u16 addr_lsb, pad2;
    i32 syscall;
    u64 call_addr;
    u32 arch;
    u8 pad[28];
};
_Static_assert(sizeof(struct lx_signalfd_siginfo) == 128, "signalfd_siginfo is 128 bytes");
