/* The serial line as a terminal: /dev/ttyS0.
 *
 * When console= does not part them, it is the console terminal itself (docs/decisions/0009-one-terminal.md).
 * Parted from it, it is a terminal of its own, on which init may serve a second session. While nobody has it
 * open what comes in is lost, without an echo, as on a line that nobody listens to. */
#include "dev/console.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "tty/tty_priv.h"
#include "vfs/devfs.h"

#define SERIAL "ttyS0"

static struct tty own;
static u32 nopen; /* atomic: files */

static size_t any_room(struct tty *t, bool echo) { return ~(size_t)0; }
static void put(struct tty *t, const char *bytes, size_t n) { console_write_only(SERIAL, bytes, n); }

static int opened(struct tty *t)
{
    __atomic_add_fetch(&nopen, 1, __ATOMIC_RELAXED);
    return 0;
}

static void closed(struct tty *t)
{
    __atomic_sub_fetch(&nopen, 1, __ATOMIC_RELAXED);
}

/* No size: what is at the other end is asked by those who want to know. */
static const struct tty_driver driver = { .name = "serial", .room = any_room, .put = put, .opened = opened, .closed = closed };

static struct tty *tty_serial(void)
{
    return console_takes_input_from(SERIAL) ? tty_console() : &own;
}

struct tty *tty_serial_listening(void)
{
    struct tty *t = tty_serial();

    return t == tty_console() || __atomic_load_n(&nopen, __ATOMIC_RELAXED) ? t : NULL;
}

static int open_serial(struct file *f, void *ctx)
{
    return console_exists(SERIAL) ? tty_file_open(tty_serial(), f) : -ENXIO;
}

void tty_serial_init(void)
{
    tty_setup(&own, &driver, makedev(4, 64)); /* Linux, Documentation/admin-guide/devices.txt */
    int r = devfs_add(SERIAL, MODE_CHR | 0660, makedev(4, 64), open_serial, NULL);
    if (r < 0)
        kerr("tty: /dev/" SERIAL ": error %d", -r);
}
