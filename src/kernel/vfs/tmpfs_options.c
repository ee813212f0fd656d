/* tmpfs(5)'s options. Those about huge pages, inode numbers and swap are taken where they ask for what is so. */
#include "vfs/tmpfs_options.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

struct word { const char *text; size_t len; };

static bool word_is(const struct word *w, const char *what)
{
    return w->len == strlen(what) && memcmp(w->text, what, w->len) == 0;
}

/* A number with or without K, M, G, T behind it; *rest: what follows. */
static int number_get(const char *s, const char **rest, u64 *out)
{
    if (*s < '0' || *s > '9')
        return -EINVAL;
    u64 n = parse_u64(s, rest, true);
    if (**rest == 't' || **rest == 'T') {
        n = n > UINT64_MAX >> 40 ? UINT64_MAX : n << 40;
        ++*rest;
    }
    *out = n;
    return 0;
}

static bool is_end(char c) { return !c || c == ','; }

/* 0 is no limit. */
static int limit_get(const char *value, u64 *out)
{
    const char *rest;
    u64 n;
    if (number_get(value, &rest, &n) || !is_end(*rest))
        return -EINVAL;
    *out = n ? n : UINT64_MAX;
    return 0;
}

static int size_get(const char *value, u64 total_pages, u64 *pages)
{
    const char *rest;
    u64 n;
    if (number_get(value, &rest, &n))
        return -EINVAL;
    bool percent = *rest == '%';
    if (!is_end(rest[percent]))
        return -EINVAL;
    if (percent && n > 1000000)
        return -EINVAL;
    n = percent ? total_pages * n / 100 : n / PAGE_SIZE + (n % PAGE_SIZE != 0);
    *pages = n ? n : UINT64_MAX;
    return 0;
}

static int mode_get(const char *value, u32 *out)
{
    u32 mode = 0;
    if (is_end(*value))
        return -EINVAL;
    for (; !is_end(*value); value++) {
        if (*value < '0' || *value > '7' || mode > 07777)
            return -EINVAL;
        mode = mode * 8 + (u32)(*value - '0');
    }
    *out = mode & 07777;
    return 0;
}

static int id_get(const char *value, u32 *out)
{
    const char *rest;
    u64 n;
    if (number_get(value, &rest, &n) || !is_end(*rest) || n >= UINT32_MAX)
        return -EINVAL;
    *out = (u32)n;
    return 0;
}

static int option_get(const struct word *key, const char *value, u64 total_pages, struct tmpfs_options *o)
{
    if (!value)
        return word_is(key, "defaults") || word_is(key, "inode64") || word_is(key, "noswap") || key->len == 0 ? 0 : -EINVAL;
    if (word_is(key, "size"))
        return size_get(value, total_pages, &o->pages);
    if (word_is(key, "nr_blocks"))
        return limit_get(value, &o->pages);
    if (word_is(key, "nr_inodes"))
        return limit_get(value, &o->nodes);
    if (word_is(key, "mode"))
        return mode_get(value, &o->mode);
    if (word_is(key, "uid"))
        return id_get(value, &o->uid);
    if (word_is(key, "gid"))
        return id_get(value, &o->gid);
    return word_is(key, "huge") && strncmp(value, "never", 5) == 0 && is_end(value[5]) ? 0 : -EINVAL;
}

int tmpfs_options_parse(const char *text, u64 total_pages, struct tmpfs_options *o)
{
    int r = 0;
    while (text && *text && !r) {
        struct word key = { text, 0 };
        while (!is_end(text[key.len]) && text[key.len] != '=')
            key.len++;
        const char *value = text[key.len] == '=' ? text + key.len + 1 : NULL;
        r = option_get(&key, value, total_pages, o);
        while (!is_end(*text))
            text++;
        text += *text == ',';
    }
    return r;
}

int tmpfs_options_show(const struct tmpfs_options *o, u32 plain_mode, char *buf, size_t size)
{
    char pages[32] = "", nodes[32] = "", mode[16] = "", uid[20] = "", gid[20] = "";
    if (o->pages != UINT64_MAX)
        format(pages, sizeof pages, ",size=%lluk", (unsigned long long)(o->pages * (PAGE_SIZE / 1024)));
    if (o->nodes != UINT64_MAX)
        format(nodes, sizeof nodes, ",nr_inodes=%llu", (unsigned long long)o->nodes);
    if (o->mode != plain_mode)
        format(mode, sizeof mode, ",mode=%o", o->mode);
    if (o->uid)
        format(uid, sizeof uid, ",uid=%u", o->uid);
    if (o->gid)
        format(gid, sizeof gid, ",gid=%u", o->gid);
    return format(buf, size, "%s%s%s%s%s", pages, nodes, mode, uid, gid);
}
