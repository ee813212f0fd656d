/* debug_raw and friends: what the kernel can say before anything works. No formatting code, no
 * allocation, no locks. Pieces gather in a buffer until '\n' or until it is full; early on one CPU
 * runs, and each of the first CPUs has a buffer of its own so that dumps of two at once stay
 * readable. An interrupt that speaks in the middle of a line joins it. */
#include "lib/klog_priv.h"
#include "lib/string.h"

#define RAW_BUFFERS 8

static struct raw_buffer { size_t len; char text[LOG_LINE_MAX]; } buffers[RAW_BUFFERS];

static void flush(struct raw_buffer *b)
{
    struct log_line line = { .level = LOG_INFO, .raw = true, .time_ns = log_now_ns() };
    line.len = MIN(b->len, (size_t)LOG_LINE_MAX);
    memcpy(line.text, b->text, line.len);
    b->len = 0;
    log_ring_write(&line);
    log_emit(&line);
}

void debug_raw(const char *text)
{
    struct raw_buffer *b = &buffers[log_cpu() % RAW_BUFFERS];
    for (; *text; text++) {
        if (*text == '\n') {
            flush(b);
            continue;
        }
        if (b->len >= LOG_LINE_MAX)
            flush(b);
        b->text[b->len++] = *text;
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
