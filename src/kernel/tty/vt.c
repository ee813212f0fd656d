/* The screen as virtual consoles: joins one engine each to the display. The first console is the sink
 * "tty0" of the log and, when console= says so, the screen's half of the console terminal.
 *
 * Text comes from any context, so the lock is a spinlock with interrupts off; a panic does without it,
 * and shows the first console. Drawing is done row by row and the lock is free between two rows. What is
 * not on the display is not drawn at all, and a switch draws the other console from its cells. While the
 * log is replayed nothing is drawn: only its end will be seen. A screen larger than the engine's limits
 * is used in part.
 *
 * A line of the log is on the display when its writer goes on, whatever happens next. What programs write
 * is drawn at once if nothing was for a moment (a key's echo), else with all that follows by the thread
 * "screen", so that much text costs a few pictures, not one per line:
 *
 *     write --> cells --> drawn already in this moment? --no--> drawn
 *                                                      '-yes-> draw_due -> thread, when the moment is over */
#include "tty/vt.h"

#include "dev/boot_device.h"
#include "dev/console.h"
#include "dev/input.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "sched/waitq.h"

#define HISTORY_PIECE 32u /* lines; of 80 columns: 30 KiB */
_Static_assert(VT_HISTORY_MAX % HISTORY_PIECE == 0, "the history fills up");

struct answers { char text[64]; size_t n; };
static struct vt_console {
    struct vt_engine *engine; /* set once, by vt_console_make */
    struct answers answers;   /* guarded by lock */
} consoles[VT_CONSOLES];
static unsigned active; /* written under lock, read without */
static struct display *display;
static struct cell *shown; /* on the display, whichever console that is */
static unsigned screen_cols, screen_rows;
static bool replaying;
static struct spinlock lock = SPINLOCK_INIT("vt");

/* Between two pictures: one of a display's own, or long enough that drawing takes a quarter of the time at
 * most, but never so long that a person would call it a wait. */
#define PICTURE_NS (NSEC_PER_SEC / 60)
#define PICTURE_MAX_NS (NSEC_PER_SEC / 10)
static u64 draw_after_ns;            /* atomic */
static bool draw_due, have_drawer;   /* atomic */
static struct waitq drawer_wq = WAITQ_INIT(drawer_wq, "screen");

static void out_draw(void *ctx, unsigned row, unsigned col, const struct cell *cells, unsigned n)
{
    display->draw(display, row, col, cells, n);
}

static void out_cursor(void *ctx, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    display->cursor(display, row, col, shape, under);
}

/* Answers wait until the lock is free: giving them to the tty wakes a thread, and the scheduler's
 * locks must not come after ours, since the scheduler may log. A full buffer loses them. */
static void out_reply(void *ctx, const char *bytes, size_t n)
{
    struct answers *a = &((struct vt_console *)ctx)->answers;

    for (size_t i = 0; i < n && a->n < sizeof(a->text); i++)
        a->text[a->n++] = bytes[i];
}

static struct vt_engine *engine_of(unsigned n)
{
    return __atomic_load_n(&consoles[n].engine, __ATOMIC_ACQUIRE);
}

unsigned vt_active(void)
{
    return __atomic_load_n(&active, __ATOMIC_RELAXED);
}

unsigned vt_keys(void)
{
    struct vt_engine *vt = engine_of(vt_active());

    return vt ? vt_engine_keys(vt) : 0;
}

/* What another writer makes dirty meanwhile is his to draw: at most one round of the screen. */
static void console_show(unsigned n)
{
    struct vt_engine *vt = engine_of(n);
    bool more = !__atomic_load_n(&replaying, __ATOMIC_RELAXED);

    for (unsigned step = 0; more && step <= screen_rows; step++) {
        u64 state = spin_lock_irqsave(&lock);
        more = n == active && vt_engine_flush_step(vt);
        spin_unlock_irqrestore(&lock, state);
    }
}

