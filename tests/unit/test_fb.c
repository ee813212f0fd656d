/* Sources: src/drivers/console/fb_draw.c src/drivers/console/vga_palette.c */
#include "tests/unit/host.h"
#include "src/drivers/console/fb_draw.h"
#include "src/drivers/console/vga_palette.h"
#include <stdlib.h>
#include <string.h>

static const u8 glyphs[2][16] = { { 0x80, 0x01, [15] = 0xff }, { 0 } };
static const struct fb_font_char chars[] = { { ' ', 1 }, { '?', 0 }, { 'A', 0 } };
static const struct fb_font font = { glyphs, chars, 2, 3 };

static void draw_in(u8 bpp, struct fb_field r, struct fb_field g, struct fb_field b, u32 white)
{
    unsigned bytes = (bpp + 7) / 8, w = 21, h = 35;
    struct boot_fb fb = { FB_RGB, 0, w * bytes + 5, w, h, bpp, r, g, b };
    struct fb_surface s;
    u8 *mem = malloc(fb.pitch * h);

    memset(mem, 0xee, fb.pitch * h);
    assert_true(fb_surface_init(&s, &fb, &font));
    s.base = mem;
    assert_int_equal(fb_cols(&s), 2);
    assert_int_equal(fb_rows(&s), 2);
    struct cell c[3] = { { 'A', 0xffffff, 0, 0 }, { 0x4e00, 0xffffff, 0, CELL_REVERSE }, { 'A', 0, 0, 0 } };
    fb_draw_cells(&s, 1, 0, c, 3);
    fb_draw_cells(&s, 2, 0, c, 3);
    fb_draw_cells(&s, 1, 100, c, 3);
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++) {
            u32 got = 0, want;
            for (unsigned i = 0; i < bytes; i++)
                got |= (u32)mem[y * fb.pitch + x * bytes + i] << (8 * i);
            if (y < 16 || y >= 32 || x >= 16) {
                want = 0xeeeeeeee >> (32 - 8 * bytes);
            } else {
                bool on = glyphs[0][y - 16] >> (7 - x % 8) & 1;
                want = on != (x >= 8) ? white : 0;
            }
            assert_int_equal(got, want);
        }
    for (unsigned y = 0; y < h; y++)
        for (unsigned i = w * bytes; i < fb.pitch; i++)
            assert_int_equal(mem[y * fb.pitch + i], 0xee);
    fb_clear(&s, 0);
    fb_draw_cursor(&s, 1, 1, 0xffffff);
    fb_draw_cursor(&s, 9, 9, 0xffffff);
    free(mem);
}
static void formats(void **state)
{
    draw_in(15, (struct fb_field){ 10, 5 }, (struct fb_field){ 5, 5 }, (struct fb_field){ 0, 5 }, 0x7fff);
    draw_in(16, (struct fb_field){ 11, 5 }, (struct fb_field){ 5, 6 }, (struct fb_field){ 0, 5 }, 0xffff);
    draw_in(24, (struct fb_field){ 16, 8 }, (struct fb_field){ 8, 8 }, (struct fb_field){ 0, 8 }, 0xffffff);
    draw_in(32, (struct fb_field){ 0, 8 }, (struct fb_field){ 8, 8 }, (struct fb_field){ 16, 8 }, 0xffffff);
}
static void pixels(void **state)
{
    struct fb_surface s = { .red = { 16, 8 }, .green = { 8, 8 }, .blue = { 0, 8 } };
    assert_int_equal(fb_pixel(&s, 0x282a36), 0x282a36);
    s = (struct fb_surface){ .red = { 20, 10 }, .green = { 10, 10 }, .blue = { 0, 10 } };
    assert_int_equal(fb_pixel(&s, 0xff0000), 0x3fcu << 20);
}
static void refused(void **state)
{
    struct fb_surface s;
    struct boot_fb fb = { FB_RGB, 0, 100, 20, 20, 32, { 16, 8 }, { 8, 8 }, { 0, 8 } };
    assert_true(fb_surface_init(&s, &fb, &font));
    fb.bpp = 8;
    assert_false(fb_surface_init(&s, &fb, &font));
    fb.bpp = 24, fb.red.pos = 17;
    assert_false(fb_surface_init(&s, &fb, &font));
    fb.red.pos = 16, fb.width = 34;
    assert_false(fb_surface_init(&s, &fb, &font));
    fb.width = 7;
    assert_false(fb_surface_init(&s, &fb, &font));
    fb = (struct boot_fb){ FB_RGB, 0, 2560 * 4, 2560, 1440, 32, { 16, 8 }, { 8, 8 }, { 0, 8 } };
    assert_true(fb_surface_init(&s, &fb, &font));
    assert_int_equal(s.scale, 2);
    assert_int_equal(fb_cols(&s), 160);
}
static void vga(void **state)
{
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(vga_nearest(vga_palette[i], 16), i);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(vga_nearest(vga_palette[i], 8), i);
    assert_int_equal(vga_char('A'), 'A');
    assert_int_equal(vga_char(0x2500), 0xc4);
    assert_int_equal(vga_char(0xe4), 0x84);
    assert_int_equal(vga_char(0xc0), 'A');
    assert_int_equal(vga_char(0x25bd), 0x1f);
    assert_int_equal(vga_char(0x4e00), '?');
    for (u32 ch = 0xc0; ch < 0x100; ch++)
        assert_int_not_equal(vga_char(ch), 0);
}
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(formats), cmocka_unit_test(pixels), cmocka_unit_test(refused), cmocka_unit_test(vga) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
