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
/* The oldest line with a number >= *seq, which moves to the number behind it. */
bool log_ring_read(u64 *seq, struct log_line *line);

/* Gives a line to every sink. */
void log_emit(const struct log_line *line);
