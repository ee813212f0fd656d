/* Hooks of the lock checker: what locks, preemption and interrupts tell it. make LOCK_DEBUG=1 compiles
 * arch/lock_check.c and arch/lock_time.c and lets these call them; in other kernels they are nothing.
 *
 * The checker sees order (lib/lock_graph.h), a lock released by who does not hold it, one that is
 * initialised or freed while held, more locks at once than anybody should need, sleeping where it is
 * forbidden, and interrupts or preemption off for too long. */
#pragma once
#include "lib/lock_graph.h"

#ifndef LOCK_DEBUG /* host tests */
#define LOCK_DEBUG 0
#endif

void lock_check_taking(const void *lock, const char *name, enum lock_kind kind, const void *at);
void lock_check_tried(const void *lock, const char *name, enum lock_kind kind, const void *at);
void lock_check_releasing(const void *lock, const char *name, enum lock_kind kind);
void lock_check_gone(const void *memory, size_t size, const char *how);
void lock_check_sleep(const char *what);
void lock_check_start(void);
void lock_check_stop(void);
void lock_graph_print(void (*out)(void *ctx, const char *line), void *ctx); /* one line a class, one an edge */
void lock_time_limit(u32 ms);                                               /* from now on */
void lock_time_irqs_off(const void *at);
void lock_time_irqs_on(void);
void lock_time_preempt_off(const void *at);
void lock_time_preempt_on(void);

/* Before waiting for it; `at`: where, NULL: where this is written. */
static inline void lock_taking(const void *lock, const char *name, enum lock_kind kind, const void *at)
{
    if (LOCK_DEBUG)
        lock_check_taking(lock, name, kind, at);
}
/* After trying with success: cannot deadlock, but what is taken next can. */
static inline void lock_tried(const void *lock, const char *name, enum lock_kind kind, const void *at)
{
    if (LOCK_DEBUG)
        lock_check_tried(lock, name, kind, at);
}
/* Before it is free. */
static inline void lock_releasing(const void *lock, const char *name, enum lock_kind kind)
{
    if (LOCK_DEBUG)
        lock_check_releasing(lock, name, kind);
}
/* This memory is about to be initialised ("initialised") or given back ("freed"). */
static inline void lock_gone(const void *memory, size_t size, const char *how)
{
    if (LOCK_DEBUG)
        lock_check_gone(memory, size, how);
}
/* What follows may sleep, though it seldom does. */
static inline void lock_may_sleep(const char *what)
{
    if (LOCK_DEBUG)
        lock_check_sleep(what);
}

/* The checker knows CPUs by their per-CPU data: from percpu_init() on. In a panic it rests. */
static inline void lock_debug_start(void)
{
    if (LOCK_DEBUG)
        lock_check_start();
}
static inline void lock_debug_stop(void)
{
    if (LOCK_DEBUG)
        lock_check_stop();
}

/* Interrupts went off / are about to go on; preemption became impossible / possible. */
static inline void irqs_went_off(void)
{
    if (LOCK_DEBUG)
        lock_time_irqs_off(NULL);
}
static inline void irqs_go_on(void)
{
    if (LOCK_DEBUG)
        lock_time_irqs_on();
}
static inline void preempt_went_off(void)
{
    if (LOCK_DEBUG)
        lock_time_preempt_off(NULL);
}
static inline void preempt_goes_on(void)
{
    if (LOCK_DEBUG)
        lock_time_preempt_on();
}
