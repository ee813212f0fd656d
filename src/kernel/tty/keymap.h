/* Key codes to bytes (UTF-8) by a layout that programs may change: letters, AltGr, dead keys, compose;
 * keys that print nothing give what terminfo's entry `linux` says, with modifiers what xterm says. Pure.
 *
 * A layout is what Linux has (linux/keyboard.h, man 5 keymaps): 16 tables, by the modifiers that are
 * down, of one symbol a key: a character below 0xf000, or 0xf000 | type << 8 | value. A table that does
 * not name a key leaves it to rule: control and alt make of the plain character what they always do. */
#pragma once
#include "lib/types.h"

#define KEYMAP_TABLES 16 /* shift 1, AltGr 2, control 4, alt 8 */
#define KEYMAP_KEYS 128
#define KEYMAP_ACCENTS_MAX 256
#define KEYMAP_OUT_MAX 16

enum keymap_type { /* KT_* of linux/keyboard.h; others are not understood and give nothing */
    KEYMAP_LATIN = 0, KEYMAP_SPEC = 2, KEYMAP_DEAD = 4, KEYMAP_SHIFT = 7, KEYMAP_META = 8, KEYMAP_LOCK = 10,
    KEYMAP_LETTER = 11, KEYMAP_DEAD2 = 13,
};
#define KEYMAP_SYM(type, value) ((u16)(0xf000u | (type) << 8 | (value)))

struct keymap_accent { u32 diacr, base, result; };
struct keymap_layout {
    u16 sym[KEYMAP_TABLES][KEYMAP_KEYS]; /* 0: not named */
    struct keymap_accent accent[KEYMAP_ACCENTS_MAX];
    unsigned naccents;
};
/* The US keyboard; compose on the menu key. */
void keymap_layout_init(struct keymap_layout *l);

/* Zeroed at the start. */
struct keymap_state {
    u8 counts_as[KEYMAP_KEYS]; /* private: what a key that is down counts as: its modifier + 1, or a lock key */
    u8 down[4];                /* private: how many keys of shift, AltGr, control, alt are down */
    u8 locked;                 /* modifiers that are locked, as bits */
    bool caps, num;
    bool composing;            /* the next character is the first of a pair */
    u32 dead;                  /* the first of a pair; 0: none */
    bool app_cursor, app_keypad; /* set by the caller: what the program wants (ESC[?1h, ESC=) */
};
/* Is such a key down? */
bool keymap_shift(const struct keymap_state *k);
bool keymap_ctrl(const struct keymap_state *k);
bool keymap_alt(const struct keymap_state *k);
/* Returns bytes written to out. *leds_changed if a lock key was pressed. */
unsigned keymap_feed(struct keymap_state *k, const struct keymap_layout *l, u16 code, bool pressed,
                     char out[KEYMAP_OUT_MAX], bool *leds_changed);
/* What the key types on the US keyboard; 0: nothing. */
char keymap_us(u16 code);
