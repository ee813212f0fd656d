/* What a program may ask of a terminal and tell it, beside reading and writing. */
#include "lib/errno.h"
#include "lib/string.h"
#include "tty/tty_priv.h"

#define CTRL_S 023
#define CTRL_Q 021

void tty_get_termios(struct tty *t, struct tty_termios *out)
{
    mutex_lock(&t->lock);
    *out = t->ld.t;
    mutex_unlock(&t->lock);
}

void tty_get_locks(struct tty *t, struct tty_termios *out)
{
    mutex_lock(&t->lock);
    *out = t->locks;
    mutex_unlock(&t->lock);
}

void tty_set_locks(struct tty *t, const struct tty_termios *in)
{
    mutex_lock(&t->lock);
    t->locks = *in;
    mutex_unlock(&t->lock);
}

static u32 bits_kept(u32 new, u32 old, u32 locked) { return (new & ~locked) | (old & locked); }

static void keep_locked(const struct tty *t, struct tty_termios *tio)
{
    const struct tty_termios *old = &t->ld.t, *locks = &t->locks;
    tio->iflag = bits_kept(tio->iflag, old->iflag, locks->iflag);
    tio->oflag = bits_kept(tio->oflag, old->oflag, locks->oflag);
    tio->cflag = bits_kept(tio->cflag, old->cflag, locks->cflag);
    tio->lflag = bits_kept(tio->lflag, old->lflag, locks->lflag);
    tio->line = locks->line ? old->line : tio->line;
    for (unsigned i = 0; i < TTY_NCCS; i++)
        tio->cc[i] = locks->cc[i] ? old->cc[i] : tio->cc[i];
}

static bool does_flow(const struct tty_termios *t)
{
    return (t->iflag & T_IXON) && t->cc[VSTOP] == CTRL_S && t->cc[VSTART] == CTRL_Q;
}

static void set_termios_locked(struct tty *t, const struct tty_termios *in)
{
    bool flow = does_flow(&t->ld.t), stopped = t->ld.stopped;
    struct tty_termios tio = *in;
    unsigned what = 0;

    keep_locked(t, &tio);
    if (t->driver->adjust)
        t->driver->adjust(t, &tio);
    ldisc_set_termios(&t->ld, &tio);
    if (flow != does_flow(&tio))
        what |= flow ? TTY_TOLD_NO_STOP : TTY_TOLD_DO_STOP;
    if (stopped && !t->ld.stopped)
        what |= TTY_TOLD_START;
    if (what && t->driver->tell)
        t->driver->tell(t, what);
    tty_changed_locked(t);
}

int tty_set_termios(struct tty *t, const struct tty_termios *in, bool flush_input)
{
    int r = tty_check_background(t, TTY_SIGTTOU);

    if (r < 0)
        return r;
    mutex_lock(&t->lock);
    if (flush_input)
        ldisc_flush_input(&t->ld);
    set_termios_locked(t, in);
    mutex_unlock(&t->lock);
    return 0;
}

/* Until a program says otherwise the size is what the driver knows. */
static void winsize_locked(struct tty *t, struct tty_winsize *out)
{
    if (t->winsize_set || !t->driver->default_size)
        *out = t->winsize;
    else
        t->driver->default_size(t, out);
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

/* What was written is with the other side already: there is none of it to throw away. */
int tty_flush(struct tty *t, bool input, bool output)
{
    int r = tty_check_background(t, TTY_SIGTTOU);

    if (r < 0)
        return r;
    mutex_lock(&t->lock);
    if (input)
        ldisc_flush_input(&t->ld);
    if (t->driver->tell)
        t->driver->tell(t, (input ? TTY_TOLD_FLUSH_READ : 0) | (output ? TTY_TOLD_FLUSH_WRITE : 0));
    tty_changed_locked(t);
    mutex_unlock(&t->lock);
    return 0;
}

int tty_drain(struct tty *t)
{
    return tty_check_background(t, TTY_SIGTTOU);
}

int tty_hold_output(struct tty *t, bool hold)
{
    int r = tty_check_background(t, TTY_SIGTTOU);

    if (r < 0)
        return r;
    mutex_lock(&t->lock);
    if (t->output_held != hold && !t->ld.stopped && t->driver->tell)
        t->driver->tell(t, hold ? TTY_TOLD_STOP : TTY_TOLD_START);
    if (t->output_held && !hold)
        t->ld.stopped = false; /* as Linux: it undoes ^S too */
    t->output_held = hold;
    tty_changed_locked(t);
    mutex_unlock(&t->lock);
    return 0;
}

/* Asks the other side to stop sending, or to go on: its flow control character, as it is. */
int tty_send_flow(struct tty *t, bool start)
{
    int r = tty_check_background(t, TTY_SIGTTOU);

    if (r < 0)
        return r;
    mutex_lock(&t->lock);
    char c = (char)t->ld.t.cc[start ? VSTART : VSTOP];
    if (c && t->driver->room(t, true) > 0)
        t->driver->put(t, &c, 1);
    mutex_unlock(&t->lock);
    return 0;
}

bool tty_exclusive(struct tty *t)
{
    mutex_lock(&t->lock);
    bool on = t->exclusive;
    mutex_unlock(&t->lock);
    return on;
}

void tty_set_exclusive(struct tty *t, bool on)
{
    mutex_lock(&t->lock);
    t->exclusive = on;
    mutex_unlock(&t->lock);
}
