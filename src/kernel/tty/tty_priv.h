/* Shared by tty.c, tty_file.c, tty_job.c and tty_dev.c only. */
#pragma once
#include "tty/keymap.h"
#include "sched/event_wait.h"
#include "tty/tty.h"

#define TTY_CHANGED (1u << 16)
#define TTY_CHUNK 512u /* bytes of a write handled at once */

/* Signal numbers as Linux has them on x86-64 (asm/signal.h). */
enum { TTY_SIGHUP = 1, TTY_SIGINT = 2, TTY_SIGQUIT = 3, TTY_SIGCONT = 18, TTY_SIGTSTP = 20,
       TTY_SIGTTIN = 21, TTY_SIGTTOU = 22, TTY_SIGWINCH = 28 };

struct tty {
    struct mutex lock;
    /* Guarded by lock: */
    struct ldisc ld;
    char out[2 * TTY_CHUNK]; /* a chunk after output processing */
    struct tty_winsize winsize;
    bool winsize_set;
    int session, pgrp;
    struct keymap_state keys;
    /* Written under lock, read without it: */
    u32 changes;  /* counts what a sleeping reader or writer may wait for */
    struct event event; /* POLL_READABLE, POLL_WRITABLE as of now; TTY_CHANGED told at every change */
};

extern const struct file_ops tty_file_ops;
const struct tty_ops *tty_ops_get(void); /* NULL: nobody to ask yet */

/* The one way out: echo and write meet here. At most TTY_CHUNK bytes. */
void tty_emit_locked(struct tty *t, const char *bytes, size_t n);
/* Tells poll what a look at the line discipline would find now. */
void tty_ready_update_locked(struct tty *t);
/* After anything that may let a reader or writer go on. */
void tty_changed_locked(struct tty *t);
/* 0 or -errno: may the caller, perhaps in the background, touch its terminal? May sleep; without
 * the lock. */
int tty_check_background(struct tty *t, int signo);
/* To the foreground group, if there is one. Without the lock. */
void tty_signal(struct tty *t, int signo);
void tty_dev_init(struct tty *t);
