/* The console terminal: keyboard and lines in, every selected sink out; and the thread that gives what is
 * typed to whose it is. A line's bytes go to the console, or to the terminal that the line is for itself; the
 * keyboard's to the virtual console on the screen (which may be the console's half); an answer to the console that
 * was asked.
 *
 *   interrupt -> dev/input -> worker: keymap -> tty_receive_locked -> ... -> dev/console */
#include "dev/console.h"
#include "dev/input.h"
#include "tty/keymap.h"
#include "tty/tty_priv.h"
#include "tty/vt.h"

static struct tty console;

struct tty *tty_console(void)
{
    return &console;
}

static size_t any_room(struct tty *t, bool echo) { return ~(size_t)0; }
static void put(struct tty *t, const char *bytes, size_t n)
{
    vt_console_prepare(0, bytes, n);
    console_write(bytes, n);
}

/* The screen's, or the usual 80x24 behind a wire. */
static void default_size(struct tty *t, struct tty_winsize *out)
{
    unsigned cols = 80, rows = 24;

    if (console_takes_input_from("tty0"))
        (void)vt_size(&cols, &rows);
    *out = (struct tty_winsize){ .rows = (u16)rows, .cols = (u16)cols };
}

static const struct tty_driver driver = {
    .name = "console", .room = any_room, .put = put, .default_size = default_size, .update = tty_lines_go_on,
};

static void receive_bytes(struct tty *t, const char *bytes, size_t n)
{
    mutex_lock(&t->lock);
    unsigned effects = tty_receive_locked(t, bytes, n);
    mutex_unlock(&t->lock);
    tty_received(t, effects);
}

static void receive_key(const struct input_event *ev)
{
    char bytes[KEYMAP_OUT_MAX];
    unsigned n = tty_keyboard_feed(ev, bytes);
    struct tty *t = tty_vc_active();

    if (n && (tty_vc_number(t) || console_takes_input_from("tty0")))
        receive_bytes(t, bytes, n);
}

static void receive_serial(char byte)
{
    struct tty *t = tty_serial_listening();

    if (t)
        receive_bytes(t, &byte, 1);
}

static void worker(void *arg)
{
    struct input_event ev;
    char byte;

    for (;;) {
        input_wait(&ev);
        byte = (char)ev.code;
        switch (ev.kind) {
        case INPUT_KEY: receive_key(&ev); break;
        case INPUT_BYTE: receive_serial(byte); break;
        case INPUT_LINES: tty_lines_fetch(); break;
        case INPUT_ANSWER: receive_bytes(tty_vc(ev.code >> 8), &byte, 1); break;
        }
    }
}

void tty_console_init(void)
{
    tty_setup(&console, &driver, makedev(5, 1));
    tty_dev_init(&console);
}

void tty_init(void)
{
    tty_console_init();
    tty_keyboard_init();
    tty_vc_init();
    tty_serial_init();
    pty_init();
    kthread_run("tty", worker, NULL);
    vt_start_drawer();
}
