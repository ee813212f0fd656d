/* The Internet checksum: the ones' complement of the ones' complement sum of all 16-bit words, in
 * the byte order in which they lie there. RFC 1071. Pure. */
#include "net/wire.h"

/* An odd last byte counts as if a zero followed it; more than 2^16 bytes at once are fine. */
u32 checksum_add(u32 sum, const void *data, size_t n)
{
    const u8 *p = data;
    u64 s = sum;
    for (; n >= 4; n -= 4, p += 4) {
        u32 word;
        memcpy(&word, p, 4);
        s += word;
    }
    if (n >= 2) {
        s += (u32)(p[0] | p[1] << 8);
        p += 2;
        n -= 2;
    }
    if (n)
        s += p[0];
    s = (s & 0xffffffffu) + (s >> 32);
    s = (s & 0xffffffffu) + (s >> 32);
    s = (s & 0xffff) + (s >> 16);
    return (u32)((s & 0xffff) + (s >> 16));
}

u16 checksum_end(u32 sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (u16)~sum;
}

u32 checksum_pseudo(const struct ip_addr *src, const struct ip_addr *dst, u8 protocol, u32 len)
{
    bool v4 = ip_is_v4(src);
    size_t skip = v4 ? 12 : 0;
    u32 tail[2] = { swap32(len), swap32(protocol) };
    u32 sum = checksum_add(0, src->b + skip, 16 - skip);
    sum = checksum_add(sum, dst->b + skip, 16 - skip);
    return checksum_add(sum, tail, sizeof tail);
}