static void picture_draw(unsigned n)
{
    u64 start_ns = clock_now_ns();

    console_show(n);
    u64 end_ns = clock_now_ns();
    u64 pause_ns = MIN(MAX((end_ns - start_ns) * 3, PICTURE_NS), PICTURE_MAX_NS);
    __atomic_store_n(&draw_after_ns, end_ns + pause_ns, __ATOMIC_RELAXED);
}

static bool is_due(void) { return __atomic_load_n(&draw_due, __ATOMIC_SEQ_CST); }

static void drawer(void *unused)
{
    for (;;) {
        (void)wait_event(&drawer_wq, is_due(), WAIT_KILLABLE_NOT, 0);
        (void)wait_event(&drawer_wq, false, WAIT_KILLABLE_NOT, __atomic_load_n(&draw_after_ns, __ATOMIC_RELAXED));
        __atomic_store_n(&draw_due, false, __ATOMIC_SEQ_CST); /* what is written from here on asks again */
        picture_draw(vt_active());
    }
}

static void show_soon(unsigned n)
{
    if (n != vt_active())
        return;
    if (!__atomic_load_n(&have_drawer, __ATOMIC_RELAXED) ||
        clock_now_ns() >= __atomic_load_n(&draw_after_ns, __ATOMIC_RELAXED))
        picture_draw(n);
    else if (!__atomic_exchange_n(&draw_due, true, __ATOMIC_SEQ_CST))
        waitq_wake_all(&drawer_wq);
}

static void panic_write(const char *bytes, size_t n)
{
    if (active != 0) {
        active = 0;
        vt_engine_redraw(consoles[0].engine);
    }
    vt_engine_write(consoles[0].engine, bytes, n);
    vt_engine_flush(consoles[0].engine);
}

/* Into the cells; what the text asks of the terminal is answered. */
static void text_take(unsigned n, const char *bytes, size_t len)
{
    struct vt_console *c = &consoles[n];
    struct vt_engine *vt = engine_of(n);

    u64 state = spin_lock_irqsave(&lock);
    vt_engine_write(vt, bytes, len);
    struct answers now = c->answers;
    c->answers.n = 0;
    spin_unlock_irqrestore(&lock, state);
    for (size_t i = 0; i < now.n; i++)
        input_answer(n, (u8)now.text[i]);
}

void vt_console_write(unsigned n, const char *bytes, size_t len)
{
    text_take(n, bytes, len);
    show_soon(n);
}

static void sink_write(struct console_sink *s, const char *bytes, size_t n)
{
    if (console_in_panic()) {
        panic_write(bytes, n);
        return;
    }
    text_take(0, bytes, n);
    console_show(0);
}

static void sink_write_soon(struct console_sink *s, const char *bytes, size_t n)
{
    if (console_in_panic())
        panic_write(bytes, n);
    else
        vt_console_write(0, bytes, n);
}

static struct console_sink screen_sink = { .name = "tty0", .write = sink_write, .write_soon = sink_write_soon };

static void replay_log(void)
{
    __atomic_store_n(&replaying, true, __ATOMIC_RELAXED);
    console_register(&screen_sink);
    __atomic_store_n(&replaying, false, __ATOMIC_RELAXED);
    console_show(0);
}

