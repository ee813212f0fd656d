/* Where log lines are kept: rings of cells, one ring per CPU (those share the first one that were given none).
 *
 * No locks, because a line may come from an interrupt that stopped another line half-way, from a
 * second CPU, or from a panic in the middle of either. A writer
 *     1. takes k successive cells of its ring with one atomic add,
 *     2. claims each (stamp BUSY) and copies its text,
 *     3. draws the global sequence number, stamps the cells with it, and says in where[] where they are.
 * A reader finds a line by its number through where[], copies it and checks the stamps again: what
 * changed under its hands counts as overwritten. A number that where[] does not know yet is a line
 * in the middle of step 3: the reader stops before it, so that nobody misses it, unless its writer
 * seems to have stopped for good. A cell that is BUSY when it is to be claimed
 * belongs to a writer that was lapped by the whole ring while stopped; the newcomer is dropped
 * rather than mixed into it. Dropped and overwritten-unread lines are counted (log_lost).
 *
 * The first ring is in .bss and ready before the first instruction. A CPU that starts brings memory for its own;
 * once there, a ring stays. */
#include "lib/klog_priv.h"
#include "lib/assert.h"
#include "lib/string.h"

#define CELL_SIZE 128
#define CELL_TEXT (CELL_SIZE - 32)
#define RING_CELLS (LOG_RING_SIZE / CELL_SIZE)
#define LOG_RINGS 8
#define NCELLS (LOG_RINGS * RING_CELLS)
#define BUSY UINT64_MAX

struct cell {
    u64 stamp; /* sequence number + 1; 0: empty */
    u64 time_ns;
    u16 len; /* of the whole line */
    u8 level, part;
    bool raw;
    u8 unused[11];
    char text[CELL_TEXT];
};
_Static_assert(sizeof(struct cell) == CELL_SIZE, "cells fill a ring exactly");
_Static_assert(LOG_LINE_MAX <= 3 * CELL_TEXT, "PARTS_MAX");
#define PARTS_MAX 3

static struct cell first_ring[RING_CELLS];
static struct cell *rings[LOG_RINGS] = { first_ring }; /* each is set once */
static u64 ring_head[LOG_RINGS]; /* cells ever taken */
static u64 where[NCELLS];        /* by sequence number: that number + 1, and the index of the line's first cell */
#define WHERE_SHIFT 16
_Static_assert(NCELLS <= 1u << WHERE_SHIFT, "an index fits");
#define OVERDUE (NCELLS / 4) /* lines later than one under way, after which nobody waits for it */
static u64 next_seq;
static u64 read_upto; /* numbers below this were read by somebody */
static u64 lost;
static bool last_words; /* nobody completes a line any more */

static unsigned parts_of(size_t len) { return len ? (unsigned)((len + CELL_TEXT - 1) / CELL_TEXT) : 1; }

static struct cell *ring_of(u32 ring) { return __atomic_load_n(&rings[ring], __ATOMIC_ACQUIRE); }

static struct cell *cell_at(u32 ring, u64 n) { return &ring_of(ring)[n % RING_CELLS]; }

bool log_wants_ring(unsigned cpu) { return cpu < LOG_RINGS && !ring_of(cpu); }

void log_give_ring(unsigned cpu, void *zeroes)
{
    ASSERT(log_wants_ring(cpu));
    __atomic_store_n(&rings[cpu], zeroes, __ATOMIC_RELEASE);
}

static u32 ring_here(void)
{
    u32 cpu = log_cpu();
    return cpu < LOG_RINGS && ring_of(cpu) ? cpu : 0;
}

