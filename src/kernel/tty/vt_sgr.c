/* Colours and attributes: SGR (ECMA-48 8.3.117), with xterm's 256 and direct colours.
 *
 * The sixteen named colours and the two defaults are Dracula's, or the PC's (palette=vga); the cube and the greys of
 * the 256 are xterm's. */
#include "tty/vt_priv.h"

static const struct vt_palette dracula = {
    .named = { 0x21222c, 0xff5555, 0x50fa7b, 0xf1fa8c, 0xbd93f9, 0xff79c6, 0x8be9fd, 0xf8f8f2,
               0x6272a4, 0xff6e6e, 0x69ff94, 0xffffa5, 0xd6acff, 0xff92df, 0xa4ffff, 0xffffff },
    .fg = 0xf8f8f2, .bg = 0x282a36,
};

static const struct vt_palette vga = {
    .named = { 0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
               0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff },
    .fg = 0xaaaaaa, .bg = 0x000000,
};

static const struct vt_palette *chosen = &dracula;

void vt_palette_use_vga(void) { chosen = &vga; }
void vt_palette_reset(struct vt_engine *vt) { vt->palette = *chosen; }

static u32 colour_resolve(const struct vt_engine *vt, u32 colour, bool bold, u32 otherwise)
{
    if (colour == VT_COLOUR_DEFAULT)
        return otherwise;
    if (colour & VT_COLOUR_INDEX) {
        unsigned i = colour & 15;
        return vt->palette.named[bold && i < 8 ? i + 8 : i];
    }
    return colour;
}

struct cell vt_blank(const struct vt_engine *vt)
{
    return (struct cell){
        .ch = ' ',
        .fg = vt->palette.fg,
        .bg = colour_resolve(vt, vt->pen.bg, false, vt->palette.bg),
    };
}

static u32 half_way(u32 a, u32 b)
{
    return (a >> 1 & 0x7f7f7f) + (b >> 1 & 0x7f7f7f);
}

/* A cell on a dirty-cells-only screen cannot blink: it gets a bright background, as on Linux's framebuffer. */
static u32 blink_background(const struct vt_engine *vt)
{
    u32 colour = vt->pen.bg;

    return colour == VT_COLOUR_DEFAULT ? vt->palette.named[8] : colour_resolve(vt, colour, true, 0);
}

struct cell vt_inked(const struct vt_engine *vt, u32 ch)
{
    const struct vt_pen *pen = &vt->pen;
    u32 fg = colour_resolve(vt, pen->fg, pen->attr & CELL_BOLD, vt->palette.fg);
    u32 bg = pen->blink ? blink_background(vt) : colour_resolve(vt, pen->bg, false, vt->palette.bg);

    return (struct cell){ .ch = ch, .fg = pen->dim ? half_way(fg, bg) : fg, .bg = bg, .attr = pen->attr };
}

static u32 colour_256(unsigned n)
{
    static const u8 level[6] = { 0, 95, 135, 175, 215, 255 };

    if (n < 16)
        return VT_COLOUR_INDEX | n;
    if (n < 232) {
        n -= 16;
        return (u32)level[n / 36] << 16 | (u32)level[n / 6 % 6] << 8 | level[n % 6];
    }
    return (8 + 10 * (n - 232)) * 0x010101u;
}

/* What follows 38 or 48: 5;n or 2;r;g;b. *i is left on the last parameter used. */
static void extended_colour(const struct vt_engine *vt, unsigned *i, u32 *colour)
{
    unsigned left = vt->nparams - *i - 1;
    const u16 *p = &vt->param[*i + 1];

    if (left >= 2 && p[0] == 5) {
        if (p[1] < 256)
            *colour = colour_256(p[1]);
        *i += 2;
    } else if (left >= 4 && p[0] == 2) {
        *colour = (u32)(p[1] & 255) << 16 | (u32)(p[2] & 255) << 8 | (p[3] & 255);
        *i += 4;
    } else {
        *i = vt->nparams; /* nothing behind it can be understood */
    }
}

static bool sgr_attribute(struct vt_pen *pen, unsigned p)
{
    switch (p) {
    case 0: *pen = (struct vt_pen){ .fg = VT_COLOUR_DEFAULT, .bg = VT_COLOUR_DEFAULT }; return true;
    case 1: pen->attr |= CELL_BOLD; return true;
    case 2: pen->dim = true; return true;
    case 3: pen->attr |= CELL_ITALIC; return true;
    case 5: case 6: pen->blink = true; return true;
    case 4: case 21: pen->attr |= CELL_UNDERLINE; return true;
    case 7: pen->attr |= CELL_REVERSE; return true;
    case 22:
        pen->attr &= (u8)~CELL_BOLD;
        pen->dim = false;
        return true;
    case 23: pen->attr &= (u8)~CELL_ITALIC; return true;
    case 25: pen->blink = false; return true;
    case 24: pen->attr &= (u8)~CELL_UNDERLINE; return true;
    case 27: pen->attr &= (u8)~CELL_REVERSE; return true;
    default: return false;
    }
}

static void sgr_colour(struct vt_pen *pen, unsigned p)
{
    if (p >= 30 && p <= 37)
        pen->fg = VT_COLOUR_INDEX | (p - 30);
    else if (p == 39)
        pen->fg = VT_COLOUR_DEFAULT;
    else if (p >= 40 && p <= 47)
        pen->bg = VT_COLOUR_INDEX | (p - 40);
    else if (p == 49)
        pen->bg = VT_COLOUR_DEFAULT;
    else if (p >= 90 && p <= 97)
        pen->fg = VT_COLOUR_INDEX | (p - 90 + 8);
    else if (p >= 100 && p <= 107)
        pen->bg = VT_COLOUR_INDEX | (p - 100 + 8);
}

void vt_sgr(struct vt_engine *vt)
{
    for (unsigned i = 0; i < vt->nparams; i++) {
        unsigned p = vt->param[i];
        if (p == 38)
            extended_colour(vt, &i, &vt->pen.fg);
        else if (p == 48)
            extended_colour(vt, &i, &vt->pen.bg);
        else if (!sgr_attribute(&vt->pen, p))
            sgr_colour(&vt->pen, p);
    }
}
