/* A header's 512 bytes, and pax records. See tar.h. Offsets: POSIX, XCU, pax, "ustar Interchange Format". */
#include "tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME = 0, NAME_LEN = 100, MODE = 100, UID = 108, GID = 116, SIZE = 124, MTIME = 136, SUM = 148, TYPE = 156,
    LINK = 157, LINK_LEN = 100, MAGIC = 257, MAJOR = 329, MINOR = 337, PREFIX = 345, PREFIX_LEN = 155,
};

bool header_has_data(const struct member *member)
{
    return !strchr("123456", member->type);
}

bool header_is_zero(const unsigned char block[BLOCK])
{
    for (int i = 0; i < BLOCK; i++)
        if (block[i])
            return false;
    return true;
}

static unsigned checksum(const unsigned char block[BLOCK])
{
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= SUM && i < SUM + 8 ? ' ' : block[i];
    return sum;
}

/* Octal digits; or, with the first bit set, GNU's binary number. False: neither, or it does not fit. */
static bool number(const unsigned char *at, size_t len, int64_t *out)
{
    uint64_t value = 0;
    if (*at & 0x80) {
        bool negative = *at & 0x40;
        value = negative ? ~0ull : 0;
        for (size_t i = 0; i < len; i++) {
            unsigned char byte = i ? at[i] : negative ? *at : *at & 0x7f;
            if (i + 8 < len && byte != (negative ? 0xff : 0))
                return false;
            value = value << 8 | byte;
        }
        *out = (int64_t)value;
        return negative == (*out < 0);
    }
    while (len > 0 && *at == ' ')
        at++, len--;
    for (; len > 0 && *at >= '0' && *at <= '7'; at++, len--)
        value = value << 3 | (unsigned)(*at - '0'); /* 12 digits at most: 36 bits */
    *out = (int64_t)value;
    return len == 0 || *at == 0 || *at == ' ';
}

static char *text(const unsigned char *at, size_t max)
{
    return strndup((const char *)at, max);
}

bool header_parse(const unsigned char block[BLOCK], struct member *out)
{
    int64_t sum, mode, uid, gid, size, mtime, maj = 0, min = 0;
    if (!number(block + SUM, 8, &sum) || sum != checksum(block) || !number(block + MODE, 8, &mode) ||
        !number(block + UID, 8, &uid) || !number(block + GID, 8, &gid) || !number(block + SIZE, 12, &size) ||
        !number(block + MTIME, 12, &mtime) || size < 0)
        return false;
    bool posix = memcmp(block + MAGIC, "ustar", 6) == 0;
    if (memcmp(block + MAGIC, "ustar", 5) == 0 && (!number(block + MAJOR, 8, &maj) || !number(block + MINOR, 8, &min)))
        return false;
    *out = (struct member){ .type = block[TYPE] ? (char)block[TYPE] : '0', .mode = (mode_t)mode & 07777, .uid = (unsigned long)uid,
        .gid = (unsigned long)gid, .size = (uint64_t)size, .mtime = mtime, .major = (unsigned)maj,
        .minor = (unsigned)min };
    if (posix && block[PREFIX]) {
        char whole[PREFIX_LEN + NAME_LEN + 2];
        snprintf(whole, sizeof whole, "%.*s/%.*s", PREFIX_LEN, block + PREFIX, NAME_LEN, block + NAME);
        out->name = strdup(whole);
    } else {
        out->name = text(block + NAME, NAME_LEN);
    }
    out->link = text(block + LINK, LINK_LEN);
    if (out->type == '7')
        out->type = '0'; /* contiguous: a file like others */
    if (out->type == '0' && out->name && *out->name && out->name[strlen(out->name) - 1] == '/')
        out->type = '5'; /* archives older than types */
    return out->name && out->link;
}

static bool put_number(unsigned char *at, int len, uint64_t value)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%0*llo", len - 1, (unsigned long long)value);
    memcpy(at, n < len ? digits : "77777777777", (size_t)(len - 1));
    return n < len;
}

