/* The kernel log: one ring of lines per CPU, and the outputs ("sinks") that follow it.
 *
 * Before log_ready() only debug_* may be used: raw strings and numbers, no formatting, because
 * formatting code on an unproven stack once corrupted what it was to explain. klog() before
 * log_ready() is counted and otherwise dropped (log_early_drops must stay 0).
 *
 * Nothing here allocates. No lock is held while formatting; a line is built on the stack (at
 * most LOG_LINE_MAX bytes, longer ones end in "..."), then copied to the ring of this CPU with
 * interrupts off; then the sinks are told, and read it there. */
#pragma once
#include "lib/types.h"

enum log_level { LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARN, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

#define LOG_LINE_MAX 256
#define LOG_RING_SIZE 32768 /* bytes per CPU, power of two */

/* The most that log_sink_next() gives: time stamp, text and '\n'. */
#define LOG_TEXT_MAX (LOG_LINE_MAX + 48 + 1)

/* An output that follows the log, e.g. the consoles. kick() says that there is something to read; it
 * may be called from interrupt handlers and from panic, by several CPUs at once, must not sleep and
 * must not log. Who of them reads, one at a time, is the sink's business: what is not read now is
 * read with the next kick. */
struct log_sink {
    const char *name;
    void (*kick)(struct log_sink *sink);
    u64 next_seq;          /* the line to read next; log_sink_next() moves it */
    struct log_sink *next; /* owned by klog */
};
/* The next line for this sink, with its '\n': its length in buf, 0 if there is none. One caller at a
 * time. */
size_t log_sink_next(struct log_sink *sink, char buf[LOG_TEXT_MAX]);
/* Lines that exist: a sink whose next_seq is as large has read all. */
u64 log_end(void);
/* From here on nobody waits for lines that another CPU is writing: it has been stopped. */
void log_last_words(void);

/* Unformatted output for early boot, at level LOG_INFO; goes to the ring and to the sinks at once.
 * A line is what ends in '\n'. */
void debug_raw(const char *text);
void debug_hex(u64 value); /* 0x..., no leading zeros */
void debug_dec(u64 value);

PRINTF_LIKE(2, 3) void klog(enum log_level level, const char *fmt, ...);
#define kerr(...) klog(LOG_ERR, __VA_ARGS__)
#define kwarn(...) klog(LOG_WARN, __VA_ARGS__)
#define kinfo(...) klog(LOG_INFO, __VA_ARGS__)
#define kdebug(...) klog(LOG_DEBUG, __VA_ARGS__)

/* From here on klog() may be called (memory, interrupts and scheduler are up). */
void log_ready(void);
u64 log_early_drops(void);
/* Lines with a level >= n stay in the ring but are not given to the sinks (loglevel=n). Returns the n
 * before. */
int log_set_console_level(int n);

/* Adds an output. replay: first give it everything that is in the ring. */
void log_add_sink(struct log_sink *sink, bool replay);
void log_remove_sink(struct log_sink *sink);

/* Time stamps: nanoseconds since boot, supplied by sched/clock once it runs (else 0), and the
 * number of the CPU that logs (else 0). */
void log_set_clock(u64 (*now_ns)(void), unsigned (*cpu)(void));

/* Memory for the lines of a CPU that is about to start: LOG_RING_SIZE bytes of zeroes, for ever. False: it has a
 * ring, or is one of those beyond the first few that share. */
bool log_wants_ring(unsigned cpu);
void log_give_ring(unsigned cpu, void *zeroes);

/* Reading back, oldest first, all CPUs merged by sequence number. *seq is the cursor: start
 * with 0; a cursor older than the oldest line moves to it. Returns the bytes of one line
 * "<level>[seconds.micros] text\n" put in buf (cut to size), or 0 when there is none newer. */
size_t log_read(u64 *seq, char *buf, size_t size);
/* The same line as a record of /dev/kmsg: "level,number,micros,-;text\n", where the text's control characters,
 * bytes beyond ASCII and \ are \xNN. buf holds LOG_RECORD_MAX. */
size_t log_read_record(u64 *seq, char *buf);
#define LOG_RECORD_MAX (LOG_LINE_MAX * 4 + 64)
u64 log_lost(void); /* lines overwritten before any reader's time */
