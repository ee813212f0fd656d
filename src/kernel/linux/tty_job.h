/* Terminals and sessions: what open and ioctl do for job control. Private to linux/. */
#pragma once
#include "linux/lx.h"

/* Changes who p's terminal is. process_tree_lock held. */
void lx_ctty_set_locked(struct lx_process *lx, struct tty *t);
/* The caller's controlling terminal with a reference, or NULL. */
struct tty *lx_ctty_get(void);
/* The end of a session leader (POSIX 11.1.10). */
void lx_tty_leader_exit(struct process *p);
/* vhangup: the caller's terminal. */
void lx_tty_vhangup(void);
/* tty_ops.session_hung_up. */
void lx_tty_session_hung_up(struct tty *t, int session, int pgrp);
/* A terminal opened without O_NOCTTY becomes that of a session leader who has none. */
void lx_tty_opened(struct file *f);
/* All requests of terminals (tty_ioctl.c). */
long lx_tty_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg);
/* Requests of virtual consoles (vt_ioctl.c); -ENOTTY for any other. */
long lx_vt_ioctl(struct tty *t, u32 cmd, u64 arg);
/* Those of them that are about the keyboard's layout (kbd_ioctl.c). */
long lx_kbd_ioctl(u32 cmd, u64 arg, bool may_change);
/* tty_ops.emergency and tty_ops.restart (sysrq.c). */
void lx_sysrq(char key);
void lx_ask_restart(void);
/* The TIOC* requests about sessions and groups; -ENOTTY for any other. */
long lx_tty_job_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg);
