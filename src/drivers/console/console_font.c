/* The console's font as data: tools/mkfont writes it into the build's folder. Pure. */
#include "console_font.h"

#include "lib/assert.h"

#include "font.inc"

const struct fb_font console_font = {
    .glyph = font_glyphs,
    .chars = font_chars,
    .nglyphs = ARRAY_SIZE(font_glyphs),
    .nchars = ARRAY_SIZE(font_chars),
};

bool console_text_slot(u32 ch, u16 *slot)
{
    const struct fb_font_char *c = fb_font_char_find(text_chars, ARRAY_SIZE(text_chars), ch);

    if (c)
        *slot = c->glyph;
    return c;
}

const u8 *console_text_bits(unsigned slot)
{
    ASSERT(slot < ARRAY_SIZE(text_glyphs));
    return font_glyphs[text_glyphs[slot]];
}
