/* The log's front: levels, time stamps, sinks. Lines live in klog_ring.c.
 *
 * Sinks read the log where it is kept, each at its own pace, in the order of the numbers: whoever has written a line
 * tells them, and a sink that is busy already gets to it when it is done. The list of sinks is read without a lock:
 * new ones appear at its head by one store, and a removed one keeps its `next`, so that a reader standing on it finds
 * its way on. The memory of a removed sink must therefore outlive the calls under way (sinks are static objects). */
#include "lib/klog_priv.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/string.h"

#define PREFIX_MAX 48 /* "<7>[18446744073.709551] " */
_Static_assert(LOG_TEXT_MAX == PREFIX_MAX + LOG_LINE_MAX + 1, "what compose makes");

static bool ready;
static u64 early_drops;
static int console_level = LOG_DEBUG + 1;
static struct log_sink *sinks;
static u64 (*clock_ns)(void);
static unsigned (*cpu_number)(void);

unsigned log_cpu(void) { return cpu_number ? cpu_number() : 0; }
u64 log_now_ns(void) { return clock_ns ? clock_ns() : 0; }

void log_set_clock(u64 (*now_ns)(void), unsigned (*cpu)(void))
{
    clock_ns = now_ns;
    cpu_number = cpu;
}

void log_ready(void) { __atomic_store_n(&ready, true, __ATOMIC_RELEASE); }
u64 log_early_drops(void) { return __atomic_load_n(&early_drops, __ATOMIC_RELAXED); }
int log_set_console_level(int n) { return __atomic_exchange_n(&console_level, n, __ATOMIC_RELAXED); }

#define BEFORE_CLOCK "[    0.000000] "

/* "[seconds.micros] text\n". Lines of debug_* must not need format: those from before the clock have its zero, so
 * that all lines of a start stand in one column; later ones, the last words, have the text alone.
 * buf holds at least PREFIX_MAX + LOG_LINE_MAX + 1 bytes. */
static size_t compose(char *buf, const struct log_line *line)
{
    size_t n = 0;
    if (line->raw && line->time_ns == 0)
        memcpy(buf, BEFORE_CLOCK, n = sizeof BEFORE_CLOCK - 1);
    else if (!line->raw)
        n = (size_t)format(buf, PREFIX_MAX, "[%5lu.%06lu] ", line->time_ns / 1000000000,
                           line->time_ns / 1000 % 1000000);
    memcpy(buf + n, line->text, line->len);
    n += line->len;
    buf[n++] = '\n';
    return n;
}

/* linux/Documentation/ABI/testing/dev-kmsg */
static size_t escape(char *to, const char *text, size_t len)
{
    char *at = to;
    for (size_t i = 0; i < len; i++) {
        u8 c = (u8)text[i];
        if (c >= ' ' && c < 127 && c != '\\')
            *at++ = (char)c;
        else
            at += format(at, 5, "\\x%02x", (unsigned)c);
    }
    return (size_t)(at - to);
}

size_t log_read_record(u64 *seq, char *buf)
{
    struct log_line line;
    if (!log_ring_read(seq, &line))
        return 0;
    log_ring_note_read(*seq);
    size_t n = (size_t)format(buf, LOG_RECORD_MAX - LOG_LINE_MAX * 4, "%u,%lu,%lu,-;", (unsigned)line.level, line.seq,
                              line.time_ns / 1000);
    n += escape(buf + n, line.text, line.len);
    buf[n++] = '\n';
    return n;
}

static bool reaches_sinks(const struct log_line *line)
{
    return (int)line->level < __atomic_load_n(&console_level, __ATOMIC_RELAXED);
}

u64 log_end(void) { return log_ring_end(); }

size_t log_sink_next(struct log_sink *sink, char buf[LOG_TEXT_MAX])
{
    struct log_line line;
    u64 seq = sink->next_seq;
    size_t n = 0;
    while (n == 0 && log_ring_read(&seq, &line)) {
        __atomic_store_n(&sink->next_seq, seq, __ATOMIC_RELAXED);
        n = reaches_sinks(&line) ? compose(buf, &line) : 0;
    }
    return n;
}

void log_emit(void)
{
    struct log_sink *s = __atomic_load_n(&sinks, __ATOMIC_ACQUIRE);
    for (; s; s = __atomic_load_n(&s->next, __ATOMIC_ACQUIRE))
        s->kick(s);
}

void klog(enum log_level level, const char *fmt, ...)
{
    if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
        __atomic_fetch_add(&early_drops, 1, __ATOMIC_RELAXED);
        return;
    }
    struct log_line line = { .level = level, .time_ns = log_now_ns() };
    va_list ap;
    va_start(ap, fmt);
    line.len = (size_t)format_v(line.text, sizeof line.text, fmt, ap);
    va_end(ap);
    if (line.len >= sizeof line.text) {
        line.len = sizeof line.text - 1;
        memcpy(line.text + line.len - 3, "...", 3);
    } else if (line.len && line.text[line.len - 1] == '\n') {
        line.len--;
    }
    log_ring_write(&line);
    log_emit();
}

void log_add_sink(struct log_sink *sink, bool replay)
{
    ASSERT(sink->kick);
    sink->next_seq = replay ? 0 : log_ring_end();
    struct log_sink *head = __atomic_load_n(&sinks, __ATOMIC_RELAXED);
    do
        sink->next = head;
    while (!__atomic_compare_exchange_n(&sinks, &head, sink, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    sink->kick(sink);
}

void log_remove_sink(struct log_sink *sink)
{
    for (struct log_sink **p = &sinks; *p; p = &(*p)->next) {
        if (*p != sink)
            continue;
        __atomic_store_n(p, sink->next, __ATOMIC_RELEASE);
        return;
    }
}

size_t log_read(u64 *seq, char *buf, size_t size)
{
    struct log_line line;
    char text[PREFIX_MAX + LOG_LINE_MAX + 1];
    if (size == 0 || !log_ring_read(seq, &line))
        return 0;
    log_ring_note_read(*seq);
    line.raw = false;
    size_t n = (size_t)format(text, PREFIX_MAX, "<%u>", (unsigned)line.level);
    n += compose(text + n, &line);
    n = MIN(n, size);
    memcpy(buf, text, n);
    return n;
}