static bool claim(struct cell *c)
{
    u64 old = __atomic_load_n(&c->stamp, __ATOMIC_RELAXED);
    do {
        if (old == BUSY)
            return false;
    } while (!__atomic_compare_exchange_n(&c->stamp, &old, BUSY, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (old && c->part == 0 && old > __atomic_load_n(&read_upto, __ATOMIC_RELAXED))
        __atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
    return true;
}

static void fill(struct cell *c, const struct log_line *line, unsigned part)
{
    size_t from = (size_t)part * CELL_TEXT;
    c->time_ns = line->time_ns;
    c->len = (u16)line->len;
    c->level = (u8)line->level;
    c->part = (u8)part;
    c->raw = line->raw;
    memcpy(c->text, line->text + from, MIN(line->len - from, (size_t)CELL_TEXT));
}

/* A writer that was stopped while all of the log turned over leaves its late entry out. */
static void publish(u64 seq, u64 index)
{
    u64 *at = &where[seq % NCELLS], entry = (seq + 1) << WHERE_SHIFT | index,
        old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (old < entry && !__atomic_compare_exchange_n(at, &old, entry, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

void log_ring_write(struct log_line *line)
{
    u32 ring = ring_here();
    unsigned nparts = parts_of(line->len), part;
    u64 head = __atomic_fetch_add(&ring_head[ring], nparts, __ATOMIC_RELAXED);
    for (part = 0; part < nparts && claim(cell_at(ring, head + part)); part++)
        fill(cell_at(ring, head + part), line, part);
    if (part < nparts) {
        while (part--)
            __atomic_store_n(&cell_at(ring, head + part)->stamp, 0, __ATOMIC_RELEASE);
        __atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
        return;
    }
    line->seq = __atomic_fetch_add(&next_seq, 1, __ATOMIC_RELAXED);
    for (part = 0; part < nparts; part++)
        __atomic_store_n(&cell_at(ring, head + part)->stamp, line->seq + 1, __ATOMIC_RELEASE);
    publish(line->seq, ring * RING_CELLS + head % RING_CELLS);
}

static bool read_part(u64 seq, u32 ring, u32 first, unsigned part, struct log_line *line)
{
    struct cell *c = cell_at(ring, first + part);
    if (__atomic_load_n(&c->stamp, __ATOMIC_ACQUIRE) != seq + 1 || c->part != part || c->len > LOG_LINE_MAX)
        return false;
    size_t from = (size_t)part * CELL_TEXT;
    line->seq = seq;
    line->time_ns = c->time_ns;
    line->level = c->level;
    line->raw = c->raw;
    line->len = c->len;
    if (from < line->len)
        memcpy(line->text + from, c->text, MIN(line->len - from, (size_t)CELL_TEXT));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&c->stamp, __ATOMIC_RELAXED) == seq + 1;
}

enum found { LINE_READ, LINE_LOST, LINE_COMING };

static enum found read_line(u64 seq, struct log_line *line)
{
    u64 entry = __atomic_load_n(&where[seq % NCELLS], __ATOMIC_ACQUIRE);
    if (entry >> WHERE_SHIFT < seq + 1)
        return LINE_COMING;
    u32 at = (u32)(entry & ((1u << WHERE_SHIFT) - 1)), ring = at / RING_CELLS, first = at % RING_CELLS;
    for (unsigned part = 0; part == 0 || part < parts_of(line->len); part++)
        if (!read_part(seq, ring, first, part, line))
            return LINE_LOST;
    return LINE_READ;
}

static bool is_overdue(u64 seq, u64 end)
{
    return end - seq > OVERDUE || __atomic_load_n(&last_words, __ATOMIC_RELAXED);
}

void log_ring_note_read(u64 upto)
{
    u64 old = __atomic_load_n(&read_upto, __ATOMIC_RELAXED);
    while (old < upto &&
           !__atomic_compare_exchange_n(&read_upto, &old, upto, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

u64 log_ring_end(void) { return __atomic_load_n(&next_seq, __ATOMIC_ACQUIRE); }

bool log_ring_read(u64 *seq, struct log_line *line)
{
    u64 end = log_ring_end(), oldest = end > NCELLS ? end - NCELLS : 0;
    for (u64 s = MAX(*seq, oldest); s < end; s++) {
        enum found found = read_line(s, line);
        if (found == LINE_COMING && !is_overdue(s, end))
            return false;
        if (found != LINE_READ)
            continue;
        *seq = s + 1;
        return true;
    }
    return false;
}

void log_last_words(void) { __atomic_store_n(&last_words, true, __ATOMIC_RELAXED); }

u64 log_lost(void) { return __atomic_load_n(&lost, __ATOMIC_RELAXED); }
