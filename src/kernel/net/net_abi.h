/* Numbers of the socket interface. They are Linux's values (linux/socket.h, asm-generic/socket.h,
 * linux/in.h), so that linux/ passes them through as it passes the poll bits. */
#pragma once
#include "lib/types.h"

enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16, AF_PACKET = 17 };
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_SEQPACKET = 5 };
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };

#define MSG_OOB 0x1u
#define MSG_PEEK 0x2u
#define MSG_DONTROUTE 0x4u
#define MSG_CTRUNC 0x8u
#define MSG_TRUNC 0x20u
#define MSG_DONTWAIT 0x40u
#define MSG_EOR 0x80u
#define MSG_WAITALL 0x100u
#define MSG_CONFIRM 0x800u
#define MSG_ERRQUEUE 0x2000u
#define MSG_NOSIGNAL 0x4000u
#define MSG_MORE 0x8000u
#define MSG_WAITFORONE 0x10000u
#define MSG_FASTOPEN 0x20000000u
#define MSG_CMSG_CLOEXEC 0x40000000u

enum { SOL_IP = 0, SOL_SOCKET = 1, SOL_TCP = 6, SOL_UDP = 17, SOL_IPV6 = 41, SOL_NETLINK = 270 };
enum {
    SO_DEBUG = 1, SO_REUSEADDR = 2, SO_TYPE = 3, SO_ERROR = 4, SO_DONTROUTE = 5, SO_BROADCAST = 6, SO_SNDBUF = 7,
    SO_RCVBUF = 8, SO_KEEPALIVE = 9, SO_OOBINLINE = 10, SO_NO_CHECK = 11, SO_PRIORITY = 12, SO_LINGER = 13,
    SO_REUSEPORT = 15, SO_PASSCRED = 16, SO_PEERCRED = 17, SO_RCVLOWAT = 18, SO_SNDLOWAT = 19, SO_RCVTIMEO = 20,
    SO_SNDTIMEO = 21, SO_BINDTODEVICE = 25, SO_TIMESTAMP = 29, SO_ACCEPTCONN = 30, SO_SNDBUFFORCE = 32,
    SO_RCVBUFFORCE = 33, SO_TIMESTAMPNS = 35, SO_MARK = 36, SO_PROTOCOL = 38, SO_DOMAIN = 39, SO_COOKIE = 57,
    SO_BINDTOIFINDEX = 62, SO_TIMESTAMP_NEW = 63,
    SO_TIMESTAMPNS_NEW = 64, SO_RCVTIMEO_NEW = 66, SO_SNDTIMEO_NEW = 67,
};

/* An address as programs pass it: family in the first two bytes, then what the family says. */
#define NET_ADDR_MAX 128u /* struct sockaddr_storage */
struct net_addr {
    u32 len;
    union {
        u16 family;
        u8 bytes[NET_ADDR_MAX];
    };
};