int vt_console_make(unsigned n)
{
    static const struct vt_out out = { .draw = out_draw, .cursor = out_cursor, .reply = out_reply };
    struct vt_out mine = out;
    struct vt_engine *none = NULL;

    ASSERT(n < VT_CONSOLES);
    if (!display)
        return -ENXIO;
    if (engine_of(n))
        return 0;
    void *mem = kzalloc(vt_engine_size(screen_cols, screen_rows));
    if (!mem)
        return -ENOMEM;
    mine.ctx = &consoles[n];
    struct vt_engine *vt = vt_engine_init(mem, screen_cols, screen_rows, shown, &mine);
    if (!__atomic_compare_exchange_n(&consoles[n].engine, &none, vt, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        kfree(mem); /* somebody was faster */
    return 0;
}

/* False: no memory. Two who come at once give two pieces, the last of them perhaps to nobody. */
static bool history_grow(struct vt_engine *vt)
{
    struct cell *cells = kmalloc(sizeof(*cells) * screen_cols * HISTORY_PIECE);

    if (!cells)
        return false;
    u64 state = spin_lock_irqsave(&lock);
    bool full = vt_engine_history_full(vt);
    if (!full)
        vt_engine_give_history(vt, cells, HISTORY_PIECE);
    spin_unlock_irqrestore(&lock, state);
    if (full)
        kfree(cells);
    return true;
}

static bool history_is_short(struct vt_engine *vt, const char *bytes, size_t len)
{
    u64 state = spin_lock_irqsave(&lock);
    bool yes = vt_engine_history_short(vt, bytes, len);
    spin_unlock_irqrestore(&lock, state);
    return yes;
}

void vt_console_prepare(unsigned n, const char *bytes, size_t len)
{
    struct vt_engine *vt = engine_of(n);

    while (vt && history_is_short(vt, bytes, len) && history_grow(vt))
        ;
}

/* What was logged before there was a screen, if that is more than fits on it. */
static void history_for_log(struct vt_engine *vt)
{
    struct log_sink look = { .next_seq = 0 };
    char text[LOG_TEXT_MAX];
    unsigned nlines = 0;

    while (nlines < screen_rows + VT_HISTORY_MAX && log_sink_next(&look, text) > 0)
        nlines++;
    for (unsigned n = screen_rows; n <= nlines && history_grow(vt); n += HISTORY_PIECE)
        ;
}

void vt_view(int half_screens)
{
    unsigned n = vt_active();
    struct vt_engine *vt = engine_of(n);

    if (!vt)
        return;
    u64 state = spin_lock_irqsave(&lock);
    if (half_screens)
        vt_engine_view(vt, half_screens * (int)MAX(screen_rows / 2, 1u));
    else
        vt_engine_view_end(vt);
    spin_unlock_irqrestore(&lock, state);
    console_show(n);
}

int vt_activate(unsigned n)
{
    int r = vt_console_make(n);

    if (r < 0)
        return r;
    u64 state = spin_lock_irqsave(&lock);
    if (active != n) {
        __atomic_store_n(&active, n, __ATOMIC_RELAXED);
        vt_engine_redraw(consoles[n].engine);
    }
    spin_unlock_irqrestore(&lock, state);
    console_show(n);
    return 0;
}

void vt_init(void)
{
    struct display *d = display_get();

    if (!d || display)
        return;
    screen_cols = MIN(d->cols, (unsigned)VT_MAX_COLS);
    screen_rows = MIN(d->rows, (unsigned)VT_MAX_ROWS);
    display = d;
    const char *palette = boot_option("palette");
    if (palette && strcmp(palette, "vga") == 0)
        vt_palette_use_vga();
    shown = kzalloc(sizeof(*shown) * screen_cols * screen_rows);
    if (!shown || vt_console_make(0) < 0) {
        kwarn("vt: no memory for a screen of %ux%u", screen_cols, screen_rows);
        kfree(shown);
        display = NULL;
        return;
    }
    history_for_log(consoles[0].engine);
    replay_log();
    kinfo("vt: %s, %u columns, %u rows", d->name, screen_cols, screen_rows);
}

void vt_start_drawer(void)
{
    if (!display)
        return;
    kthread_run("screen", drawer, NULL);
    __atomic_store_n(&have_drawer, true, __ATOMIC_RELAXED);
}

bool vt_size(unsigned *cols, unsigned *rows)
{
    if (!display)
        return false;
    *cols = screen_cols;
    *rows = screen_rows;
    return true;
}
