/* The font that the build made of the distribution's (tools/mkfont). */
#pragma once
#include "fb_draw.h"

#define TEXT_SLOTS 512u

extern const struct fb_font console_font;
/* For VGA text mode, whose font has 512 slots; the first half is code page 437. The slot of a character; false:
 * it has none. */
bool console_text_slot(u32 ch, u16 *slot);
const u8 *console_text_bits(unsigned slot); /* FB_GLYPH_H bytes */
