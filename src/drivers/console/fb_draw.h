/* Text into pixels. Pure: the pixels may lie in any memory, and are only written. */
#pragma once
#include "dev/display.h"
#include "lib/bootinfo.h"

#define FB_GLYPH_W 8u
#define FB_GLYPH_H 16u
#define FB_SCALE_MAX 2u

struct fb_font_char { u32 ch; u16 glyph; };
struct fb_font {
    const u8 (*glyph)[FB_GLYPH_H]; /* bit 7 is the leftmost pixel */
    const struct fb_font_char *chars; /* ascending by ch */
    unsigned nglyphs, nchars;
};

/* In an ascending list; NULL: it is not there. */
const struct fb_font_char *fb_font_char_find(const struct fb_font_char *chars, unsigned nchars, u32 ch);

struct fb_surface {
    u8 *base;
    u32 pitch, width, height; /* bytes, pixels, pixels */
    unsigned bytes_per_pixel; /* 2, 3 or 4 */
    struct fb_field red, green, blue;
    unsigned scale;           /* 1..FB_SCALE_MAX: each pixel of a glyph is a square of that size */
    const struct fb_font *font;
};

/* Takes over what the boot loader said, except the address. False if such pixels cannot be drawn. */
bool fb_surface_init(struct fb_surface *s, const struct boot_fb *fb, const struct fb_font *font);
unsigned fb_cols(const struct fb_surface *s);
unsigned fb_rows(const struct fb_surface *s);
/* 0xRRGGBB to a pixel of this surface. */
u32 fb_pixel(const struct fb_surface *s, u32 rgb);
/* Cells that do not fit the surface are not drawn. */
void fb_draw_cells(const struct fb_surface *s, unsigned row, unsigned col, const struct cell *cells, unsigned n);
/* A line at the foot of the cell. */
void fb_draw_cursor(const struct fb_surface *s, unsigned row, unsigned col, u32 rgb);
/* A bar at its left side. */
void fb_draw_bar(const struct fb_surface *s, unsigned row, unsigned col, u32 rgb);
/* The whole surface in one colour, margins included. */
void fb_clear(const struct fb_surface *s, u32 rgb);
