/* Scan code set 1 to Linux key codes. Pure. */
#pragma once
#include "lib/types.h"

struct ps2_decoder { u8 prefix; /* 0, 0xe0 or 0xe1 */ u8 pause_bytes; /* seen behind 0xe1 */ };

/* One byte from the keyboard. True if it completes a key event. */
bool ps2_decode(struct ps2_decoder *d, u8 byte, u16 *code, bool *pressed);
