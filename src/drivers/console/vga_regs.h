/* The registers of a VGA card that text mode needs, at the ports of colour mode, the only one with memory at
 * 0xB8000 (IBM VGA technical reference / FreeVGA). Who writes several has the display to himself. */
#pragma once
#include "dev/portio.h"

#define VGA_SEQUENCER 0x3c4        /* index, data */
#define VGA_GRAPHICS 0x3ce         /* the same */
#define VGA_CRTC 0x3d4             /* the same */
#define VGA_ATTRIBUTE 0x3c0        /* index and data in turn */
#define VGA_ATTRIBUTE_READ 0x3c1
#define VGA_STATUS1 0x3da          /* reading it makes the next attribute write an index */
#define VGA_ATTRIBUTE_SHOW 0x20    /* index bit: the palette drives the screen, not us */
#define VGA_ATTRIBUTE_PLANES 0x12  /* which planes take part in a colour */
#define VGA_CRTC_CELL_HEIGHT 0x09  /* lines of a character - 1, in bits 4..0 */

static inline void vga_crtc_write(u8 index, u8 v)
{
    outb(VGA_CRTC, index);
    outb(VGA_CRTC + 1, v);
}

static inline u8 vga_crtc_read(u8 index)
{
    outb(VGA_CRTC, index);
    return inb(VGA_CRTC + 1);
}

static inline void vga_attribute_write(u8 index, u8 v)
{
    (void)inb(VGA_STATUS1);
    outb(VGA_ATTRIBUTE, index);
    outb(VGA_ATTRIBUTE, v);
}

static inline u8 vga_attribute_read(u8 index)
{
    (void)inb(VGA_STATUS1);
    outb(VGA_ATTRIBUTE, index);
    return inb(VGA_ATTRIBUTE_READ);
}

/* After the last of the two above: the screen was dark meanwhile. */
static inline void vga_attribute_done(void)
{
    (void)inb(VGA_STATUS1);
    outb(VGA_ATTRIBUTE, VGA_ATTRIBUTE_SHOW);
}
