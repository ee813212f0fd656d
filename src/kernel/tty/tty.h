/* Terminals: the console's, and the slaves of pseudo terminals.
 *
 * Reading, writing and settings are called from linux/ through the file; job control is by numbers
 * (process group, session) that only linux/ understands. Locking: tty->lock (mutex) guards the
 * line discipline and settings; echo and write meet in one function under it. */
#pragma once
#include "sched/waitq.h"
#include "tty/ldisc.h"
#include "vfs/file.h"

struct tty;
/* Told on a terminal's event when something came that can be read; beside it the event tells of every change. */
#define TTY_INPUT (1u << 17)

/* What must go up: filled in by linux/ at boot. All may sleep and are called without a lock. */
struct tty_ops {
    void (*signal)(int pgrp, int signo); /* to every process of the group */
    int (*current_pgrp)(void);
    int (*current_session)(void);
    /* Job control for a background process touching its terminal: sends SIGTTIN/SIGTTOU to its
     * group; 0 if the call may go on (signal ignored or blocked), -ERESTARTSYS, or -EIO. */
    int (*background)(int signo);
    struct tty *(*current_tty)(void); /* the caller's controlling terminal, with a reference; NULL */
    bool (*is_privileged)(void);      /* may do what only the system's administrator may */
    void (*current_ids)(u32 *uid, u32 *gid);
    /* The terminal hung up: the session has none any more, its leader learns so; pgrp was in the foreground. */
    void (*session_hung_up)(struct tty *t, int session, int pgrp);
    void (*emergency)(char key); /* Alt-PrtSc and a letter */
    void (*restart)(void);       /* Ctrl-Alt-Del */
};
void tty_set_ops(const struct tty_ops *ops);

/* Starts the worker thread, makes /dev/console, /dev/tty, /dev/tty0 to tty4, /dev/ttyS0, /dev/ptmx and the
 * file system type "devpts". */
void tty_init(void);
struct tty *tty_console(void); /* no reference: lives for ever */
void tty_get(struct tty *t);
void tty_put(struct tty *t); /* NULL is allowed */
u64 tty_number(const struct tty *t); /* as makedev */

/* NULL if f is not a terminal. The master of a pty stands for its slave here: sizes and settings are one. */
struct tty *tty_of_file(struct file *f);
bool tty_file_is_hung_up(struct file *f); /* everything but closing it is an error */
bool tty_file_is_master(const struct file *f);

void tty_get_termios(struct tty *t, struct tty_termios *out);
/* drain/flush as TCSETSW/TCSETSF. May return -ERESTARTSYS for a background process. */
int tty_set_termios(struct tty *t, const struct tty_termios *in, bool flush_input) MUST_CHECK;
/* Every bit set in a lock keeps that bit of the settings as it is, and every character not 0 that character. */
void tty_get_locks(struct tty *t, struct tty_termios *out);
void tty_set_locks(struct tty *t, const struct tty_termios *in);
void tty_get_winsize(struct tty *t, struct tty_winsize *out);
void tty_set_winsize(struct tty *t, const struct tty_winsize *in); /* SIGWINCH if changed */
int tty_get_pgrp(struct tty *t);    /* 0: none */
int tty_set_pgrp(struct tty *t, int pgrp) MUST_CHECK; /* -ENOTTY if not the caller's terminal */
int tty_get_session(struct tty *t); /* 0: none */
int tty_set_session(struct tty *t, int session, int pgrp, bool steal) MUST_CHECK; /* TIOCSCTTY; -EPERM */
void tty_drop_session(struct tty *t, int session); /* TIOCNOTTY, exit of the leader */
void tty_hangup(struct tty *t); /* vhangup; every file open now is dead */
size_t tty_readable_bytes(struct tty *t); /* FIONREAD */
/* As the names say; -ERESTARTSYS, -EIO in the background. */
int tty_flush(struct tty *t, bool input, bool output) MUST_CHECK; /* TCFLSH */
int tty_hold_output(struct tty *t, bool hold) MUST_CHECK;         /* TCXONC with TCOOFF, TCOON */
int tty_send_flow(struct tty *t, bool start) MUST_CHECK;          /* TCXONC with TCIOFF, TCION */
int tty_drain(struct tty *t) MUST_CHECK; /* TCSBRK: output is never queued before the other side */
bool tty_exclusive(struct tty *t);
void tty_set_exclusive(struct tty *t, bool on);

/* --- virtual consoles; numbers count from 1, as in tty1 --- */
#define TTY_VC_COUNT 4
int tty_vc_number(const struct tty *t); /* 0: t is none. The console terminal is number 1 if the screen is part of it */
int tty_vc_active_number(void);
unsigned tty_vc_open_mask(void); /* bit n: console n is open */
/* -ENXIO: no such console; -ENOMEM; -ERESTARTSYS. */
int tty_vc_activate(int number) MUST_CHECK;
int tty_vc_wait_active(int number) MUST_CHECK;

/* --- the keyboard's layout, in Linux's words: table and key as in struct kbentry, symbols as K() and U() --- */
struct keymap_accent;
int tty_keymap_get(unsigned table, unsigned key, u16 *sym) MUST_CHECK;
int tty_keymap_set(unsigned table, unsigned key, u16 sym) MUST_CHECK;
unsigned tty_accents_get(struct keymap_accent *out); /* at most KEYMAP_ACCENTS_MAX; how many */
void tty_accents_set(const struct keymap_accent *in, unsigned n);

/* --- the keyboard's lamps and locks: TTY_LED_* (Linux's LED_* and K_NUMLOCK, K_CAPSLOCK are these bits) --- */
enum { TTY_LED_SCROLL = 1, TTY_LED_NUM = 2, TTY_LED_CAPS = 4 };
unsigned tty_leds_get(void);
void tty_leds_set(bool forced, unsigned leds); /* not forced: they show the locks again */
unsigned tty_locks_get(void);                  /* caps and num */
void tty_locks_set(unsigned locks);

/* --- the master's side; f is one (tty_file_is_master) --- */
int pty_number(struct file *f);
void pty_set_locked(struct file *f, bool locked);
bool pty_is_locked(struct file *f);
void pty_set_packet(struct file *f, bool on);
bool pty_is_packet(struct file *f);
size_t pty_readable_bytes(struct file *f);
/* Opens the slave, whoever may open it by name. -EIO, -ENOMEM, -ENODEV: no devpts is mounted. */
int pty_open_peer(struct file *f, u32 file_flags, struct file **out) MUST_CHECK;
