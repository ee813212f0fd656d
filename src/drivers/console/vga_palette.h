/* The sixteen colours of text mode, and the characters of its font. Pure. */
#pragma once
#include "lib/types.h"

extern u32 vga_palette[16]; /* 0xRRGGBB; written at start only */
void vga_palette_use_classic(void);
unsigned vga_nearest(u32 rgb, unsigned ncolours); /* among the first so many */
/* Unicode to code page 437: the character, one that looks like it, or '?'. */
u8 vga_char(u32 ch);
