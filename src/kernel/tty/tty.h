/* The console terminal: keyboard and serial in, every selected sink out.
 *
 * Reading, writing and settings are called from linux/ through the file; job control is by numbers
 * (process group, session) that only linux/ understands. Locking: tty->lock (mutex) guards the
 * line discipline and settings; echo and write meet in one function under it. */
#pragma once
#include "sched/waitq.h"
#include "tty/ldisc.h"
#include "vfs/file.h"

struct tty;

/* What must go up: filled in by linux/ at boot. All may sleep. */
struct tty_ops {
    void (*signal)(int pgrp, int signo); /* to every process of the group */
    int (*current_pgrp)(void);
    int (*current_session)(void);
    bool (*is_session_leader)(void);
    /* Job control for a background process touching its terminal: sends SIGTTIN/SIGTTOU to its
     * group; 0 if the call may go on (signal ignored or blocked), -ERESTARTSYS, or -EIO. */
    int (*background)(int signo);
};
void tty_set_ops(const struct tty_ops *ops);

/* Starts the worker thread, makes /dev/console, /dev/tty, /dev/tty0 and /dev/ttyS0. */
void tty_init(void);
struct tty *tty_console(void);
struct tty *tty_of_file(struct file *f); /* NULL if f is not a terminal */

void tty_get_termios(struct tty *t, struct tty_termios *out);
/* drain/flush as TCSETSW/TCSETSF. May return -ERESTARTSYS for a background process. */
int tty_set_termios(struct tty *t, const struct tty_termios *in, bool flush_input) MUST_CHECK;
void tty_get_winsize(struct tty *t, struct tty_winsize *out);
void tty_set_winsize(struct tty *t, const struct tty_winsize *in); /* SIGWINCH if changed */
int tty_get_pgrp(struct tty *t);    /* 0: none */
int tty_set_pgrp(struct tty *t, int pgrp) MUST_CHECK; /* -ENOTTY if not the caller's terminal */
int tty_get_session(struct tty *t); /* 0: none */
int tty_set_session(struct tty *t, int session, int pgrp, bool steal) MUST_CHECK; /* TIOCSCTTY; -EPERM */
void tty_drop_session(struct tty *t, int session); /* TIOCNOTTY, exit of the leader */
size_t tty_readable_bytes(struct tty *t); /* FIONREAD */
void tty_flush(struct tty *t, bool input, bool output); /* TCFLSH */
