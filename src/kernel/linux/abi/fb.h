/* Frame buffer devices (linux/fb.h). */
#pragma once
#include "lib/types.h"

#define LX_FB_MAJOR 29
#define LX_FBIOGET_VSCREENINFO 0x4600
#define LX_FBIOPUT_VSCREENINFO 0x4601
#define LX_FBIOGET_FSCREENINFO 0x4602
#define LX_FBIOPAN_DISPLAY 0x4606
#define LX_FBIOBLANK 0x4611

#define LX_FB_TYPE_PACKED_PIXELS 0
#define LX_FB_VISUAL_TRUECOLOR 2

struct lx_fb_fix {
    char id[16];
    u64 smem_start;
    u32 smem_len, type, type_aux, visual;
    u16 xpanstep, ypanstep, ywrapstep;
    u32 line_length;
    u64 mmio_start;
    u32 mmio_len, accel;
    u16 capabilities, reserved[2];
};
_Static_assert(sizeof(struct lx_fb_fix) == 80, "linux/fb.h");

struct lx_fb_bits { u32 offset, length, msb_right; };
struct lx_fb_var {
    u32 xres, yres, xres_virtual, yres_virtual, xoffset, yoffset, bits_per_pixel, grayscale;
    struct lx_fb_bits red, green, blue, transp;
    u32 nonstd, activate, height, width, accel_flags;
    u32 pixclock, left_margin, right_margin, upper_margin, lower_margin, hsync_len, vsync_len, sync, vmode;
    u32 rotate, colorspace, reserved[4];
};
_Static_assert(sizeof(struct lx_fb_var) == 160, "linux/fb.h");
