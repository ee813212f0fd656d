/* Key codes to bytes: US layout for now, as a table. Pure.
 * Shift, control, alt (ESC prefix), caps lock (letters only), the keypad, and the extended keys as
 * the escape sequences of terminfo's `linux` entry. */
#pragma once
#include "lib/types.h"

/* Zeroed at the start. `held`: modifier and lock keys that are down (private to keymap.c); left
 * and right count apart, so that letting go of one leaves the other. */
struct keymap_state { u16 held; bool caps, num; };
/* Is such a key down? */
bool keymap_alt(const struct keymap_state *k);
bool keymap_shift(const struct keymap_state *k);
/* Returns bytes written to out (0..8). *leds_changed if a lock key was pressed. */
unsigned keymap_feed(struct keymap_state *k, u16 code, bool pressed, char out[8], bool *leds_changed);
