/* Lines as terminals: /dev/ttyS0, the serial port, and /dev/hvc0, a virtual machine's console.
 *
 * When console= does not part them, they are the console terminal itself (docs/decisions/0009-one-terminal.md).
 * Parted from it, each is a terminal of its own, on which init may serve another session. While nobody has it
 * open what comes in is lost, without an echo, as on a line that nobody listens to.
 *
 * The serial port's bytes come as events. hvc0 keeps its own until they are fetched, and they are fetched only as far
 * as the line discipline has room; who reads there (lines_go_on) starts a line again that was left waiting:
 *
 *     FLOWING --no room--> WAITING --a reader took something--> input_lines_news() --> FLOWING */
#include "dev/console.h"
#include "dev/input.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "mm/slab.h"
#include "tty/tty_priv.h"
#include "vfs/devfs.h"

#define FETCH 256u /* at a time, so that keys come in between */

struct line {
    const char *name;
    u32 major, minor;
    struct tty *own; /* there from the start: so is the node, even without the device, as on Linux. Else made for it */
    u32 nopen;       /* atomic: files of own */
    bool waiting;    /* atomic; set under the lock of the terminal that it feeds */
};

static struct tty serial;
/* Numbers: Linux, Documentation/admin-guide/devices.txt. */
static struct line lines[] = {
    { .name = "ttyS0", .own = &serial, .major = 4, .minor = 64 },
    { .name = "hvc0", .major = 229 },
};
#define SERIAL (&lines[0])

static struct line *line_of(const struct tty *t)
{
    struct line *l = lines;

    while (l->own != t)
        l++;
    return l;
}

static size_t any_room(struct tty *t, bool echo) { return ~(size_t)0; }
static void put(struct tty *t, const char *bytes, size_t n) { console_write_only(line_of(t)->name, bytes, n); }

static int opened(struct tty *t)
{
    __atomic_add_fetch(&line_of(t)->nopen, 1, __ATOMIC_RELAXED);
    return 0;
}

static void closed(struct tty *t)
{
    __atomic_sub_fetch(&line_of(t)->nopen, 1, __ATOMIC_RELAXED);
}

void tty_lines_go_on(struct tty *t)
{
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        if (unlikely(__atomic_load_n(&lines[i].waiting, __ATOMIC_RELAXED)) && ldisc_room(&t->ld))
            input_lines_news();
}

/* No size: what is at the other end is asked by those who want to know. */
static const struct tty_driver driver = {
    .name = "serial", .room = any_room, .put = put, .opened = opened, .closed = closed, .update = tty_lines_go_on,
};

static struct tty *line_tty(const struct line *l)
{
    return console_takes_input_from(l->name) ? tty_console() : l->own;
}

static struct tty *line_listening(const struct line *l)
{
    struct tty *t = line_tty(l);

    return t == tty_console() || __atomic_load_n(&l->nopen, __ATOMIC_RELAXED) ? t : NULL;
}

struct tty *tty_serial_listening(void)
{
    return line_listening(SERIAL);
}

static unsigned fetch_locked(struct line *l, struct tty *t, size_t *n)
{
    char bytes[FETCH];
    size_t room = MIN(ldisc_room(&t->ld), sizeof(bytes));

    __atomic_store_n(&l->waiting, room == 0, __ATOMIC_RELAXED);
    *n = room ? console_read_only(l->name, bytes, room) : 0;
    return *n ? tty_receive_locked(t, bytes, *n) : 0;
}

static size_t line_fetch(struct line *l)
{
    struct tty *t = line_listening(l);
    char lost[FETCH];
    size_t n;

    if (!t)
        return console_read_only(l->name, lost, sizeof(lost));
    mutex_lock(&t->lock);
    unsigned effects = fetch_locked(l, t, &n);
    mutex_unlock(&t->lock);
    tty_received(t, effects);
    return n;
}

void tty_lines_fetch(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        if (lines[i].own && line_fetch(&lines[i]))
            input_lines_news(); /* there may be more */
}

static int open_line(struct file *f, void *ctx)
{
    const struct line *l = ctx;

    return console_exists(l->name) ? tty_file_open(line_tty(l), f) : -ENXIO;
}

static int line_init(struct line *l)
{
    u64 rdev = makedev(l->major, l->minor);

    if (!l->own)
        l->own = kzalloc(sizeof(*l->own));
    if (!l->own)
        return -ENOMEM;
    tty_setup(l->own, &driver, rdev);
    return devfs_add(l->name, MODE_CHR | 0660, rdev, open_line, l);
}

void tty_serial_init(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        struct line *l = &lines[i];
        int r = l->own || console_exists(l->name) ? line_init(l) : 0;
        if (r < 0)
            kerr("tty: /dev/%s: error %d", l->name, -r);
    }
}
