/* The console terminal's names in /dev, and /dev/tty. They differ in who may open them. Whether opening
 * makes a terminal the opener's controlling one is linux/'s decision. Numbers: Linux,
 * Documentation/admin-guide/devices.txt. */
#include "dev/console.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "tty/tty_priv.h"
#include "vfs/devfs.h"

static int open_console(struct file *f, void *ctx)
{
    return tty_file_open(ctx, f);
}

/* /dev/tty: the caller's controlling terminal. */
static int open_own(struct file *f, void *ctx)
{
    const struct tty_ops *o = tty_ops_get();
    struct tty *t = o ? o->current_tty() : NULL;

    if (!t)
        return -ENXIO;
    int r = tty_file_open(t, f);
    tty_put(t);
    return r;
}

static int open_screen(struct file *f, void *ctx)
{
    return console_exists("tty0") ? tty_file_open(tty_vc_active(), f) : -ENXIO;
}

void tty_dev_init(struct tty *t)
{
    static const struct { const char *name; u32 mode, major, minor; dev_open_fn open; } nodes[] = {
        { "console", MODE_CHR | 0600, 5, 1, open_console },
        { "tty", MODE_CHR | 0666, 5, 0, open_own },
        { "tty0", MODE_CHR | 0620, 4, 0, open_screen },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(nodes); i++) {
        int r = devfs_add(nodes[i].name, nodes[i].mode, makedev(nodes[i].major, nodes[i].minor),
                          nodes[i].open, t);
        if (r < 0)
            kerr("tty: /dev/%s: error %d", nodes[i].name, -r);
    }
}
