/* The line discipline: what happens to typed bytes before a program reads them. Pure: it edits its
 * own buffer and returns effects for tty.c to perform. POSIX.1-2017 chapter 11. */
#pragma once
#include "tty/termios.h"

#define LDISC_LINE 4096 /* as Linux: a line holds 4095 bytes and its end */
#define LDISC_SIZE 8192 /* all that waits to be read. Power of two */
#define LDISC_OUT_MAX 8 /* what one byte may become on its way out: a tab */

enum ldisc_effect {
    LDISC_WAKE = 1,    /* something became readable, or output may go on */
    LDISC_SIGINT = 2, LDISC_SIGQUIT = 4, LDISC_SIGTSTP = 8,
    LDISC_FLUSH = 16,  /* what was typed is thrown away */
};

/* Edits whose echo may be longer than one ldisc_out: done in steps. */
enum ldisc_job { LDISC_IDLE, LDISC_KILLING, LDISC_WORD_ERASING, LDISC_REPRINTING };

struct ldisc {
    struct tty_termios t;
    u8 buf[LDISC_SIZE]; /* ring of bytes ready (up to `ready`) and the line being edited */
    u8 eol[LDISC_SIZE / 8]; /* bit: this byte ends a line; a 0 byte with it is ^D, not delivered */
    u32 head, ready, tail; /* head: next to read; ready: first not yet readable; tail: next free */
    u32 column;         /* cursor column, for erasing tabs; kept by ldisc_output */
    u32 line_column;    /* column where the edited line began */
    bool literal_next;  /* ^V seen */
    bool erasing;       /* ECHOPRT: inside \.../ */
    bool stopped;       /* ^S seen: tty.c holds output back */
    bool line_done;     /* what the last ldisc_read gave reached the end of its line */
    enum ldisc_job job;
    bool word_seen;     /* LDISC_WORD_ERASING: inside the word */
    u32 reprint_at;     /* LDISC_REPRINTING: next byte to show */
};
/* echo: bytes to put through ldisc_output. more: call ldisc_continue until it is false. */
struct ldisc_out { char echo[64]; u32 necho; unsigned effects; bool more; };

void ldisc_init(struct ldisc *ld);
/* One input byte. The echo must have passed ldisc_output before the next byte is given. */
void ldisc_receive(struct ldisc *ld, u8 byte, struct ldisc_out *out);
void ldisc_continue(struct ldisc *ld, struct ldisc_out *out);
/* Bytes a read of up to n may take now: in canonical mode at most one line. Returns the count;
 * *eof is set if it is 0 because of ^D. */
size_t ldisc_read(struct ldisc *ld, char *dst, size_t n, bool *eof);
bool ldisc_readable(const struct ldisc *ld); /* would ldisc_read give bytes or EOF? */
bool ldisc_poll(const struct ldisc *ld); /* is it what poll waits for: in raw mode without VTIME, VMIN bytes */
/* How many bytes may come without one being lost for want of a reader. A line that is too long still takes its end. */
size_t ldisc_room(const struct ldisc *ld);
size_t ldisc_pending(const struct ldisc *ld); /* FIONREAD */
/* TCSETS: a switch of ICANON makes the edited line readable or not, as POSIX says. */
void ldisc_set_termios(struct ldisc *ld, const struct tty_termios *t);
void ldisc_flush_input(struct ldisc *ld);
/* Output processing (OPOST): takes bytes of in while LDISC_OUT_MAX more fit into out; how many. *used of out. */
size_t ldisc_output(struct ldisc *ld, const char *in, size_t n, char *out, size_t room, size_t *used);
