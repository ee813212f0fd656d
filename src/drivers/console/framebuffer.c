/* The screen as pixels that the firmware set up and the boot loader told us about: any size, 15 to
 * 32 bits, any order of colours. The mode is never changed.
 *
 * tty/vt calls with its lock held, so there is none here. */
#include "dev/boot_device.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "console_font.h"
#include "fb_draw.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"

#define BACKGROUND 0x282a36
#define BACKGROUND_VGA 0x000000
#define CURSOR 0xf8f8f2

static struct fb_surface surface;

static void framebuffer_draw(struct display *d, unsigned row, unsigned col, const struct cell *cells, unsigned n)
{
    fb_draw_cells(&surface, row, col, cells, n);
}

static void framebuffer_cursor(struct display *d, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    struct cell block = *under;

    block.attr ^= CELL_REVERSE;
    switch (shape) {
    case CURSOR_HIDDEN: break;
    case CURSOR_LINE: fb_draw_cursor(&surface, row, col, CURSOR); break;
    case CURSOR_BLOCK: fb_draw_cells(&surface, row, col, &block, 1); break;
    case CURSOR_BAR: fb_draw_bar(&surface, row, col, CURSOR); break;
    }
}

static struct display framebuffer = {
    .name = "framebuffer",
    .draw = framebuffer_draw,
    .cursor = framebuffer_cursor,
};

static int framebuffer_init(void)
{
    const struct boot_fb *fb = boot_fb();

    if (!fb || fb->kind != FB_RGB)
        return -ENODEV;
    if (!fb_surface_init(&surface, fb, &console_font)) {
        kwarn("framebuffer: cannot draw on %ux%u with %u bits, %u bytes a line", fb->width, fb->height, fb->bpp,
              fb->pitch);
        return -ENODEV;
    }
    surface.base = kmem_map_phys(fb->addr, (size_t)fb->pitch * fb->height, PT_WRITE_COMBINE);
    if (!surface.base)
        return -ENOMEM;
    const char *palette = boot_option("palette");
    fb_clear(&surface, palette && strcmp(palette, "vga") == 0 ? BACKGROUND_VGA : BACKGROUND);
    framebuffer.cols = fb_cols(&surface);
    framebuffer.rows = fb_rows(&surface);
    display_register(&framebuffer);
    return 0;
}

DRIVER(framebuffer, DRIVER_DEVICE, framebuffer_init);
