/* Virtual consoles as terminals: tty1 to tty4, one of which has the screen and the keyboard.
 *
 * When console= does not part them, tty1 is the console terminal itself: screen and serial line are then
 * one terminal (docs/decisions/0009-one-terminal.md), and only the others stand for themselves. */
#include "dev/console.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "tty/tty_priv.h"
#include "tty/vt.h"
#include "vfs/devfs.h"

_Static_assert(TTY_VC_COUNT == VT_CONSOLES, "one terminal each");
static struct tty own[VT_CONSOLES];
static u32 nopen[VT_CONSOLES]; /* atomic: files */
static struct waitq switched = WAITQ_INIT(switched, "vt switched");

static unsigned index_of(const struct tty *t) { return (unsigned)(t - own); }
static bool is_own(const struct tty *t) { return t >= own && t < own + VT_CONSOLES; }

static size_t any_room(struct tty *t, bool echo) { return ~(size_t)0; }
static void put(struct tty *t, const char *bytes, size_t n)
{
    vt_console_prepare(index_of(t), bytes, n);
    vt_console_write(index_of(t), bytes, n);
}

static void default_size(struct tty *t, struct tty_winsize *out)
{
    unsigned cols = 80, rows = 25;

    (void)vt_size(&cols, &rows);
    *out = (struct tty_winsize){ .rows = (u16)rows, .cols = (u16)cols };
}

static int opened(struct tty *t)
{
    int r = vt_console_make(index_of(t));

    if (r == 0)
        __atomic_add_fetch(&nopen[index_of(t)], 1, __ATOMIC_RELAXED);
    return r;
}

static void closed(struct tty *t)
{
    __atomic_sub_fetch(&nopen[index_of(t)], 1, __ATOMIC_RELAXED);
}

static const struct tty_driver driver = {
    .name = "vc", .room = any_room, .put = put, .default_size = default_size, .opened = opened, .closed = closed,
};

struct tty *tty_vc(unsigned n)
{
    ASSERT(n < VT_CONSOLES);
    return n == 0 && console_takes_input_from("tty0") ? tty_console() : &own[n];
}

struct tty *tty_vc_active(void)
{
    return tty_vc(vt_active());
}

int tty_vc_number(const struct tty *t)
{
    unsigned cols, rows;

    if (!vt_size(&cols, &rows))
        return 0;
    if (is_own(t))
        return (int)index_of(t) + 1;
    return t == tty_vc(0) ? 1 : 0;
}

int tty_vc_active_number(void)
{
    return (int)vt_active() + 1;
}

unsigned tty_vc_open_mask(void)
{
    unsigned mask = 1; /* as Linux: bit 0, /dev/tty0, is always in use */

    for (unsigned i = 0; i < VT_CONSOLES; i++)
        if (tty_vc(i) == tty_console() || __atomic_load_n(&nopen[i], __ATOMIC_RELAXED))
            mask |= 2u << i;
    return mask;
}

int tty_vc_activate(int number)
{
    if (number < 1 || number > (int)VT_CONSOLES)
        return -ENXIO;
    int r = vt_activate((unsigned)number - 1);
    waitq_wake_all(&switched);
    return r;
}

int tty_vc_wait_active(int number)
{
    if (number < 1 || number > (int)VT_CONSOLES)
        return -ENXIO;
    int r = wait_event(&switched, tty_vc_active_number() == number, WAIT_INTERRUPTIBLE, 0);
    return r < 0 ? -ERESTARTSYS : 0;
}

static int open_vc(struct file *f, void *ctx)
{
    return tty_file_open(tty_vc(index_of(ctx)), f);
}

void tty_vc_init(void)
{
    unsigned cols, rows;

    for (unsigned i = 0; i < VT_CONSOLES; i++)
        tty_setup(&own[i], &driver, makedev(4, i + 1));
    if (!vt_size(&cols, &rows))
        return;
    for (unsigned i = 0; i < VT_CONSOLES; i++) {
        char name[] = { 't', 't', 'y', (char)('1' + i), 0 };
        int r = devfs_add(name, MODE_CHR | 0620, makedev(4, i + 1), open_vc, &own[i]);
        if (r < 0)
            kerr("tty: /dev/%s: error %d", name, -r);
    }
}
