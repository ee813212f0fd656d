/* The log: the ring turns over without a line torn or out of order, and nothing is allocated. */
#include "init/selftest.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define LINES (3 * LOG_RING_SIZE / 64) /* a line takes 128 bytes of a ring at least */

static const char *text_of(const char *line)
{
    const char *p = strchr(line, ']');
    return p && p[1] == ' ' ? p + 2 : line;
}

static void log_wrap(void)
{
    char line[LOG_LINE_MAX + 64];
    u64 seq = 0, objects = heap_stats().objects, free = pmm_stats().free;
    int level = log_set_console_level(LOG_DEBUG); /* to the ring only */
    for (unsigned i = 0; i < LINES; i++)
        kdebug("log-wrap %u of %u", i, LINES);
    log_set_console_level(level);
    ASSERT(heap_stats().objects == objects && pmm_stats().free == free);
    u64 next = 0, found = 0;
    while (log_read(&seq, line, sizeof line)) {
        const char *text = text_of(line), *end;
        if (strncmp(text, "log-wrap ", 9))
            continue;
        u64 n = parse_u64(text + 9, &end, false);
        ASSERT(found == 0 || n == next); /* no gap behind the oldest that is left */
        next = n + 1;
        found++;
    }
    ASSERT(next == LINES && found > 100 && found < LINES);
    ASSERT(log_early_drops() == 0);
}
SELFTEST("log-wrap", log_wrap);
