/* The screen as a console: joins the engine to the display and is the sink "tty0".
 *
 * Text comes from any context, so the lock is a spinlock with interrupts off; a panic does without
 * it. One write is drawn at once however many lines it scrolls. While the log is replayed nothing
 * is drawn: only its end will be seen. A screen larger than the engine's limits is used in part. */
#include "tty/vt.h"

#include "dev/console.h"
#include "dev/input.h"
#include "lib/klog.h"
#include "mm/slab.h"
#include "sched/waitq.h"

static struct vt_engine *engine; /* guarded by lock */
static struct display *display;
static unsigned screen_cols, screen_rows;
static bool replaying;
static struct answers { char text[64]; size_t n; } answers; /* guarded by lock */
static struct spinlock lock = SPINLOCK_INIT("vt");

static void out_draw(void *ctx, unsigned row, unsigned col, const struct cell *cells, unsigned n)
{
    display->draw(display, row, col, cells, n);
}

static void out_cursor(void *ctx, unsigned row, unsigned col, bool visible)
{
    display->cursor(display, row, col, visible);
}

/* Answers wait until the lock is free: giving them to the tty wakes a thread, and the scheduler's
 * locks must not come after ours, since the scheduler may log. A full buffer loses them. */
static void out_reply(void *ctx, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && answers.n < sizeof(answers.text); i++)
        answers.text[answers.n++] = bytes[i];
}

static void engine_feed(const char *bytes, size_t n)
{
    vt_engine_write(engine, bytes, n);
    if (!__atomic_load_n(&replaying, __ATOMIC_RELAXED))
        vt_engine_flush(engine);
}

static void vt_write(struct console_sink *s, const char *bytes, size_t n)
{
    if (console_in_panic()) {
        engine_feed(bytes, n);
        return;
    }
    u64 state = spin_lock_irqsave(&lock);
    engine_feed(bytes, n);
    struct answers now = answers;
    answers.n = 0;
    spin_unlock_irqrestore(&lock, state);
    for (size_t i = 0; i < now.n; i++)
        input_byte((u8)now.text[i]);
}

static struct console_sink screen_sink = { .name = "tty0", .write = vt_write };

static void replay_log(void)
{
    __atomic_store_n(&replaying, true, __ATOMIC_RELAXED);
    console_register(&screen_sink);
    __atomic_store_n(&replaying, false, __ATOMIC_RELAXED);
    vt_write(&screen_sink, "", 0);
}

void vt_init(void)
{
    static const struct vt_out out = { .draw = out_draw, .cursor = out_cursor, .reply = out_reply };

    display = display_get();
    if (!display || engine)
        return;
    unsigned cols = MIN(display->cols, (unsigned)VT_MAX_COLS), rows = MIN(display->rows, (unsigned)VT_MAX_ROWS);
    void *mem = kzalloc(vt_engine_size(cols, rows));
    if (!mem) {
        kwarn("vt: no memory for a screen of %ux%u", cols, rows);
        return;
    }
    engine = vt_engine_init(mem, cols, rows, &out);
    screen_cols = cols;
    screen_rows = rows;
    replay_log();
    kinfo("vt: %s, %u columns, %u rows", display->name, cols, rows);
}

bool vt_size(unsigned *cols, unsigned *rows)
{
    if (!screen_cols)
        return false;
    *cols = screen_cols;
    *rows = screen_rows;
    return true;
}
