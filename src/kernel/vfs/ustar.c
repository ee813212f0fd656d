/* Reading tar archives: POSIX ustar and pax (IEEE 1003.1, pax, "ustar Interchange Format" and "pax
 * Interchange Format"), and GNU's long names and binary numbers. Pure; nothing is copied but a name
 * that is split over two fields.
 *
 * Every length is checked against what is left before it is used. The archive must end with a block
 * of zeroes: without it it was cut off. Sparse files and other kinds that we cannot make are
 * refused by name, not skipped. */
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "vfs/archive_priv.h"

#define BLOCK 512u
#define KIND "ustar"

struct ustar_header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8], typeflag, linkname[100];
    char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct ustar_header) == BLOCK, "POSIX: a header is one block");

struct text { const char *p; size_t len; }; /* p NULL: not given */

/* What headers before an entry said about it. */
struct overrides {
    struct text path, link;
    bool has_size, has_uid, has_gid, has_mtime;
    u64 size, uid, gid, mtime;
};

struct reader {
    const u8 *data;
    u64 size, at; /* at: the header in hand */
    char *error;
    struct overrides over;
};

static int damaged(struct reader *r, const char *what) { return archive_damaged(r->error, KIND, what, r->at); }

static u32 header_sum(const struct ustar_header *h)
{
    const u8 *b = (const u8 *)h;
    u32 sum = 8 * ' ';
    for (size_t i = 0; i < BLOCK; i++)
        if (i < offsetof(struct ustar_header, chksum) || i >= offsetof(struct ustar_header, typeflag))
            sum += b[i];
    return sum;
}

/* Big-endian binary behind a byte 0x80 (GNU). Negative numbers and more than 64 bits are refused. */
static bool number_binary(const u8 *f, size_t n, u64 *out)
{
    u64 v = f[0] & 0x3f;
    if (f[0] & 0x40)
        return false;
    for (size_t i = 1; i < n; i++) {
        if (v >> 56)
            return false;
        v = v << 8 | f[i];
    }
    *out = v;
    return true;
}

/* Octal digits with blanks around, ended by blank or NUL or the field's end; empty is 0. */
static bool number(const char *field, size_t n, u64 *out)
{
    size_t i = 0;
    u64 v = 0;
    if ((u8)field[0] & 0x80)
        return number_binary((const u8 *)field, n, out);
    while (i < n && field[i] == ' ')
        i++;
    for (; i < n && field[i] >= '0' && field[i] <= '7'; i++) {
        if (v >> 61)
            return false;
        v = v << 3 | (u64)(field[i] - '0');
    }
    *out = v;
    return i == n || field[i] == 0 || field[i] == ' ';
}
#define NUMBER(h, field, out) number((h)->field, sizeof (h)->field, out)

static bool header_valid(const struct ustar_header *h)
{
    u64 sum;
    return NUMBER(h, chksum, &sum) && sum == header_sum(h);
}

bool ustar_detect(const void *data, u64 size)
{
    const struct ustar_header *h = data;
    return size >= BLOCK && memcmp(h->magic, "ustar", 5) == 0;
}

static bool block_is_zero(const u8 *b)
{
    for (size_t i = 0; i < BLOCK; i++)
        if (b[i])
            return false;
    return true;
}

/* Decimal text, a fraction is ignored. */
static bool decimal(struct text t, u64 *out)
{
    u64 v = 0;
    size_t i = 0;
    for (; i < t.len && t.p[i] >= '0' && t.p[i] <= '9'; i++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (u64)(t.p[i] - '0'), &v))
            return false;
    *out = v;
    return i > 0 && (i == t.len || t.p[i] == '.');
}

static bool key_is(struct text key, const char *name)
{
    return strlen(name) == key.len && memcmp(key.p, name, key.len) == 0;
}

static bool pax_apply(struct overrides *o, struct text key, struct text value)
{
    if (key_is(key, "path"))
        o->path = value;
    else if (key_is(key, "linkpath"))
        o->link = value;
    else if (key_is(key, "size"))
        return o->has_size = decimal(value, &o->size);
    else if (key_is(key, "uid"))
        return o->has_uid = decimal(value, &o->uid);
    else if (key_is(key, "gid"))
        return o->has_gid = decimal(value, &o->gid);
    else if (key_is(key, "mtime"))
        o->has_mtime = decimal(value, &o->mtime); /* before 1970: the header's */
    return true;
}

/* Records "LENGTH KEY=VALUE\n", LENGTH counting all of it. */
static bool pax_parse(struct overrides *o, const char *p, size_t left)
{
    while (left) {
        const char *space = memchr(p, ' ', MIN(left, 20));
        u64 n;
        if (!space || !decimal((struct text){ p, (size_t)(space - p) }, &n))
            return false;
        size_t head = (size_t)(space - p) + 1;
        if (n <= head || n > left || p[n - 1] != '\n')
            return false;
        struct text key = { space + 1, 0 };
        const char *eq = memchr(key.p, '=', n - head - 1);
        if (!eq)
            return false;
        key.len = (size_t)(eq - key.p);
        if (!pax_apply(o, key, (struct text){ eq + 1, (size_t)(p + n - 1 - (eq + 1)) }))
            return false;
        p += n;
        left -= n;
    }
    return true;
}

static struct text field_text(const char *f, size_t n) { return (struct text){ f, strnlen(f, n) }; }

