/* Inside of the lock checker (LOCK_DEBUG kernels only). */
#pragma once
#include "arch/lock_check.h"

#define HELD_MAX 24 /* locks at once; exec in a deep directory holds seven */

struct held { const void *lock, *at; u8 class, irq_depth; bool tried; };
struct held_list { u32 n; struct held at[HELD_MAX]; };

extern struct lock_graph lock_graph;
bool lock_check_running(void);
u64 lock_graph_lock(void);
void lock_graph_unlock(u64 state);
/* The call chain that leads to `at`, which is its first entry. */
void lock_trace_take(struct lock_trace *trace, const void *at);
void lock_check_irqs_on(void);

/* lock_report.c: they panic. path: classes, each taken before the next. */
NORETURN void lock_report_order(const u8 *path, unsigned n, const struct lock_trace *now);
NORETURN void lock_report_irq(const u8 *path, unsigned n);
NORETURN void lock_report_many(const struct held_list *list, const struct held *one_more);
NORETURN void lock_report_not_held(const char *name, enum lock_kind kind);
NORETURN void lock_report_gone(const struct held *h, const char *how);
NORETURN void lock_report_sleep(const struct held_list *list, const char *what);
