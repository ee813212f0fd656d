/* Our font in the memory of a VGA card in text mode: 512 glyphs in plane 2, where the card looks for them.
 *
 *   plane 2:  0x0000 glyphs 0 to 255, 32 bytes each, of which 16 show     map B, attribute bit 3 clear
 *             0x2000 glyphs 256 to 511                                    map A, attribute bit 3 set
 *
 * To write there the card is told to show plane 2 at 0xA0000, byte after byte, and is put back then.
 * Registers: IBM VGA technical reference / FreeVGA, "Sequencer", "Graphics Controller", "CRTC",
 * "Attribute Controller". */
#include "vga_font.h"

#include "console_font.h"
#include "dev/mmio.h"
#include "dev/portio.h"
#include "vga_regs.h"

#define PLANES_ADDR 0xa0000u
#define PLANES_SIZE 0x10000u
#define SLOT_BYTES 32u

struct vga_setting { u16 port; u8 index, value; };

static void settings_write(const struct vga_setting *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        outb(s[i].port, s[i].index);
        outb(s[i].port + 1, s[i].value);
    }
}

static const struct vga_setting to_font[] = {
    { VGA_SEQUENCER, 0, 1 }, { VGA_SEQUENCER, 2, 4 }, { VGA_SEQUENCER, 4, 7 },
    { VGA_SEQUENCER, 0, 3 }, /* plane 2, one after the other */
    { VGA_GRAPHICS, 4, 2 }, { VGA_GRAPHICS, 5, 0 }, { VGA_GRAPHICS, 6, 4 },
};
static const struct vga_setting to_text[] = {
    { VGA_SEQUENCER, 0, 1 }, { VGA_SEQUENCER, 2, 3 }, { VGA_SEQUENCER, 4, 3 },
    { VGA_SEQUENCER, 0, 3 }, /* planes 0 and 1 in turn */
    { VGA_GRAPHICS, 4, 0 }, { VGA_GRAPHICS, 5, 0x10 }, { VGA_GRAPHICS, 6, 0x0e },
};

bool vga_font_load(void)
{
    if ((vga_crtc_read(VGA_CRTC_CELL_HEIGHT) & 0x1f) != FB_GLYPH_H - 1)
        return false;
    volatile u8 *plane = kmem_map_phys(PLANES_ADDR, PLANES_SIZE, PT_UNCACHED);
    if (!plane)
        return false;
    settings_write(to_font, ARRAY_SIZE(to_font));
    for (unsigned slot = 0; slot < TEXT_SLOTS; slot++)
        for (unsigned y = 0; y < FB_GLYPH_H; y++)
            mmio_write8(plane + slot * SLOT_BYTES + y, console_text_bits(slot)[y]);
    settings_write(to_text, ARRAY_SIZE(to_text));
    kmem_unmap_phys((void *)plane, PLANES_SIZE);
    return true;
}

/* Both halves in the same eight colours: the fourth plane no longer takes part in them. */
void vga_font_use_512(void)
{
    static const struct vga_setting map[] = { { VGA_SEQUENCER, 0, 1 }, { VGA_SEQUENCER, 3, 0x20 },
                                              { VGA_SEQUENCER, 0, 3 } };

    settings_write(map, ARRAY_SIZE(map));
}
