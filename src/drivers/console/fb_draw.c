/* Text into pixels: one line of one cell is put together in a small buffer in the surface's own
 * format and copied there, so that 16, 24 and 32 bits per pixel are one path and device memory
 * (write-combining, slow to read) sees only whole runs of writes. */
#include "fb_draw.h"

#include "lib/string.h"

#define LINE_BYTES (FB_GLYPH_W * FB_SCALE_MAX * 4)
#define DOUBLE_FROM_WIDTH 2560u
#define CURSOR_LINES 2u

typedef u64 __attribute__((aligned(1), may_alias)) u64_unaligned;

static bool field_fits(struct fb_field f, unsigned bits)
{
    return (unsigned)f.pos + f.size <= bits;
}

bool fb_surface_init(struct fb_surface *s, const struct boot_fb *fb, const struct fb_font *font)
{
    unsigned bytes = (fb->bpp + 7u) / 8;

    if (bytes < 2 || bytes > 4 || !fb->width || !fb->height || (u64)fb->width * bytes > fb->pitch)
        return false;
    if (!field_fits(fb->red, bytes * 8) || !field_fits(fb->green, bytes * 8) || !field_fits(fb->blue, bytes * 8))
        return false;
    *s = (struct fb_surface){
        .pitch = fb->pitch, .width = fb->width, .height = fb->height, .bytes_per_pixel = bytes,
        .red = fb->red, .green = fb->green, .blue = fb->blue,
        .scale = fb->width >= DOUBLE_FROM_WIDTH ? 2 : 1, .font = font,
    };
    return fb_cols(s) > 0 && fb_rows(s) > 0;
}

unsigned fb_cols(const struct fb_surface *s) { return s->width / (FB_GLYPH_W * s->scale); }
unsigned fb_rows(const struct fb_surface *s) { return s->height / (FB_GLYPH_H * s->scale); }

/* The upper bits of an 8-bit colour, moved to where the pixel has it. */
static u32 field_put(struct fb_field f, u32 value8)
{
    if (f.size == 0)
        return 0;
    u32 v = f.size <= 8 ? value8 >> (8 - f.size) : value8 << (f.size - 8);
    return v << f.pos;
}

u32 fb_pixel(const struct fb_surface *s, u32 rgb)
{
    return field_put(s->red, rgb >> 16 & 0xff) | field_put(s->green, rgb >> 8 & 0xff) |
           field_put(s->blue, rgb & 0xff);
}

const struct fb_font_char *fb_font_char_find(const struct fb_font_char *chars, unsigned nchars, u32 ch)
{
    unsigned lo = 0, hi = nchars;

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (chars[mid].ch < ch)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < nchars && chars[lo].ch == ch ? &chars[lo] : NULL;
}

static const u8 *glyph_find(const struct fb_font *font, u32 ch)
{
    const struct fb_font_char *c = fb_font_char_find(font->chars, font->nchars, ch);

    return c && c->glyph < font->nglyphs ? font->glyph[c->glyph] : NULL;
}

/* What is not in the font shows as the replacement character, else as '?'; and if the font has not
 * even that, as nothing. */
static const u8 *glyph_of(const struct fb_font *font, u32 ch)
{
    static const u8 empty[FB_GLYPH_H];
    const u8 *g = glyph_find(font, ch);

    if (!g)
        g = glyph_find(font, 0xfffd);
    if (!g)
        g = glyph_find(font, '?');
    return g ? g : empty;
}

/* Little-endian, as every pixel format of a PC. */
static u8 *pixel_put(u8 *p, u32 pixel, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *p++ = (u8)(pixel >> (8 * i));
    return p;
}

static size_t line_build(const struct fb_surface *s, u8 bits, u32 fg, u32 bg, u8 line[LINE_BYTES])
{
    u8 *p = line;

    for (unsigned x = 0; x < FB_GLYPH_W; x++, bits = (u8)(bits << 1))
        for (unsigned k = 0; k < s->scale; k++)
            p = pixel_put(p, bits & 0x80 ? fg : bg, s->bytes_per_pixel);
    return (size_t)(p - line);
}

static u8 *pixel_at(const struct fb_surface *s, unsigned x, unsigned y)
{
    return s->base + (size_t)y * s->pitch + (size_t)x * s->bytes_per_pixel;
}

