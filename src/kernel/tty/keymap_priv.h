/* Shared by the parts of the keymap only (keymap*.c). */
#pragma once
#include "tty/keymap.h"

/* keymap_keys.c: keys that print nothing. mod: shift 1, alt 2, control 4. Bytes written to out, 0: no such key. */
unsigned keymap_sequence(u16 code, unsigned mod, char out[KEYMAP_OUT_MAX]);
/* The key that a key of the keypad stands for; *digit is what it types with num lock. */
u16 keymap_keypad(u16 code, char *digit);

/* ESC O and a letter for a key of the keypad in application mode; false: it has none. */
bool keymap_application(u16 code, char out[KEYMAP_OUT_MAX]);

/* keymap_compose.c */
void keymap_accents_init(struct keymap_layout *l);
/* A character that was typed; out gets 0 to 2 characters: a pair becomes one, or stays two. */
unsigned keymap_compose(struct keymap_state *k, const struct keymap_layout *l, u32 ch, bool is_dead, u32 out[2]);
