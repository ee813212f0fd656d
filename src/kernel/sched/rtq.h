/* The queue of real-time threads: a list for each of the 99 priorities and a bit for each list that
 * is not empty. The highest priority goes first, within one in order of arrival. Pure; O(1). */
#pragma once
#include "lib/list.h"
#include "lib/types.h"

#define RT_PRIO_MIN 1u
#define RT_PRIO_MAX 99u

struct rtq { u64 occupied[2]; u32 n; struct list prio[RT_PRIO_MAX + 1]; };

static inline void rtq_init(struct rtq *q)
{
    q->occupied[0] = q->occupied[1] = q->n = 0;
    for (unsigned i = 0; i <= RT_PRIO_MAX; i++)
        list_init(&q->prio[i]);
}
static inline void rtq_insert(struct rtq *q, struct list *l, unsigned prio, bool first)
{
    if (first)
        list_push_front(&q->prio[prio], l);
    else
        list_push_back(&q->prio[prio], l);
    q->occupied[prio / 64] |= 1ull << prio % 64;
    q->n++;
}
static inline void rtq_remove(struct rtq *q, struct list *l, unsigned prio)
{
    list_remove(l);
    if (list_empty(&q->prio[prio]))
        q->occupied[prio / 64] &= ~(1ull << prio % 64);
    q->n--;
}
/* The priority of the next one; 0: empty. */
static inline unsigned rtq_highest(const struct rtq *q)
{
    for (int i = 1; i >= 0; i--)
        if (q->occupied[i])
            return (unsigned)i * 64 + 63 - (unsigned)__builtin_clzll(q->occupied[i]);
    return 0;
}
static inline struct list *rtq_pop(struct rtq *q)
{
    unsigned prio = rtq_highest(q);
    if (!prio)
        return NULL;
    struct list *l = q->prio[prio].next;
    rtq_remove(q, l, prio);
    return l;
}
