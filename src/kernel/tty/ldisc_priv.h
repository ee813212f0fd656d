/* Shared by the parts of the line discipline only. */
#pragma once
#include "tty/ldisc.h"

static inline bool lflag(const struct ldisc *ld, u32 bits) { return ld->t.lflag & bits; }
static inline bool is_control(u8 c) { return c < 0x20 || c == 0x7f; }
static inline bool is_utf8_tail(u8 c) { return (c & 0xc0) == 0x80; }

static inline u8 byte_at(const struct ldisc *ld, u32 pos) { return ld->buf[pos % LDISC_SIZE]; }
static inline bool eol_at(const struct ldisc *ld, u32 pos)
{
    u32 i = pos % LDISC_SIZE;
    return ld->eol[i / 8] >> (i % 8) & 1;
}
static inline void eol_set(struct ldisc *ld, u32 pos, bool on)
{
    u32 i = pos % LDISC_SIZE;
    ld->eol[i / 8] = (u8)((ld->eol[i / 8] & ~(1u << (i % 8))) | (unsigned)on << (i % 8));
}

void echo_put(struct ldisc_out *out, char c);
void echo_byte(const struct ldisc *ld, u8 c, struct ldisc_out *out);

/* c: the key that asked for it, which some settings echo. */
void edit_erase(struct ldisc *ld, u8 c, struct ldisc_out *out);
void edit_kill(struct ldisc *ld, u8 c, struct ldisc_out *out);
void edit_word_erase(struct ldisc *ld, u8 c, struct ldisc_out *out);
/* With ECHOPRT what was erased is shown between \ and /: ends that. */
void edit_erasing_end(struct ldisc *ld, struct ldisc_out *out);
void edit_reprint(struct ldisc *ld, u8 c, struct ldisc_out *out);
