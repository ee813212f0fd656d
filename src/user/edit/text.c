/* See text.h: the bytes, and finding one's way in them. */
#include "text.h"
#include "text_priv.h"

#include "../lib/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { GAP_MIN = 4096 };

void text_init(struct text *text, char *bytes, size_t len)
{
    *text = (struct text){ .data = bytes, .gap = len, .len = len };
}

void text_fini(struct text *text)
{
    for (size_t i = 0; i < text->known; i++)
        free(text->changes[i].bytes);
    free(text->changes);
    free(text->marks);
    free(text->data);
    *text = (struct text){ 0 };
}

static void move_gap(struct text *text, size_t at)
{
    if (at < text->gap)
        memmove(text->data + at + text->gap_len, text->data + at, text->gap - at);
    else if (at > text->gap)
        memmove(text->data + text->gap, text->data + text->gap + text->gap_len, at - text->gap);
    text->gap = at;
}

/* Room for len bytes in the gap. An eighth more than needed, so that typing does not copy the text each time. */
static bool widen_gap(struct text *text, size_t len)
{
    if (text->gap_len >= len)
        return true;
    size_t more = GAP_MIN + text->len / 8, size;
    if (__builtin_add_overflow(text->len, len, &size) || __builtin_add_overflow(size, more, &size))
        return false;
    char *data = realloc(text->data, size);
    if (!data)
        return false;
    size_t behind = text->len - text->gap;
    memmove(data + size - behind, data + text->gap + text->gap_len, behind);
    text->data = data;
    text->gap_len = size - text->len;
    return true;
}

bool bytes_insert(struct text *text, size_t at, const char *bytes, size_t len)
{
    if (!widen_gap(text, len))
        return false;
    lines_change(text, at, 0, bytes, len);
    move_gap(text, at);
    memcpy(text->data + at, bytes, len);
    text->gap += len;
    text->gap_len -= len;
    text->len += len;
    return true;
}

void bytes_remove(struct text *text, size_t at, size_t len)
{
    lines_change(text, at, len, NULL, 0);
    move_gap(text, at);
    text->gap_len += len;
    text->len -= len;
}

char text_at(const struct text *text, size_t at)
{
    return text->data[at < text->gap ? at : at + text->gap_len];
}

const char *text_piece(const struct text *text, size_t at, size_t *len)
{
    if (at < text->gap) {
        *len = text->gap - at;
        return text->data + at;
    }
    *len = text->len - at;
    return *len ? text->data + at + text->gap_len : "";
}

void text_copy(const struct text *text, size_t at, size_t len, char *out)
{
    while (len > 0) {
        size_t n;
        const char *piece = text_piece(text, at, &n);
        n = n < len ? n : len;
        memcpy(out, piece, n);
        out += n, at += n, len -= n;
    }
}

size_t text_character(const struct text *text, size_t at, unsigned *code)
{
    unsigned char first = (unsigned char)text_at(text, at);
    char bytes[4];
    *code = first;
    if (first < 0x80)
        return 1;
    size_t len = text->len - at < sizeof bytes ? text->len - at : sizeof bytes;
    text_copy(text, at, len, bytes);
    return utf8_decode(bytes, len, code);
}

size_t text_next(const struct text *text, size_t at)
{
    unsigned code;
    return at < text->len ? at + text_character(text, at, &code) : at;
}

size_t text_previous(const struct text *text, size_t at)
{
    for (size_t back = 4; back > 1; back--)
        if (back <= at && text_next(text, at - back) == at)
            return at - back;
    return at ? at - 1 : 0;
}

static bool matches(const struct text *text, size_t at, const char *what, size_t len, bool fold)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text_at(text, at + i);
        if ((fold ? tolower(c) : c) != (unsigned char)what[i])
            return false;
    }
    return true;
}

/* The first place in [from, end) whose byte is `first` when the bits of `mask` are set in it; end: none. */
static size_t find_byte(const struct text *text, size_t from, size_t end, char first, char mask)
{
    while (from < end) {
        size_t len, n = 0;
        const char *piece = text_piece(text, from, &len);
        for (len = len < end - from ? len : end - from; n < len && (piece[n] | mask) != first; n++)
            ;
        from += n;
        if (n < len)
            break;
    }
    return from;
}

static bool find_between(const struct text *text, size_t from, size_t end, const char *what, size_t len, size_t *at)
{
    bool fold = true;
    for (size_t i = 0; i < len; i++)
        fold &= !isupper((unsigned char)what[i]);
    char mask = fold && islower((unsigned char)*what) ? 'a' ^ 'A' : 0; /* both cases of a letter become the small one */
    for (;; from++) {
        from = find_byte(text, from, end, *what, mask);
        if (from == end || len > text->len - from)
            return false;
        if (matches(text, from, what, len, fold)) {
            *at = from;
            return true;
        }
    }
}

bool text_find(const struct text *text, size_t from, const char *what, size_t len, size_t *at)
{
    if (len == 0)
        return false;
    from = from < text->len ? from : text->len;
    return find_between(text, from, text->len, what, len, at) || find_between(text, 0, from, what, len, at);
}