/* The entry's name; split over prefix and name it is joined in buf. */
static struct text entry_path(const struct reader *r, const struct ustar_header *h, char buf[257])
{
    if (r->over.path.p)
        return r->over.path;
    struct text name = field_text(h->name, sizeof h->name);
    /* GNU's older magic "ustar  " has other things where the prefix would be. */
    if (memcmp(h->magic, "ustar", 6) != 0 || !h->prefix[0])
        return name;
    struct text prefix = field_text(h->prefix, sizeof h->prefix);
    memcpy(buf, prefix.p, prefix.len);
    buf[prefix.len] = '/';
    memcpy(buf + prefix.len + 1, name.p, name.len);
    return (struct text){ buf, prefix.len + 1 + name.len };
}

static u32 mode_of_type(char type, bool slash)
{
    switch (type) {
    case '0': case 0: return slash ? 0040000 : 0100000;
    case '7': case '1': return 0100000;
    case '2': return 0120000;
    case '3': return 0020000;
    case '4': return 0060000;
    case '5': return 0040000;
    case '6': return 0010000;
    default: return 0;
    }
}

static bool entry_numbers(const struct reader *r, const struct ustar_header *h, struct archive_entry *e)
{
    u64 mode, uid, gid, major, minor;
    if (!NUMBER(h, mode, &mode) || !NUMBER(h, uid, &uid) || !NUMBER(h, gid, &gid) || !NUMBER(h, mtime, &e->mtime_s) ||
        !NUMBER(h, devmajor, &major) || !NUMBER(h, devminor, &minor))
        return false;
    uid = r->over.has_uid ? r->over.uid : uid;
    gid = r->over.has_gid ? r->over.gid : gid;
    if (r->over.has_mtime)
        e->mtime_s = r->over.mtime;
    e->mode = (u32)mode & 07777;
    e->uid = (u32)uid;
    e->gid = (u32)gid;
    e->major = (u32)major;
    e->minor = (u32)minor;
    return uid <= 0xffffffff && gid <= 0xffffffff && major <= 0xffffffff && minor <= 0xffffffff;
}

static int report(struct reader *r, const struct ustar_header *h, u64 size, u64 next, archive_fn fn, void *ctx)
{
    char joined[sizeof h->prefix + 1 + sizeof h->name + 1];
    struct archive_entry e = { .behind = r->data + next };
    struct text path = entry_path(r, h, joined);
    struct text link = r->over.link.p ? r->over.link : field_text(h->linkname, sizeof h->linkname);
    u32 type = mode_of_type(h->typeflag, path.len && path.p[path.len - 1] == '/');
    if (!type)
        return damaged(r, "entry of an unsupported type");
    if (!entry_numbers(r, h, &e))
        return damaged(r, "bad number in the header");
    e.hardlink = h->typeflag == '1';
    if (!archive_clean_path(&path.p, &path.len))
        return damaged(r, "name with \"..\" or NUL");
    if (e.hardlink && !archive_clean_path(&link.p, &link.len))
        return damaged(r, "link target with \"..\" or NUL");
    if ((e.hardlink || type == 0120000) && (link.len == 0 || memchr(link.p, 0, link.len)))
        return damaged(r, "link without a proper target");
    if (path.len == 0) {
        if (type != 0040000)
            return damaged(r, "entry without a name");
        return 0; /* "./": the root itself */
    }
    e.mode |= type;
    e.path = path.p;
    e.path_len = path.len;
    if (e.hardlink || type == 0120000) {
        e.link = link.p;
        e.link_len = link.len;
    }
    if (type == 0100000 && !e.hardlink) {
        e.size = size;
        e.data = (const u8 *)h + BLOCK;
    }
    return fn(&e, ctx);
}

/* The header at r->at and its data: *next is where the following header lies. */
static int step(struct reader *r, archive_fn fn, void *ctx, u64 *next)
{
    const struct ustar_header *h = (const void *)(r->data + r->at);
    const char *data = (const char *)h + BLOCK;
    u64 size, left = r->size - r->at - BLOCK;
    char type = h->typeflag;
    if (!header_valid(h))
        return damaged(r, "bad checksum");
    if (memcmp(h->magic, "ustar", 5) != 0)
        return damaged(r, "header without the ustar mark");
    if (!NUMBER(h, size, &size))
        return damaged(r, "bad size");
    bool meta = type == 'x' || type == 'g' || type == 'L' || type == 'K' || type == 'V';
    if (!meta && r->over.has_size)
        size = r->over.size;
    if (type >= '1' && type <= '6')
        size = 0; /* POSIX: no data follows these, whatever the field says */
    if (size > left || ROUND_UP(size, BLOCK) > left)
        return damaged(r, "archive cut off inside an entry");
    *next = r->at + BLOCK + ROUND_UP(size, BLOCK);
    if (type == 'x')
        return pax_parse(&r->over, data, size) ? 0 : damaged(r, "bad extended header");
    if (type == 'L' || type == 'K') {
        struct text t = { data, strnlen(data, size) };
        *(type == 'L' ? &r->over.path : &r->over.link) = t;
        return 0;
    }
    if (meta)
        return 0; /* global headers and volume labels say nothing that we need */
    int result = report(r, h, size, *next, fn, ctx);
    r->over = (struct overrides){ 0 };
    return result;
}

int ustar_walk(const void *data, u64 size, archive_fn fn, void *ctx, char error[ARCHIVE_ERROR_MAX])
{
    struct reader r = { .data = data, .size = size, .error = error };
    error[0] = 0;
    for (;;) {
        if (size - r.at < BLOCK)
            return damaged(&r, "archive cut off (no end mark)");
        if (block_is_zero(r.data + r.at))
            return 0;
        u64 next = r.at;
        int result = step(&r, fn, ctx, &next);
        if (result)
            return result;
        r.at = next;
    }
}