/* The rows of a character's picture, its attributes included. */
static void cell_rows(const struct fb_surface *s, const struct cell *c, u8 rows[FB_GLYPH_H])
{
    memcpy(rows, glyph_of(s->font, c->ch), FB_GLYPH_H);
    if (c->attr & CELL_BOLD)
        for (unsigned y = 0; y < FB_GLYPH_H; y++)
            rows[y] |= rows[y] >> 1;
    if (c->attr & CELL_ITALIC) /* leans by a pixel up and a pixel down */
        for (unsigned y = 0; y < FB_GLYPH_H; y++)
            rows[y] = y < FB_GLYPH_H / 3 ? rows[y] >> 1 : y < FB_GLYPH_H * 2 / 3 ? rows[y] : (u8)(rows[y] << 1);
    if (c->attr & CELL_UNDERLINE)
        rows[FB_GLYPH_H - 2] = 0xff;
}

/* The usual format, 32 bits and not doubled: two pixels at a time from the four pairs there are. A whole
 * screen that scrolls goes through here. */
static void cell_draw_pairs(const struct fb_surface *s, u8 *at, const u8 rows[FB_GLYPH_H], u64 fg, u64 bg)
{
    const u64 pairs[4] = { bg << 32 | bg, fg << 32 | bg, bg << 32 | fg, fg << 32 | fg };

    for (unsigned y = 0; y < FB_GLYPH_H; y++, at += s->pitch) {
        u64_unaligned *p = (u64_unaligned *)at;
        p[0] = pairs[rows[y] >> 6];
        p[1] = pairs[rows[y] >> 4 & 3];
        p[2] = pairs[rows[y] >> 2 & 3];
        p[3] = pairs[rows[y] & 3];
    }
}

static void cell_draw_lines(const struct fb_surface *s, u8 *at, const u8 rows[FB_GLYPH_H], u32 fg, u32 bg)
{
    u8 line[LINE_BYTES];

    for (unsigned y = 0; y < FB_GLYPH_H; y++) {
        size_t bytes = line_build(s, rows[y], fg, bg, line);
        for (unsigned k = 0; k < s->scale; k++, at += s->pitch)
            memcpy(at, line, bytes);
    }
}

static void cell_draw(const struct fb_surface *s, unsigned row, unsigned col, const struct cell *c)
{
    bool reverse = c->attr & CELL_REVERSE;
    u32 fg = fb_pixel(s, reverse ? c->bg : c->fg), bg = fb_pixel(s, reverse ? c->fg : c->bg);
    u8 *at = pixel_at(s, col * FB_GLYPH_W * s->scale, row * FB_GLYPH_H * s->scale);
    u8 rows[FB_GLYPH_H];

    cell_rows(s, c, rows);
    if (s->bytes_per_pixel == 4 && s->scale == 1)
        cell_draw_pairs(s, at, rows, fg, bg);
    else
        cell_draw_lines(s, at, rows, fg, bg);
}

void fb_draw_cells(const struct fb_surface *s, unsigned row, unsigned col, const struct cell *cells, unsigned n)
{
    if (row >= fb_rows(s))
        return;
    for (unsigned i = 0; i < n && col + i < fb_cols(s); i++)
        cell_draw(s, row, col + i, &cells[i]);
}

void fb_draw_cursor(const struct fb_surface *s, unsigned row, unsigned col, u32 rgb)
{
    u8 line[LINE_BYTES];
    u32 pixel = fb_pixel(s, rgb);
    unsigned bottom = (row + 1) * FB_GLYPH_H * s->scale;

    if (row >= fb_rows(s) || col >= fb_cols(s))
        return;
    size_t bytes = line_build(s, 0xff, pixel, pixel, line);
    for (unsigned y = bottom - CURSOR_LINES * s->scale; y < bottom; y++)
        memcpy(pixel_at(s, col * FB_GLYPH_W * s->scale, y), line, bytes);
}

void fb_draw_bar(const struct fb_surface *s, unsigned row, unsigned col, u32 rgb)
{
    u32 pixel = fb_pixel(s, rgb);

    if (row >= fb_rows(s) || col >= fb_cols(s))
        return;
    for (unsigned y = 0; y < FB_GLYPH_H * s->scale; y++) {
        u8 *p = pixel_at(s, col * FB_GLYPH_W * s->scale, row * FB_GLYPH_H * s->scale + y);
        for (unsigned x = 0; x < CURSOR_LINES * s->scale; x++)
            p = pixel_put(p, pixel, s->bytes_per_pixel);
    }
}

void fb_clear(const struct fb_surface *s, u32 rgb)
{
    u32 pixel = fb_pixel(s, rgb);

    for (unsigned y = 0; y < s->height; y++) {
        u8 *p = pixel_at(s, 0, y);
        for (unsigned x = 0; x < s->width; x++)
            p = pixel_put(p, pixel, s->bytes_per_pixel);
    }
}
