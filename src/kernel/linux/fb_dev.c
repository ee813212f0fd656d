/* /dev/fb0: the pixels that the firmware set up, to be mapped, read and written; absent in text mode.
 *
 * The mode is what it is: asking for another one is answered with the real one, and panning and blanking are refused,
 * as Linux does it for such a screen (efifb). The console goes on drawing there; both write, and the last one is
 * seen. */
#include "linux/fb_dev.h"
#include "dev/boot_device.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/abi/fb.h"
#include "linux/lx.h"
#include "linux/missing.h"
#include "mm/kmem.h"
#include "vfs/devfs.h"
#include "vm/usercopy.h"

static const struct boot_fb *fb;
static u8 *window; /* all of it, write-combined: the kernel's own address */

static size_t fb_bytes(void) { return (size_t)fb->pitch * fb->height; }

static ssize_t_k fb_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    if (*pos >= fb_bytes())
        return 0;
    size_t done = copy_to_user_partial(buf, window + *pos, MIN(n, fb_bytes() - *pos));
    *pos += done;
    return done || !n ? (ssize_t_k)done : -EFAULT;
}

/* At the end there is no room, beyond it no such place: fbmem's errors. */
static ssize_t_k fb_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    if (*pos > fb_bytes())
        return -EFBIG;
    size_t room = fb_bytes() - *pos, want = MIN(n, room);
    if (n && !room)
        return -ENOSPC;
    if (copy_from_user(window + *pos, buf, want) < 0)
        return -EFAULT;
    *pos += want;
    return (ssize_t_k)want;
}

static u64 fb_size(struct file *f) { return fb_bytes(); }

static int fb_get_vmo(struct file *f, struct vmo **out)
{
    return vmo_create_phys(fb->addr, ROUND_UP(fb_bytes(), PAGE_SIZE), PT_WRITE_COMBINE, out);
}

static const struct file_ops fb_ops = { .name = "fb", .read = fb_read, .write = fb_write, .size = fb_size,
                                        .get_vmo = fb_get_vmo };

static int fb_open(struct file *f, void *ctx)
{
    f->ops = &fb_ops;
    return 0;
}

static struct lx_fb_bits bits_of(struct fb_field c) { return (struct lx_fb_bits){ .offset = c.pos, .length = c.size }; }

static long put_var(u64 arg)
{
    struct lx_fb_var v = {
        .xres = fb->width, .yres = fb->height, .xres_virtual = fb->width, .yres_virtual = fb->height, .bits_per_pixel = fb->bpp,
        .red = bits_of(fb->red), .green = bits_of(fb->green), .blue = bits_of(fb->blue), .height = ~0u, .width = ~0u,
    };
    return copy_to_user(uptr(arg), &v, sizeof(v));
}

static long put_fix(u64 arg)
{
    struct lx_fb_fix x = {
        .id = "Rustica FB", .smem_start = fb->addr, .smem_len = (u32)fb_bytes(), .type = LX_FB_TYPE_PACKED_PIXELS,
        .visual = LX_FB_VISUAL_TRUECOLOR, .line_length = fb->pitch,
    };
    return copy_to_user(uptr(arg), &x, sizeof(x));
}

static long fb_request(u32 cmd, u64 arg)
{
    struct lx_fb_var wish;
    switch (cmd) {
    case LX_FBIOGET_VSCREENINFO: return put_var(arg);
    case LX_FBIOPUT_VSCREENINFO: return copy_from_user(&wish, uptr(arg), sizeof(wish)) < 0 ? -EFAULT : put_var(arg);
    case LX_FBIOGET_FSCREENINFO: return put_fix(arg);
    case LX_FBIOPAN_DISPLAY: return copy_from_user(&wish, uptr(arg), sizeof(wish)) < 0 ? -EFAULT : -EINVAL;
    case LX_FBIOBLANK: return -EINVAL;
    default: return lx_missing(cmd, -ENOTTY);
    }
}

bool lx_fb_ioctl(struct file *f, u32 cmd, u64 arg, long *result)
{
    if (f->ops != &fb_ops)
        return false;
    *result = fb_request(cmd, arg);
    return true;
}

void fb_dev_init(void)
{
    fb = boot_fb();
    if (fb->kind != FB_RGB || fb->addr % PAGE_SIZE || !fb->pitch || !fb->height ||
        (u64)fb->pitch * fb->height > UINT32_MAX)
        return;
    window = kmem_map_phys(fb->addr, fb_bytes(), PT_WRITE_COMBINE);
    if (!window || devfs_add("fb0", MODE_CHR | 0660, makedev(LX_FB_MAJOR, 0), fb_open, NULL))
        kwarn("fb0: no memory for the device");
}
