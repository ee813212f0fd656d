/* The font of VGA text mode. */
#pragma once
#include "lib/types.h"

/* Into the card's memory; false: its characters have another height, and keep the font of the ROM. */
bool vga_font_load(void);
/* From now on bit 3 of an attribute chooses the font's second half instead of the bright colours. */
void vga_font_use_512(void);
