/* Circular doubly linked list; the head is a node too. No locks: the owner guards it. */
#pragma once
#include "lib/types.h"

struct list { struct list *next, *prev; };

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

static inline void list_insert_after(struct list *at, struct list *n)
{
    n->next = at->next;
    n->prev = at;
    at->next->prev = n;
    at->next = n;
}
static inline void list_push_front(struct list *head, struct list *n) { list_insert_after(head, n); }
static inline void list_push_back(struct list *head, struct list *n) { list_insert_after(head->prev, n); }

/* Takes n out and leaves it initialised, so that removing twice is harmless. */
static inline void list_remove(struct list *n)
{
    n->prev->next = n->next;
    n->next->prev = n->prev;
    list_init(n);
}
/* All of `from` before what is in head; from is empty then. */
static inline void list_splice_front(struct list *head, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = head;
    from->prev->next = head->next;
    head->next->prev = from->prev;
    head->next = from->next;
    list_init(from);
}
static inline struct list *list_pop_front(struct list *head)
{
    struct list *n = head->next;
    if (n == head)
        return NULL;
    list_remove(n);
    return n;
}

#define list_entry(node, type, member) container_of(node, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_for_each(pos, head, member)                                                     \
    for (pos = list_entry((head)->next, typeof(*pos), member); &pos->member != (head);       \
         pos = list_entry(pos->member.next, typeof(*pos), member))
/* The body may remove and free pos. */
#define list_for_each_safe(pos, tmp, head, member)                                           \
    for (pos = list_entry((head)->next, typeof(*pos), member),                               \
        tmp = list_entry(pos->member.next, typeof(*pos), member);                            \
         &pos->member != (head);                                                             \
         pos = tmp, tmp = list_entry(tmp->member.next, typeof(*pos), member))
