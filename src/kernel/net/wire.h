/* What lies on the wire: headers (RFC 791, 768, 792, 4443, 8200, 9293), byte order, checksums. Pure.
 *
 * Inside, an address is 16 bytes whatever its version: IPv4 as IPv6 maps it (::ffff:a.b.c.d, RFC 4291
 * 2.5.5.2), so that only ip.c knows two kinds. Ports are in host order outside of headers. */
#pragma once
#include "lib/string.h"
#include "lib/types.h"

struct ip_addr { u8 b[16]; };
struct inet_end { struct ip_addr addr; u16 port; };

static inline u16 swap16(u16 v) { return (u16)(v << 8 | v >> 8); }
static inline u32 swap32(u32 v) { return __builtin_bswap32(v); }

struct ip4_header { u8 version_ihl, tos; u16 total, id, fragment; u8 ttl, protocol; u16 checksum; u8 src[4], dst[4]; };
struct ip6_header { u32 version_flow; u16 payload; u8 next, hops; u8 src[16], dst[16]; };
struct udp_header { u16 src, dst, length, checksum; };
struct icmp_header { u8 type, code; u16 checksum, id, seq; };
struct tcp_header { u16 src, dst; u32 seq, ack; u8 offset, flags; u16 window, checksum, urgent; };
_Static_assert(sizeof(struct ip4_header) == 20 && sizeof(struct ip6_header) == 40 && sizeof(struct tcp_header) == 20,
               "as on the wire");
#define IP4_DONT_FRAGMENT 0x4000u
#define IP4_FRAGMENT_BITS 0x3fffu /* more fragments, and the offset */

enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58, IP_RAW = 255 };
enum { ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_ECHO = 8, ICMP6_UNREACHABLE = 1, ICMP6_ECHO = 128,
       ICMP6_ECHO_REPLY = 129 };
enum { ICMP_PORT = 3, ICMP6_PORT = 4 }; /* codes of unreachable */

static inline bool ip_is_v4(const struct ip_addr *a)
{
    static const u8 prefix[12] = { [10] = 0xff, [11] = 0xff };
    return memcmp(a->b, prefix, 12) == 0;
}
static inline struct ip_addr ip_from_v4(const u8 *v4)
{
    struct ip_addr a = { .b = { [10] = 0xff, [11] = 0xff } };
    memcpy(a.b + 12, v4, 4);
    return a;
}
static inline bool ip_equal(const struct ip_addr *a, const struct ip_addr *b) { return memcmp(a, b, sizeof *a) == 0; }
/* 0.0.0.0 or :: */
static inline bool ip_is_any(const struct ip_addr *a)
{
    static const u8 zero[16];
    return memcmp(a->b, zero, 16) == 0 || (ip_is_v4(a) && memcmp(a->b + 12, zero, 4) == 0);
}
static inline bool ip_is_loopback(const struct ip_addr *a)
{
    static const u8 one[16] = { [15] = 1 };
    return ip_is_v4(a) ? a->b[12] == 127 : memcmp(a->b, one, 16) == 0;
}

/* The Internet checksum (RFC 1071): sums add up, the last step folds and inverts. */
u32 checksum_add(u32 sum, const void *data, size_t n);
u16 checksum_end(u32 sum);
/* The sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1). */
u32 checksum_pseudo(const struct ip_addr *src, const struct ip_addr *dst, u8 protocol, u32 len);
