/* Process 1 in parts: what /etc/inittab says (inittab.c), the place programs live in (prepare.c), the
 * programs that are kept (keep.c), and the end (end.c). One thread; signals only set flags. */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum action { ACT_SYSINIT, ACT_WAIT, ACT_ONCE, ACT_RESPAWN, ACT_ASKFIRST, ACT_CTRLALTDEL, ACT_SHUTDOWN, ACT_COUNT };

struct entry {
    char terminal[24]; /* below /dev; empty: the console */
    enum action action;
    char command[200];
    pid_t pid;        /* it runs; 0: it does not */
    long started;     /* seconds of CLOCK_MONOTONIC */
    long not_before;  /* the same */
    int quick_deaths; /* in a row */
    int asking_fd;    /* its terminal, as long as somebody must press Enter; -1 */
    bool is_off;      /* its terminal is not there, or it is done for good */
};

struct inittab { struct entry entry[32]; size_t n; };

/* inittab.c. One line: 1 when it is an entry, 0 when there is nothing on it, -1 with what is wrong. */
int inittab_line(const char *line, struct entry *out, const char **why);
/* Reads a file; what is wrong is said and passed over. Without anything that gives a shell, one is added. */
void inittab_read(struct inittab *t, const char *path);
/* Only a shell on the console. */
void inittab_single(struct inittab *t);

/* prepare.c */
void say(const char *text); /* to the console */
void complain(const char *what, int error);
long seconds_now(void);
void open_console(void);
void mount_usual(void);
void mount_listed(void); /* /etc/fstab */
void unmount_all(void);
void set_name(void);
void load_keyboard(void);
void set_environment(void);
void print_motd(void);

/* keep.c. All but those that end the system; returns when a signal asks for that or for another table. */
void run_and_wait(struct inittab *t, enum action action, long seconds_max); /* 0: however long it takes */
void keep_until_asked(struct inittab *t);
/* t replaces old: what both have goes on; what only old had is left to itself. */
void keep_carry_on(struct inittab *t, const struct inittab *old);

/* end.c */
void end_system(struct inittab *t, int signo);

/* init.c. All signals are blocked except while waiting (wait_mask). */
extern volatile sig_atomic_t ending; /* the signal that asked for the end, or 0 */
extern volatile sig_atomic_t reload; /* SIGHUP came */
