/* Shared by the files of pseudo terminals (pty*.c, devpts.c) only. */
#pragma once
#include "tty/tty_priv.h"

#define PTY_RING 16384u        /* what the slave wrote and the master has not read; power of two */
#define PTY_ECHO_RESERVE 4096u /* of it, for echo alone: a program that does not stop writing must not hide what is typed */
#define PTY_MAX 4096u          /* as Linux's kernel.pty.max */
#define PTY_SLAVE_MAJOR 136u   /* admin-guide/devices.txt: 136 to 143 */

/* A pair. The slave is a terminal like others; the master is one file. */
struct pty {
    struct tty tty; /* the slave; its references keep the pair */
    unsigned index;
    struct event event; /* the master's: POLL_*; POLL_PRI: a notice waits */
    /* Guarded by tty.lock: */
    u32 head, tail; /* running counts of the ring */
    bool locked;    /* TIOCSPTLCK: the slave cannot be opened yet */
    bool packet;    /* TIOCPKT */
    u8 notices;     /* TTY_TOLD_* for the master's next read */
    u32 slaves;     /* files of the slave */
    bool slave_gone, master_gone; /* the last file of the slave was closed; the master was */
    struct vattr attr; /* of /dev/pts/N: mode, uid, gid, times */
    char ring[PTY_RING];
};

static inline struct pty *pty_of(struct tty *t) { return container_of(t, struct pty, tty); }
static inline u32 pty_used(const struct pty *p) { return p->tail - p->head; }

/* A new pair, with a reference for the master. -ENOSPC, -ENOMEM. */
int pty_create(struct pty **out) MUST_CHECK;
/* With a reference; NULL: no such slave. */
struct pty *pty_find(unsigned index);
/* The first slave at or above index, without a reference: its index, or -1. */
int pty_next(unsigned index);
/* The master closes: the slave loses its name and hangs up. */
void pty_retire(struct pty *p);
/* Out of the ring: how many bytes. */
size_t pty_take_locked(struct pty *p, char *to, size_t n);
/* The master's event as it is now. */
void pty_update_locked(struct pty *p);

void devpts_init(void);
/* Whose a new slave is, as the mount options say. */
void devpts_owner(struct vattr *a);
int devpts_open_slave(struct pty *p, u32 file_flags, struct file **out) MUST_CHECK;
