/* Between the files of the log: klog_ring.c stores lines, klog_raw.c and klog.c make them. */
#pragma once
#include "lib/klog.h"

struct log_line {
    u64 seq, time_ns;
    enum log_level level;
    bool raw; /* from debug_*: shown without a time stamp */
    size_t len;
    char text[LOG_LINE_MAX]; /* no '\n', no terminator */
};

unsigned log_cpu(void);
u64 log_now_ns(void);

/* Stores a line in the ring of this CPU and gives it its sequence number. */
void log_ring_write(struct log_line *line);
/* The oldest line with a number >= *seq, which moves to the number behind it. False: there is none,
 * or its writer is not quite done. */
bool log_ring_read(u64 *seq, struct log_line *line);
/* Lines below `upto` were read by somebody: overwriting them loses nothing. */
void log_ring_note_read(u64 upto);
/* The number that the next line gets. */
u64 log_ring_end(void);

/* Tells every sink that there is a line. */
void log_emit(void);
