/* The kernel log on the consoles. Lines stay whole there, whoever logs or prints at the same time.
 *
 * A sink has one owner at a time, for a line of the log or a piece of the shell's output; preemption
 * is off meanwhile, interrupts are not, because a serial line takes milliseconds for a line.
 *
 *     FREE --try_own--> OWNED --disown--> FREE, and the log goes on if `left` says so
 *
 * Who logs where waiting is allowed waits until its line is out: that keeps programs that log much
 * at the pace of the console. An interrupt handler, or who holds a spinlock, must not wait for an
 * owner that it may have interrupted, or that waits for that lock: it leaves its line (`left`) to
 * the owner, who looks for it after it has let go. */
#include "dev/clock_dev.h"
#include "dev/console_priv.h"
#include "dev/lock.h"

/* An owner that goes on that long is stuck: a line of 300 bytes takes 26 ms at 115200 baud. */
#define WAIT_US 200000u
#define LOOK_EVERY_US 10u

static bool try_own(struct console_sink *s)
{
    preempt_disable();
    if (!__atomic_exchange_n(&s->owned, true, __ATOMIC_SEQ_CST))
        return true;
    preempt_enable_no_resched();
    return false;
}

static void disown(struct console_sink *s)
{
    __atomic_store_n(&s->owned, false, __ATOMIC_SEQ_CST);
    preempt_enable_no_resched();
    preempt_check();
}

static bool may_wait(void)
{
    return irqs_enabled() && cpu_preempt_count() == 0 && cpu_irq_depth() == 0;
}

/* One byte of log text as the sinks get it; returns how many bytes that is. */
static unsigned log_byte(char c, char out[2])
{
    unsigned n = 0;

    if (c == '\n')
        out[n++] = '\r';
    bool control = (unsigned char)c < 0x20 || c == 0x7f;
    out[n++] = control && c != '\n' && c != '\t' ? '?' : c;
    return n;
}

static void text_write(struct console_sink *s, const char *text, size_t len)
{
    char buf[128];
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (used + 2 > sizeof(buf)) {
            s->write(s, buf, used);
            used = 0;
        }
        used += log_byte(text[i], buf + used);
    }
    if (used)
        s->write(s, buf, used);
}

/* False: there is none. */
static bool line_write(struct console_sink *s)
{
    char text[LOG_TEXT_MAX];
    size_t len = log_sink_next(&s->log_sink, text);

    text_write(s, text, len);
    return len > 0;
}

static bool has_read(const struct console_sink *s, u64 seq)
{
    return __atomic_load_n(&s->log_sink.next_seq, __ATOMIC_RELAXED) >= seq;
}

static bool is_left(const struct console_sink *s) { return __atomic_load_n(&s->left, __ATOMIC_SEQ_CST); }

/* Everything up to *end, and what others leave meanwhile: who takes `left` away owes all that was
 * there then. False: somebody else is at it. */
static bool lines_write(struct console_sink *s, u64 *end)
{
    while (!has_read(s, *end) || is_left(s)) {
        if (!try_own(s))
            return false;
        if (__atomic_exchange_n(&s->left, false, __ATOMIC_SEQ_CST))
            *end = log_end();
        bool more = line_write(s);
        disown(s);
        if (!more && !is_left(s))
            return true; /* the next one is not complete: its writer comes here too */
    }
    return true;
}

/* To the owner, who looks at `left` after disown(); if there is none by now, or no more, it is done here. */
static void leave(struct console_sink *s, u64 end)
{
    do
        __atomic_store_n(&s->left, true, __ATOMIC_SEQ_CST);
    while (!lines_write(s, &end) && !is_left(s));
}

static void kick(struct log_sink *ls)
{
    struct console_sink *s = container_of(ls, struct console_sink, log_sink);
    u64 end = log_end();

    if (!__atomic_load_n(&s->log, __ATOMIC_RELAXED))
        return;
    if (console_in_panic()) {
        while (line_write(s))
            ;
        return;
    }
    for (u32 us = may_wait() ? 0 : WAIT_US; !lines_write(s, &end); us += LOOK_EVERY_US) {
        if (us >= WAIT_US) {
            leave(s, end);
            return;
        }
        delay_us(LOOK_EVERY_US);
    }
}

void console_log_join(struct console_sink *s)
{
    s->log_sink = (struct log_sink){ .name = s->name, .kick = kick };
    log_add_sink(&s->log_sink, true);
}

/* Between two lines of the log. */
static void piece_write(struct console_sink *s, const char *bytes, size_t n)
{
    bool own = try_own(s);

    for (u32 us = 0; !own && us < WAIT_US && may_wait(); us += LOOK_EVERY_US) {
        delay_us(LOOK_EVERY_US);
        own = try_own(s);
    }
    (s->write_soon ? s->write_soon : s->write)(s, bytes, n);
    if (!own)
        return;
    disown(s);
    if (is_left(s))
        leave(s, log_end());
}

void console_text_write(struct console_sink *s, const char *bytes, size_t n)
{
    size_t most = s->piece ? s->piece : n;

    for (size_t done = 0; done < n; done += most)
        piece_write(s, bytes + done, MIN(most, n - done));
}
