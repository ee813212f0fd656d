/* Shared by the files of terminals (tty_*.c, pty*.c) only. */
#pragma once
#include "sched/event_wait.h"
#include "tty/tty.h"

#define TTY_CHANGED (1u << 16)
#define TTY_CHUNK 512u /* bytes of a write handled at once */

/* Signal numbers as Linux has them on x86-64 (asm/signal.h). */
enum { TTY_SIGHUP = 1, TTY_SIGINT = 2, TTY_SIGQUIT = 3, TTY_SIGCONT = 18, TTY_SIGTSTP = 20,
       TTY_SIGTTIN = 21, TTY_SIGTTOU = 22, TTY_SIGWINCH = 28 };

/* What a reader of the other side may be told (TIOCPKT_*, asm-generic/ioctls.h). */
enum { TTY_TOLD_FLUSH_READ = 1, TTY_TOLD_FLUSH_WRITE = 2, TTY_TOLD_STOP = 4, TTY_TOLD_START = 8,
       TTY_TOLD_NO_STOP = 16, TTY_TOLD_DO_STOP = 32 };

/* Where the bytes of a terminal go. All but opened, closed and destroy are called with the terminal's lock held. */
struct tty_driver {
    const char *name;
    size_t (*room)(struct tty *t, bool echo); /* how many bytes put would take now */
    void (*put)(struct tty *t, const char *bytes, size_t n);
    void (*default_size)(struct tty *t, struct tty_winsize *out); /* NULL: none known */
    /* Optional: */
    void (*update)(struct tty *t);              /* input or its settings changed */
    void (*tell)(struct tty *t, unsigned what); /* TTY_TOLD_* */
    void (*adjust)(struct tty *t, struct tty_termios *tio); /* makes settings true that this kind cannot have otherwise */
    int (*opened)(struct tty *t);               /* another file; -EIO */
    void (*closed)(struct tty *t);
    void (*destroy)(struct tty *t);             /* the last reference went; NULL: never happens */
};

struct tty {
    u32 refs; /* atomic */
    const struct tty_driver *driver;
    u64 rdev;
    struct mutex lock;
    /* Guarded by lock: */
    struct ldisc ld;
    struct tty_termios locks; /* what of the settings nobody may change: tty_set_locks */
    bool output_held;        /* TCOOFF; ^S is ld.stopped */
    bool exclusive;          /* TIOCEXCL */
    char out[2 * TTY_CHUNK]; /* a piece after output processing */
    struct tty_winsize winsize;
    bool winsize_set;
    int session, pgrp;
    /* Written under lock, read without it: */
    u32 changes;  /* counts what a sleeping reader or writer may wait for */
    u32 hangups;  /* files that were opened before the last one are dead */
    struct event event; /* POLL_READABLE, POLL_WRITABLE as of now; TTY_CHANGED told at every change */
};

extern const struct file_ops tty_file_ops, pty_master_ops;
const struct tty_ops *tty_ops_get(void); /* NULL: nobody to ask yet */

/* One reference. */
void tty_setup(struct tty *t, const struct tty_driver *driver, u64 rdev);

/* A terminal opened: f->ctx. */
struct tty_open { struct tty *tty; u32 hangups; };
/* Fills in f. -EBUSY (TIOCEXCL), -ENOMEM, and what the driver says. */
int tty_file_open(struct tty *t, struct file *f) MUST_CHECK;

/* The one way out: echo and write meet here. How many bytes were taken; what echo has no room for is lost. */
size_t tty_emit_locked(struct tty *t, const char *bytes, size_t n, bool echo);
/* Typed bytes: through the line discipline, with echo. Returns the effects; give them to tty_received. */
unsigned tty_receive_locked(struct tty *t, const char *bytes, size_t n);
/* Without the lock: sends what signals the bytes stood for. */
void tty_received(struct tty *t, unsigned effects);
static inline bool tty_output_stopped_locked(const struct tty *t) { return t->ld.stopped || t->output_held; }
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
void tty_console_init(void);
void tty_vc_init(void);
void tty_serial_init(void);
struct tty *tty_serial_listening(void); /* whose the serial line's bytes are; NULL: nobody's */
void tty_lines_fetch(void); /* what came in on lines that keep it themselves. For the worker */
void tty_lines_go_on(struct tty *t); /* a driver's `update`, of every terminal that a line may feed */
void tty_keyboard_init(void);
/* A key; what it types, KEYMAP_OUT_MAX bytes at most. For the worker. */
struct input_event;
unsigned tty_keyboard_feed(const struct input_event *ev, char *out);
struct tty *tty_vc(unsigned n);      /* of virtual console n, from 0 */
struct tty *tty_vc_active(void);     /* whose the keyboard is */
void pty_init(void);
