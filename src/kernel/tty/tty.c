/* A terminal: one line discipline, fed from one side, read and written from the other.
 *
 *   keyboard, serial line (tty_console.c) or master (pty_master.c)
 *        '--> tty_receive_locked: ldisc --echo--> tty_emit_locked -> driver->put
 *                                     |--> readers wake
 *                                     '--> signals, sent after the lock is dropped
 *
 * tty->lock is never held while user memory is touched or tty_ops is called. Sleepers wait for
 * `changes` to move on, which needs no lock, and then look again under it. A hangup leaves files
 * that stand for nothing: they remember in `hangups` which of the terminal's lives they belong to. */
#include "tty/tty_priv.h"

#include "lib/string.h"

void tty_setup(struct tty *t, const struct tty_driver *driver, u64 rdev)
{
    t->refs = 1;
    t->driver = driver;
    t->rdev = rdev;
    mutex_init(&t->lock, "tty");
    event_init(&t->event, "tty event", POLL_WRITABLE);
    ldisc_init(&t->ld);
}

void tty_get(struct tty *t)
{
    u32 before = __atomic_fetch_add(&t->refs, 1, __ATOMIC_RELAXED);

    ASSERT(before - 1 < ~0u - 1);
}

void tty_put(struct tty *t)
{
    if (!t)
        return;
    u32 before = __atomic_fetch_sub(&t->refs, 1, __ATOMIC_ACQ_REL);
    ASSERT(before > 0);
    if (before == 1)
        t->driver->destroy(t);
}

u64 tty_number(const struct tty *t) { return t->rdev; }

size_t tty_emit_locked(struct tty *t, const char *bytes, size_t n, bool echo)
{
    size_t done = 0;

    ASSERT(mutex_held(&t->lock));
    while (done < n) {
        size_t room = MIN(t->driver->room(t, echo), sizeof(t->out)), used = 0;
        size_t took = room ? ldisc_output(&t->ld, bytes + done, n - done, t->out, room, &used) : 0;
        if (used)
            t->driver->put(t, t->out, used);
        if (!took)
            break;
        done += took;
    }
    return done;
}

void tty_ready_update_locked(struct tty *t)
{
    bool writable = !tty_output_stopped_locked(t) && t->driver->room(t, false) >= LDISC_OUT_MAX;
    u32 ready = (ldisc_poll(&t->ld) ? POLL_READABLE : 0) | (writable ? POLL_WRITABLE : 0);

    ASSERT(mutex_held(&t->lock));
    event_clear(&t->event, (POLL_READABLE | POLL_WRITABLE) & ~ready);
    event_set_quietly(&t->event, ready);
    if (t->driver->update)
        t->driver->update(t);
}

void tty_changed_locked(struct tty *t)
{
    tty_ready_update_locked(t);
    __atomic_add_fetch(&t->changes, 1, __ATOMIC_ACQ_REL);
    event_tell(&t->event, TTY_CHANGED | event_state(&t->event));
}

static void tell_locked(struct tty *t, unsigned what)
{
    if (t->driver->tell && what)
        t->driver->tell(t, what);
}

/* One byte through the line discipline, echo included; returns its effects. */
static unsigned receive_locked(struct tty *t, u8 byte)
{
    struct ldisc_out out;

    ldisc_receive(&t->ld, byte, &out);
    unsigned effects = out.effects;
    (void)tty_emit_locked(t, out.echo, out.necho, true);
    while (out.more) {
        out.necho = 0;
        ldisc_continue(&t->ld, &out);
        (void)tty_emit_locked(t, out.echo, out.necho, true);
    }
    return effects;
}

/* The bytes of one key arrive together: a program that sees the ESC of an arrow key alone, because it
 * was woken too early, takes it for the Escape key. */
unsigned tty_receive_locked(struct tty *t, const char *bytes, size_t n)
{
    unsigned effects = 0;
    bool stopped = t->ld.stopped;

    for (size_t i = 0; i < n; i++)
        effects |= receive_locked(t, (u8)bytes[i]);
    if (t->ld.stopped != stopped)
        tell_locked(t, t->ld.stopped ? TTY_TOLD_STOP : TTY_TOLD_START);
    if ((effects & LDISC_FLUSH) != 0)
        tell_locked(t, TTY_TOLD_FLUSH_READ | TTY_TOLD_FLUSH_WRITE);
    if (effects || t->ld.stopped != stopped)
        tty_changed_locked(t);
    if ((effects & LDISC_WAKE) && ldisc_readable(&t->ld))
        event_tell(&t->event, TTY_INPUT);
    return effects;
}

void tty_received(struct tty *t, unsigned effects)
{
    if (effects & LDISC_SIGINT)
        tty_signal(t, TTY_SIGINT);
    if (effects & LDISC_SIGQUIT)
        tty_signal(t, TTY_SIGQUIT);
    if (effects & LDISC_SIGTSTP)
        tty_signal(t, TTY_SIGTSTP);
}

void tty_hangup(struct tty *t)
{
    const struct tty_ops *o = tty_ops_get();

    mutex_lock(&t->lock);
    int session = t->session, pgrp = t->pgrp;
    t->session = t->pgrp = 0;
    t->output_held = t->exclusive = false;
    ldisc_init(&t->ld);
    if (t->driver->adjust)
        t->driver->adjust(t, &t->ld.t);
    __atomic_add_fetch(&t->hangups, 1, __ATOMIC_ACQ_REL);
    tty_changed_locked(t);
    event_tell(&t->event, POLL_HUP | POLL_ERR | POLL_READABLE | POLL_WRITABLE);
    mutex_unlock(&t->lock);
    if (o && session)
        o->session_hung_up(t, session, pgrp);
}
