/* The terminal's names in /dev. All lead to the one console terminal; they differ in who may open
 * them and whether opening makes it the opener's controlling terminal (Linux: never for console
 * and tty0). Numbers: Linux, Documentation/admin-guide/devices.txt. */
#include "dev/console.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "tty/tty_priv.h"
#include "vfs/devfs.h"

static int open_console(struct file *f, void *ctx)
{
    struct tty *t = ctx;

    f->ops = &tty_file_ops;
    f->ctx = t;
    f->event = &t->event;
    return 0;
}

/* /dev/tty: the caller's controlling terminal. */
static int open_own(struct file *f, void *ctx)
{
    const struct tty_ops *o = tty_ops_get();
    int session = o ? o->current_session() : 0;

    if (!session || session != tty_get_session(ctx))
        return -ENXIO;
    return open_console(f, ctx);
}

static int open_screen(struct file *f, void *ctx)
{
    return console_exists("tty0") ? open_console(f, ctx) : -ENXIO;
}

/* A session leader that opens a terminal nobody owns gets it. */
static int open_serial(struct file *f, void *ctx)
{
    const struct tty_ops *o = tty_ops_get();

    if (!console_exists("ttyS0"))
        return -ENXIO;
    if (o && o->is_session_leader() && tty_get_session(ctx) == 0) {
        int session = o->current_session();
        if (session && tty_set_session(ctx, session, o->current_pgrp(), false) < 0)
            kdebug("tty: somebody else was faster to own the terminal"); /* it still opens */
    }
    return open_console(f, ctx);
}

void tty_dev_init(struct tty *t)
{
    static const struct { const char *name; u32 mode, major, minor; dev_open_fn open; } nodes[] = {
        { "console", MODE_CHR | 0600, 5, 1, open_console },
        { "tty", MODE_CHR | 0666, 5, 0, open_own },
        { "tty0", MODE_CHR | 0620, 4, 0, open_screen },
        { "ttyS0", MODE_CHR | 0660, 4, 64, open_serial },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(nodes); i++) {
        int r = devfs_add(nodes[i].name, nodes[i].mode, makedev(nodes[i].major, nodes[i].minor),
                          nodes[i].open, t);
        if (r < 0)
            kerr("tty: /dev/%s: error %d", nodes[i].name, -r);
    }
}
