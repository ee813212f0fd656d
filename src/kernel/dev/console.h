/* Consoles: byte sinks for output and one stream of input bytes.
 *
 * console= chooses: names are tty0 (screen and keyboard), ttyS0 (serial, options such as
 * ",115200" are accepted and ignored), hvc0 (virtio), e9 (port 0xE9). Without console= every device that exists
 * is used. With it, the kernel log goes to each one named, and the last one named that exists is
 * /dev/console: only it carries the shell, in both directions. If none of them exists, all are
 * used, so that a machine is never silent. The choice is made anew whenever a sink is added: a
 * screen that comes late takes over from the stand-ins.
 *
 * Sinks get the same bytes in the same order; a line of the log stays whole. write() may be called from
 * any context, brings its own lock, and stops respecting it once console_in_panic(). */
#pragma once
#include "lib/klog.h"
#include "lib/types.h"

#define CONSOLE_MAX 8 /* sinks */

struct console_sink {
    const char *name; /* "tty0", "ttyS0", "hvc0", "e9" */
    void (*write)(struct console_sink *s, const char *bytes, size_t n); /* '\n' arrives as "\r\n" */
    /* NULL, or the same for programs' text, which may be seen a moment later: called from threads, and may wake one. */
    void (*write_soon)(struct console_sink *s, const char *bytes, size_t n);
    /* NULL, or takes up to n bytes that came in: how many. From threads. input_lines_news() says when to ask. */
    size_t (*read)(struct console_sink *s, char *bytes, size_t n);
    unsigned piece; /* write() is given no more of the shell's output at once, for it takes long; 0: any */
    /* Set by dev/console: */
    bool log, tty;       /* gets the log / gets the shell's output */
    bool logging;        /* log_sink has been given to lib/klog */
    bool owned, left;    /* atomic: somebody writes; there is a line of the log for him to write when he is done */
    struct log_sink log_sink;
};

/* Adds a sink; gives it the log so far if it is selected for the log. More than CONSOLE_MAX are
 * ignored. */
void console_register(struct console_sink *s);
/* Call once when all early sinks exist; later ones are judged as they come. */
void console_select_init(void);
/* To all sinks with .tty. Bytes are sent as they are: the tty has done '\n' -> "\r\n". */
void console_write(const char *bytes, size_t n);
/* To the sink of this name alone, whether it is part of the console or not. */
void console_write_only(const char *name, const char *bytes, size_t n);
/* What came in on the sink of this name: how many bytes, at most n. 0 if there is no such, or it cannot be read. */
size_t console_read_only(const char *name, char *bytes, size_t n);
/* Is this device part of /dev/console, so that its input counts? */
bool console_takes_input_from(const char *name);
/* Is there a sink of this name? */
bool console_exists(const char *name);
/* The i-th sink; false behind the last. */
bool console_describe(unsigned i, const char **name, bool *log, bool *tty);
/* The other CPUs have been stopped: respect no locks any more. */
void console_panic_mode(void);
bool console_in_panic(void);
