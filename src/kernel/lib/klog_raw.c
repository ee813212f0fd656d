/* debug_raw and friends: what the kernel can say before anything works. No formatting code, no
 * allocation, no locks. Pieces gather in a buffer until '\n' or until it is full; early on one CPU
 * runs, and each of the first CPUs has a buffer of its own so that dumps of two at once stay
 * readable. An interrupt that speaks in the middle of a line joins it, and so do a thread that is
 * moved in the middle and CPUs that share a buffer: their letters may mix, but each place is looked
 * at once and is inside. */
#include "lib/klog_priv.h"
#include "lib/string.h"

#define RAW_BUFFERS 8

static struct raw_buffer { size_t len; char text[LOG_LINE_MAX]; } buffers[RAW_BUFFERS];

static void flush(struct raw_buffer *b)
{
    struct log_line line = { .level = LOG_INFO, .raw = true, .time_ns = log_now_ns() };
    size_t len = __atomic_exchange_n(&b->len, 0, __ATOMIC_RELAXED);
    line.len = MIN(len, (size_t)LOG_LINE_MAX);
    memcpy(line.text, b->text, line.len);
    log_ring_write(&line);
    log_emit();
}

static void put(struct raw_buffer *b, char c)
{
    size_t at = __atomic_load_n(&b->len, __ATOMIC_RELAXED);
    if (at >= LOG_LINE_MAX) {
        flush(b);
        at = 0;
    }
    b->text[at] = c;
    __atomic_store_n(&b->len, at + 1, __ATOMIC_RELAXED);
}

void debug_raw(const char *text)
{
    struct raw_buffer *b = &buffers[log_cpu() % RAW_BUFFERS];
    for (; *text; text++) {
        if (*text == '\n')
            flush(b);
        else
            put(b, *text);
    }
}

static void debug_number(u64 value, unsigned base, const char *prefix)
{
    char digits[21];
    char *p = digits + 20;
    *p = '\0';
    do
        *--p = "0123456789abcdef"[value % base];
    while (value /= base);
    debug_raw(prefix);
    debug_raw(p);
}

void debug_hex(u64 value) { debug_number(value, 16, "0x"); }
void debug_dec(u64 value) { debug_number(value, 10, ""); }
