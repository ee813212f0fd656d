/* What the tests of the archive readers share: a collector that copies what it is told, damage in
 * every place, and random mutations. The archive always lies at the very end of its own heap block,
 * so that ASan sees one byte too far; what lies behind the reader is overwritten as it goes, as the
 * kernel gives that memory to others. */
#pragma once
#include "tests/unit/host.h"
#include "vfs/initrd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 64
struct seen { char path[400], link[400]; uint32_t mode, uid, gid; uint64_t size, mtime; uint32_t sum; int hardlink; };
struct collector { struct seen e[SEEN_MAX]; int n; uint8_t *archive, *end; };

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

static int collect(const struct archive_entry *e, void *ctx)
{
    struct collector *c = ctx;
    uint32_t sum = 0;
    for (uint64_t i = 0; i < e->size; i++) /* touches every byte: ASan judges */
        sum = sum * 31 + e->data[i];
    assert_true(e->path_len > 0);
    assert_null(memchr(e->path, 0, e->path_len));
    if (c->n < SEEN_MAX) {
        struct seen *s = &c->e[c->n];
        snprintf(s->path, sizeof s->path, "%.*s", (int)e->path_len, e->path);
        snprintf(s->link, sizeof s->link, "%.*s", (int)e->link_len, e->link ? e->link : "");
        s->mode = e->mode, s->uid = e->uid, s->gid = e->gid, s->size = e->size, s->mtime = e->mtime_s;
        s->sum = sum, s->hardlink = e->hardlink;
    }
    c->n++;
    assert_true(e->behind >= c->archive && e->behind <= c->end);
    memset(c->archive, 0xee, (size_t)(e->behind - c->archive));
    return 0;
}

typedef int (*walk_fn)(const void *data, uint64_t size, archive_fn fn, void *ctx, char error[128]);

/* Walks a copy of exactly n bytes. */
static int walk_copy(walk_fn walk, const uint8_t *data, size_t n, struct collector *c, char error[128])
{
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, data, n);
    memset(c, 0, sizeof *c);
    c->archive = copy;
    c->end = copy + n;
    int r = walk(copy, n, collect, c, error);
    free(copy);
    return r;
}

/* Random bytes changed, many times: any answer is right but a crash. */
static void mutate(walk_fn walk, const uint8_t *data, size_t n, unsigned seed)
{
    static struct collector c;
    char error[128];
    srand(seed);
    for (int round = 0; round < 3000; round++) {
        uint8_t *m = malloc(n);
        memcpy(m, data, n);
        for (int k = rand() % 6; k >= 0; k--)
            m[rand() % n] = rand() % 3 ? "0123456789abcdef/. \n="[rand() % 21] : (uint8_t)rand();
        size_t len = rand() % 4 ? n : (size_t)rand() % n;
        int r = walk_copy(walk, m, len, &c, error);
        if (r)
            assert_true(strlen(error) > 5);
        free(m);
    }
}

static uint8_t *read_command(const char *command, size_t *n)
{
    FILE *p = popen(command, "r");
    uint8_t *buf = malloc(1 << 22);
    *n = p ? fread(buf, 1, 1 << 22, p) : 0;
    if (p)
        pclose(p);
    return buf;
}
