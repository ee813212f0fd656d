/* The console terminal: keyboard and serial line in, every selected sink out.
 *
 *   interrupt -> dev/input -> worker: keymap -> tty_receive_locked -> ... -> dev/console */
#include "dev/console.h"
#include "dev/input.h"
#include "tty/keymap.h"
#include "tty/tty_priv.h"
#include "tty/vt.h"

static struct tty console;
static struct keymap_state keys; /* the worker's */

struct tty *tty_console(void)
{
    return &console;
}

static size_t any_room(struct tty *t, bool echo) { return ~(size_t)0; }
static void put(struct tty *t, const char *bytes, size_t n) { console_write(bytes, n); }

/* The screen's, or the usual 80x24 behind a wire. */
static void default_size(struct tty *t, struct tty_winsize *out)
{
    unsigned cols = 80, rows = 24;

    if (console_takes_input_from("tty0"))
        (void)vt_size(&cols, &rows);
    *out = (struct tty_winsize){ .rows = (u16)rows, .cols = (u16)cols };
}

static const struct tty_driver driver = { .name = "console", .room = any_room, .put = put, .default_size = default_size };

static void receive_bytes(struct tty *t, const char *bytes, size_t n)
{
    mutex_lock(&t->lock);
    unsigned effects = tty_receive_locked(t, bytes, n);
    mutex_unlock(&t->lock);
    tty_received(t, effects);
}

/* Linux's lamp bits of KDSETLED: scroll 1, num 2, caps 4. */
static void receive_key(struct tty *t, const struct input_event *ev)
{
    char bytes[8];
    bool leds;
    unsigned n = keymap_feed(&keys, ev->code, ev->pressed, bytes, &leds);

    if (leds)
        input_set_leds((keys.num ? 2u : 0) | (keys.caps ? 4u : 0));
    if (n && console_takes_input_from("tty0"))
        receive_bytes(t, bytes, n);
}

static void worker(void *arg)
{
    struct tty *t = arg;
    struct input_event ev;

    for (;;) {
        input_wait(&ev);
        if (ev.kind == INPUT_KEY) {
            receive_key(t, &ev);
        } else {
            char byte = (char)ev.code;
            receive_bytes(t, &byte, 1);
        }
    }
}

void tty_console_init(void)
{
    tty_setup(&console, &driver, makedev(5, 1));
    tty_dev_init(&console);
    kthread_run("tty", worker, &console);
}

void tty_init(void)
{
    tty_console_init();
    pty_init();
}
