/* The table of numbers in use: every process and every further thread has one.
 *
 * Numbers are handed out upwards and start again at PID_FIRST_AGAIN after PID_MAX, so that a
 * number is not reused soon after its owner is gone. A number is in use as long as anybody uses it,
 * as its own or as its process group's or session's. Pure; the caller locks. */
#pragma once
#include "lib/list.h"

#define PID_MAX 32768
#define PID_FIRST_AGAIN 300 /* low numbers stay with what boot started */
#define PID_HASH 1024       /* buckets, power of two */

struct process;
struct pid_entry { struct list link; int nr; unsigned users; bool is_thread; struct process *process; /* user's */ };
struct pid_table { struct list bucket[PID_HASH]; int last; unsigned used; };

void pid_table_init(struct pid_table *t);
/* Gives e the next free number, with one user. -EAGAIN when all are in use. */
int pid_add(struct pid_table *t, struct pid_entry *e) MUST_CHECK;
/* Gives e this number. -EEXIST. */
int pid_add_at(struct pid_table *t, struct pid_entry *e, int nr) MUST_CHECK;
void pid_remove(struct pid_table *t, struct pid_entry *e);
static inline void pid_use(struct pid_entry *e) { e->users++; }
/* One user less: true if it was the last, and the number is free again. */
bool pid_unuse(struct pid_table *t, struct pid_entry *e) MUST_CHECK;
struct pid_entry *pid_lookup(struct pid_table *t, int nr); /* NULL: free */
