/* The text mode of a PC's VGA, when the boot loader left the screen in it.
 *
 * The sixteen colours are replaced by our own (vga_palette.c) and blinking is turned off, which
 * makes the fourth background bit a colour. The font is our own, of 512 glyphs; the card pays for the second
 * half with the eight bright colours of letters, so it is used from the first character on that needs it:
 *
 *     256 glyphs, 16 colours --a character of the second half--> 512 glyphs, 8 colours of letters
 *
 * Registers: IBM VGA technical reference / FreeVGA,
 * "Attribute Controller", "Color Registers", "CRTC"; ports are those of colour mode, the only one
 * with memory at 0xB8000. tty/vt calls with its lock held, so there is none here. */
#include "console_font.h"
#include "dev/boot_device.h"
#include "dev/display.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "dev/portio.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "vga_font.h"
#include "vga_palette.h"
#include "vga_regs.h"

#define PORT_DAC_MASK 0x3c6
#define PORT_DAC_WRITE_INDEX 0x3c8
#define PORT_DAC_DATA 0x3c9
#define ATTRIBUTE_MODE 0x10
#define MODE_BLINK 0x08
#define MODE_P54_SELECT 0x80       /* DAC index bits 5..4 from register 0x14 */
#define ATTRIBUTE_COLOUR_SELECT 0x14
#define CRTC_CURSOR_START 0x0a
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f
#define CURSOR_OFF 0x20
#define UNDERLINE_COLOUR 0x8be9fd
#define ITALIC_COLOUR 0x50fa7b

static volatile u16 *cells_base;
static u32 pitch_cells;
static bool font_loaded;
static unsigned letter_colours = 16;
static u8 cursor_shape; /* CRTC_CURSOR_START as the firmware had it, cursor on */

/* Attribute -> palette register -> DAC entry: the middle step, which in text mode is not the
 * identity (6 leads to 0x14, 8..15 to 0x38..0x3f), is made the identity first. */
static void palette_set(void)
{
    for (u8 i = 0; i < 16; i++)
        vga_attribute_write(i, i);
    u8 mode = vga_attribute_read(ATTRIBUTE_MODE);
    vga_attribute_write(ATTRIBUTE_MODE, mode & (u8)~(MODE_BLINK | MODE_P54_SELECT));
    vga_attribute_write(ATTRIBUTE_COLOUR_SELECT, 0);
    vga_attribute_done();

    outb(PORT_DAC_MASK, 0xff);
    outb(PORT_DAC_WRITE_INDEX, 0);
    for (unsigned i = 0; i < 16; i++) { /* six bits a colour */
        outb(PORT_DAC_DATA, (u8)(vga_palette[i] >> 18 & 0x3f));
        outb(PORT_DAC_DATA, (u8)(vga_palette[i] >> 10 & 0x3f));
        outb(PORT_DAC_DATA, (u8)(vga_palette[i] >> 2 & 0x3f));
    }
}

static u16 colours_encode(const struct cell *c)
{
    bool reverse = c->attr & CELL_REVERSE;
    u32 letter = reverse ? c->bg : c->fg;

    if (c->attr & (CELL_UNDERLINE | CELL_ITALIC)) /* no such letters here: a colour says so, as on Linux's console */
        letter = c->attr & CELL_ITALIC ? ITALIC_COLOUR : UNDERLINE_COLOUR;
    unsigned fg = vga_nearest(letter, letter_colours), bg = vga_nearest(reverse ? c->fg : c->bg, 16);

    return (u16)(fg << 8 | bg << 12);
}

/* What is on the screen keeps its letters and gets the nearest colours that are left. */
static void use_512(struct display *d)
{
    letter_colours = 8;
    for (unsigned i = 0; i < d->rows * pitch_cells; i++) {
        u16 cell = cells_base[i];
        unsigned fg = vga_nearest(vga_palette[cell >> 8 & 15], letter_colours);
        cells_base[i] = (cell & 0xf0ff) | (u16)(fg << 8);
    }
    vga_font_use_512();
    vga_attribute_write(VGA_ATTRIBUTE_PLANES, 7); /* bit 3 is the letter's now, not the colour's */
    vga_attribute_done();
}

/* The low byte, and bit 3 of the attribute for the second half. */
static u16 glyph_encode(struct display *d, u32 ch)
{
    u16 slot;

    if (!font_loaded || !console_text_slot(ch, &slot))
        return vga_char(ch);
    if (slot >= 256 && letter_colours == 16)
        use_512(d);
    return slot < 256 ? slot : (u16)((slot & 0xff) | 0x0800);
}

static bool same_colours(const struct cell *a, const struct cell *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

static void vga_draw(struct display *d, unsigned row, unsigned col, const struct cell *cells, unsigned n)
{
    if (row >= d->rows)
        return;
    u16 colours = 0;
    for (unsigned i = 0; i < n && col + i < d->cols; i++) {
        u16 glyph = glyph_encode(d, cells[i].ch); /* may change what colours there are */
        if (i == 0 || glyph & 0x0800 || !same_colours(&cells[i], &cells[i - 1]))
            colours = colours_encode(&cells[i]);
        cells_base[row * pitch_cells + col + i] = glyph | colours;
    }
}

static u8 cursor_start(enum cursor_shape shape)
{
    switch (shape) {
    case CURSOR_HIDDEN: return cursor_shape | CURSOR_OFF;
    case CURSOR_BLOCK: return 0; /* from the first line of the cell */
    default: return cursor_shape;
    }
}

static void vga_cursor(struct display *d, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    unsigned at = row * pitch_cells + col;

    vga_crtc_write(CRTC_CURSOR_START, cursor_start(shape));
    vga_crtc_write(CRTC_CURSOR_HIGH, (u8)(at >> 8));
    vga_crtc_write(CRTC_CURSOR_LOW, (u8)at);
}

static struct display vga = { .name = "vga text", .draw = vga_draw, .cursor = vga_cursor };

static int vga_text_init(void)
{
    const struct boot_fb *fb = boot_fb();

    if (!fb || fb->kind != FB_TEXT)
        return -ENODEV;
    if (!fb->width || !fb->height || fb->width > 256 || fb->height > 128 || fb->pitch < fb->width * 2) {
        kwarn("vga text: cannot be %ux%u with %u bytes a line", fb->width, fb->height, fb->pitch);
        return -ENODEV;
    }
    cells_base = kmem_map_phys(fb->addr, (size_t)fb->pitch * fb->height, PT_UNCACHED);
    if (!cells_base)
        return -ENOMEM;
    pitch_cells = fb->pitch / 2;
    cursor_shape = vga_crtc_read(CRTC_CURSOR_START) & (u8)~CURSOR_OFF;
    const char *palette = boot_option("palette");
    if (palette && strcmp(palette, "vga") == 0)
        vga_palette_use_classic();
    palette_set();
    font_loaded = vga_font_load();
    vga.cols = fb->width;
    vga.rows = fb->height;
    display_register(&vga);
    return 0;
}

DRIVER(vga_text, DRIVER_DEVICE, vga_text_init);
