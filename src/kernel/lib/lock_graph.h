/* The order of locks as it was observed, for LOCK_DEBUG kernels. Pure: no locks, no allocation.
 *
 * Locks of one kind and name are one class. An edge a -> b: a lock of b was asked for while one of a
 * was the last one taken. A way from b back to a would be a deadlock waiting for its moment. */
#pragma once
#include "lib/types.h"

enum lock_kind { LOCK_SPIN, LOCK_WAITQ, LOCK_EVENT, LOCK_CPU, LOCK_MUTEX };

#define LOCK_CLASSES_MAX 192
#define LOCK_EDGES_MAX 1024
#define LOCK_TRACE_DEPTH 8

/* How a class was used. */
#define LOCK_USED_IN_IRQ 1u /* taken by an interrupt handler */
#define LOCK_USED_IRQ_ON 2u /* held with interrupts on */
#define LOCK_USES 2

struct lock_trace { vaddr_t call[LOCK_TRACE_DEPTH]; }; /* innermost first; 0 behind the last */
struct lock_class { const char *name; enum lock_kind kind; u32 used; struct lock_trace used_at[LOCK_USES]; };
struct lock_edge { u8 from, to; struct lock_trace at; };
struct lock_graph {
    unsigned nclasses, nedges;
    struct lock_class cls[LOCK_CLASSES_MAX];
    u64 after[LOCK_CLASSES_MAX][LOCK_CLASSES_MAX / 64]; /* bit b of after[a]: the edge a -> b */
    struct lock_edge edge[LOCK_EDGES_MAX];
};

/* Numbers of classes; -1: not met yet / no room. */
int lock_class_find(const struct lock_graph *g, const char *name, enum lock_kind kind);
int lock_class_add(struct lock_graph *g, const char *name, enum lock_kind kind);

static inline bool lock_edge_known(const struct lock_graph *g, unsigned from, unsigned to)
{
    return __atomic_load_n(&g->after[from][to / 64], __ATOMIC_RELAXED) >> (to % 64) & 1;
}
/* false: no room. */
bool lock_edge_add(struct lock_graph *g, unsigned from, unsigned to, const struct lock_trace *at);
const struct lock_edge *lock_edge_get(const struct lock_graph *g, unsigned from, unsigned to);

/* The shortest way from one class to another: its classes, both ends included; returns how many, 0 if
 * there is none. path holds LOCK_CLASSES_MAX. */
unsigned lock_path_find(const struct lock_graph *g, unsigned from, unsigned to, u8 *path);
/* A way from a lock that interrupt handlers take to one that is held with interrupts on: on one CPU
 * the handler waits for whom it interrupted, on two in a circle. */
unsigned lock_irq_conflict_find(const struct lock_graph *g, u8 *path);

const char *lock_kind_name(enum lock_kind kind);
