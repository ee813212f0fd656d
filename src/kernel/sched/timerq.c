/* The timer queue: a red-black tree by deadline, with its first one at hand. `armed` says whether a
 * timer is in it. */
#include "sched/timerq.h"
#include "lib/assert.h"

void timerq_insert(struct timerq *q, struct timer *t)
{
    struct rb_node **link = &q->tree.root, *parent = NULL;
    bool leftmost = true;
    ASSERT(!t->armed);
    while (*link) {
        parent = *link;
        bool before = t->deadline_ns < rb_entry(parent, struct timer, node)->deadline_ns;
        link = before ? &parent->left : &parent->right;
        leftmost &= before;
    }
    rb_insert(&q->tree, &t->node, parent, link);
    if (leftmost)
        q->first = t;
    t->armed = true;
}

void timerq_remove(struct timerq *q, struct timer *t)
{
    ASSERT(t->armed);
    if (q->first == t) {
        struct rb_node *next = rb_next(&t->node);
        q->first = next ? rb_entry(next, struct timer, node) : NULL;
    }
    rb_erase(&q->tree, &t->node);
    t->armed = false;
}

struct timer *timerq_pop_due(struct timerq *q, u64 now_ns)
{
    struct timer *t = q->first;
    if (!t || t->deadline_ns > now_ns)
        return NULL;
    timerq_remove(q, t);
    return t;
}
