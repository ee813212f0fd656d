/* The timer queue: a red-black tree by deadline. `armed` says whether a timer is in it. */
#include "sched/timerq.h"
#include "lib/assert.h"

void timerq_insert(struct timerq *q, struct timer *t)
{
    struct rb_node **link = &q->tree.root, *parent = NULL;
    ASSERT(!t->armed);
    while (*link) {
        parent = *link;
        bool before = t->deadline_ns < rb_entry(parent, struct timer, node)->deadline_ns;
        link = before ? &parent->left : &parent->right;
    }
    rb_insert(&q->tree, &t->node, parent, link);
    t->armed = true;
}

void timerq_remove(struct timerq *q, struct timer *t)
{
    ASSERT(t->armed);
    rb_erase(&q->tree, &t->node);
    t->armed = false;
}

struct timer *timerq_pop_due(struct timerq *q, u64 now_ns)
{
    struct rb_node *first = rb_first(&q->tree);
    if (!first)
        return NULL;
    struct timer *t = rb_entry(first, struct timer, node);
    if (t->deadline_ns > now_ns)
        return NULL;
    timerq_remove(q, t);
    return t;
}
