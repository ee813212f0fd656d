/* The console terminal: one line discipline, fed by a worker thread, emptied by readers.
 *
 *   interrupt -> dev/input -> worker: keymap -> ldisc --echo--> tty_emit -> dev/console
 *                                               |--> readers wake
 *                                               '--> signals, sent after the lock is dropped
 *
 * tty->lock is never held while user memory is touched or tty_ops is called. Sleepers wait for
 * `changes` to move on, which needs no lock, and then look again under it. */
#include "tty/tty_priv.h"

#include "dev/console.h"
#include "dev/input.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "tty/vt.h"

static struct tty console = {
    .lock = MUTEX_INIT(console.lock, "tty"),
    .event = EVENT_INIT(console.event, "tty event", POLL_WRITABLE),
};

struct tty *tty_console(void)
{
    return &console;
}

void tty_emit_locked(struct tty *t, const char *bytes, size_t n)
{
    size_t used = 0;

    ASSERT(mutex_held(&t->lock) && n <= TTY_CHUNK);
    for (size_t took = 0; took < n;) {
        took += ldisc_output(&t->ld, bytes + took, n - took, t->out, sizeof(t->out), &used);
        console_write(t->out, used);
    }
}

void tty_ready_update_locked(struct tty *t)
{
    u32 ready = (ldisc_poll(&t->ld) ? POLL_READABLE : 0) | (t->ld.stopped ? 0 : POLL_WRITABLE);

    ASSERT(mutex_held(&t->lock));
    event_clear(&t->event, (POLL_READABLE | POLL_WRITABLE) & ~ready);
    event_set_quietly(&t->event, ready);
}

void tty_changed_locked(struct tty *t)
{
    tty_ready_update_locked(t);
    __atomic_add_fetch(&t->changes, 1, __ATOMIC_ACQ_REL);
    event_tell(&t->event, TTY_CHANGED | event_state(&t->event));
}

/* One byte through the line discipline, echo included; returns its effects. */
static unsigned receive_locked(struct tty *t, u8 byte)
{
    struct ldisc_out out;

    ldisc_receive(&t->ld, byte, &out);
    unsigned effects = out.effects;
    tty_emit_locked(t, out.echo, out.necho);
    while (out.more) {
        out.necho = 0;
        ldisc_continue(&t->ld, &out);
        tty_emit_locked(t, out.echo, out.necho);
    }
    return effects;
}

static void signals_send(struct tty *t, unsigned effects)
{
    if (effects & LDISC_SIGINT)
        tty_signal(t, TTY_SIGINT);
    if (effects & LDISC_SIGQUIT)
        tty_signal(t, TTY_SIGQUIT);
    if (effects & LDISC_SIGTSTP)
        tty_signal(t, TTY_SIGTSTP);
}

/* The bytes of one key arrive together: a program that sees the ESC of an arrow key alone, because it
 * was woken too early, takes it for the Escape key. */
static void receive_bytes(struct tty *t, const char *bytes, size_t n)
{
    unsigned effects = 0;

    mutex_lock(&t->lock);
    for (size_t i = 0; i < n; i++)
        effects |= receive_locked(t, (u8)bytes[i]);
    if (effects || t->ld.stopped)
        tty_changed_locked(t);
    mutex_unlock(&t->lock);
    signals_send(t, effects);
}

/* Linux's lamp bits of KDSETLED: scroll 1, num 2, caps 4. */
static void receive_key(struct tty *t, const struct input_event *ev)
{
    char bytes[8];
    bool leds;
    unsigned n = keymap_feed(&t->keys, ev->code, ev->pressed, bytes, &leds);

    if (leds)
        input_set_leds((t->keys.num ? 2u : 0) | (t->keys.caps ? 4u : 0));
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

void tty_init(void)
{
    ldisc_init(&console.ld);
    tty_dev_init(&console);
    kthread_run("tty", worker, &console);
}

void tty_get_termios(struct tty *t, struct tty_termios *out)
{
    mutex_lock(&t->lock);
    *out = t->ld.t;
    mutex_unlock(&t->lock);
}

int tty_set_termios(struct tty *t, const struct tty_termios *in, bool flush_input)
{
    int r = tty_check_background(t, TTY_SIGTTOU);
    if (r < 0)
        return r;
    mutex_lock(&t->lock);
    if (flush_input)
        ldisc_flush_input(&t->ld);
    ldisc_set_termios(&t->ld, in);
    tty_changed_locked(t);
    mutex_unlock(&t->lock);
    return 0;
}

/* Until a program says otherwise the size is the screen's, or the usual 80x24 behind a wire. */
static void winsize_locked(struct tty *t, struct tty_winsize *out)
{
    unsigned cols = 80, rows = 24;

    if (t->winsize_set) {
        *out = t->winsize;
        return;
    }
    if (console_takes_input_from("tty0"))
        (void)vt_size(&cols, &rows);
    *out = (struct tty_winsize){ .rows = (u16)rows, .cols = (u16)cols };
}

void tty_get_winsize(struct tty *t, struct tty_winsize *out)
{
    mutex_lock(&t->lock);
    winsize_locked(t, out);
    mutex_unlock(&t->lock);
}

void tty_set_winsize(struct tty *t, const struct tty_winsize *in)
{
    struct tty_winsize old;

    mutex_lock(&t->lock);
    winsize_locked(t, &old);
    t->winsize = *in;
    t->winsize_set = true;
    mutex_unlock(&t->lock);
    if (memcmp(&old, in, sizeof(old)) != 0)
        tty_signal(t, TTY_SIGWINCH);
}

size_t tty_readable_bytes(struct tty *t)
{
    mutex_lock(&t->lock);
    size_t n = ldisc_pending(&t->ld);
    mutex_unlock(&t->lock);
    return n;
}

/* Output is never queued here, so there is none to throw away. */
void tty_flush(struct tty *t, bool input, bool output)
{
    if (!input)
        return;
    mutex_lock(&t->lock);
    ldisc_flush_input(&t->ld);
    tty_changed_locked(t);
    mutex_unlock(&t->lock);
}
