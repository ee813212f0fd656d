/* The sixteen colours of text mode, and the characters of its font. Pure. */
#pragma once
#include "lib/types.h"

extern const u32 vga_palette[16]; /* 0xRRGGBB */
unsigned vga_nearest(u32 rgb);
/* Unicode to code page 437: the character, one that looks like it, or '?'. */
u8 vga_char(u32 ch);