/* The name, or its last 100 bytes and the folders before them. */
static bool put_name(unsigned char block[BLOCK], const char *name)
{
    size_t len = strlen(name);
    if (len <= NAME_LEN) {
        memcpy(block + NAME, name, len);
        return true;
    }
    const char *cut = strchr(len > NAME_LEN + 1 ? name + len - NAME_LEN - 1 : name + 1, '/');
    if (cut && cut[1] && cut - name <= PREFIX_LEN) {
        memcpy(block + PREFIX, name, (size_t)(cut - name));
        memcpy(block + NAME, cut + 1, strlen(cut + 1));
        return true;
    }
    memcpy(block + NAME, name, NAME_LEN);
    return false;
}

bool header_format(unsigned char block[BLOCK], const struct member *member)
{
    memset(block, 0, BLOCK);
    bool fits = put_name(block, member->name);
    size_t link_len = member->link ? strlen(member->link) : 0;
    fits &= link_len <= LINK_LEN;
    memcpy(block + LINK, member->link ? member->link : "", link_len < LINK_LEN ? link_len : LINK_LEN);
    put_number(block + MODE, 8, member->mode & 07777);
    put_number(block + UID, 8, member->uid);
    put_number(block + GID, 8, member->gid);
    fits &= put_number(block + SIZE, 12, member->size);
    put_number(block + MTIME, 12, member->mtime > 0 ? (uint64_t)member->mtime : 0);
    put_number(block + MAJOR, 8, member->major);
    put_number(block + MINOR, 8, member->minor);
    block[TYPE] = (unsigned char)member->type;
    memcpy(block + MAGIC, "ustar\0" "00", 8);
    snprintf((char *)block + SUM, 8, "%06o", checksum(block));
    block[SUM + 7] = ' ';
    return fits;
}

static bool is_key(const char *record, size_t len, const char *key)
{
    size_t n = strlen(key);
    return len > n && memcmp(record, key, n) == 0 && record[n] == '=';
}

static void replace(char **old, const char *value, size_t len)
{
    char *fresh = strndup(value, len);
    if (!fresh)
        return;
    free(*old);
    *old = fresh;
}

/* One "key=value". */
static void apply(const char *record, size_t len, struct member *member, bool *has_size)
{
    const char *value = memchr(record, '=', len);
    char digits[32];
    if (!value)
        return;
    size_t n = len - (size_t)(++value - record);
    snprintf(digits, sizeof digits, "%.*s", n < sizeof digits ? (int)n : 0, value);
    if (is_key(record, len, "path"))
        replace(&member->name, value, n);
    else if (is_key(record, len, "linkpath"))
        replace(&member->link, value, n);
    else if (is_key(record, len, "size") && *digits >= '0' && *digits <= '9')
        member->size = strtoull(digits, NULL, 10), *has_size = true;
    else if (is_key(record, len, "mtime"))
        member->mtime = strtoll(digits, NULL, 10);
    else if (is_key(record, len, "uid"))
        member->uid = strtoul(digits, NULL, 10);
    else if (is_key(record, len, "gid"))
        member->gid = strtoul(digits, NULL, 10);
}

void pax_apply(const char *records, size_t len, struct member *member, bool *has_size)
{
    for (size_t at = 0; at < len;) {
        size_t n = 0, digits = 0;
        while (at + digits < len && digits < 8 && records[at + digits] >= '0' && records[at + digits] <= '9')
            n = n * 10 + (size_t)(records[at + digits++] - '0');
        if (digits == 0 || n < digits + 3 || n > len - at || records[at + digits] != ' ' || records[at + n - 1] != '\n')
            return; /* what is not a record ends them */
        apply(records + at + digits + 1, n - digits - 2, member, has_size);
        at += n;
    }
}

size_t pax_add(char *out, size_t size, const char *key, const char *value)
{
    size_t rest = strlen(key) + strlen(value) + 3, n = rest + 1; /* the length counts its own digits */
    while (n != rest + (size_t)snprintf(NULL, 0, "%zu", n))
        n = rest + (size_t)snprintf(NULL, 0, "%zu", n);
    return (size_t)snprintf(out, size, "%zu %s=%s\n", n, key, value);
}
