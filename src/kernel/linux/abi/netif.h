/* Requests about network interfaces (linux/sockios.h, linux/if.h). */
#pragma once
#include "lib/types.h"

#define LX_SIOCADDRT 0x890b
#define LX_SIOCDELRT 0x890c
#define LX_SIOCGIFNAME 0x8910
#define LX_SIOCGIFCONF 0x8912
#define LX_SIOCGIFFLAGS 0x8913
#define LX_SIOCSIFFLAGS 0x8914
#define LX_SIOCGIFADDR 0x8915
#define LX_SIOCSIFADDR 0x8916
#define LX_SIOCGIFDSTADDR 0x8917
#define LX_SIOCGIFBRDADDR 0x8919
#define LX_SIOCSIFBRDADDR 0x891a
#define LX_SIOCGIFNETMASK 0x891b
#define LX_SIOCSIFNETMASK 0x891c
#define LX_SIOCGIFMETRIC 0x891d
#define LX_SIOCGIFMTU 0x8921
#define LX_SIOCSIFMTU 0x8922
#define LX_SIOCSIFNAME 0x8923
#define LX_SIOCSIFHWADDR 0x8924
#define LX_SIOCGIFHWADDR 0x8927
#define LX_SIOCGIFINDEX 0x8933
#define LX_SIOCGIFTXQLEN 0x8942
#define LX_SIOCSIFTXQLEN 0x8943
#define LX_SIOCETHTOOL 0x8946
#define LX_SIOCGIFMAP 0x8970
#define LX_SIOCSIFMAP 0x8971

/* struct ifreq: a name and what is asked, which begins with a family where it is an address. */
struct lx_ifreq {
    char name[16];
    union { u8 data[24]; u16 family, flags; i32 value; };
};
struct lx_ifconf { i32 len, pad; u64 buf; };
_Static_assert(sizeof(struct lx_ifreq) == 40 && sizeof(struct lx_ifconf) == 16, "as in linux/if.h");
