/* The fair queue: who is next among threads that share a CPU by virtual time. Pure.
 *
 * A thread's virtual time is the CPU time it used, stretched by its cost: what is nicer ages
 * faster. Whoever has the least goes next, so in the long run each gets time in the inverse
 * proportion of its cost, exactly: nothing is rounded but the order in which threads run.
 *
 * Members lie in a wheel of 64 slots of 4 ms of virtual time, each a list in order of arrival,
 * and a word of bits says which are occupied: putting in and taking out are O(1), however many
 * there are. `now` is the slot that the queue has reached. The wheel shows what lies from
 * FAIRQ_BEHIND slots before it to 57 behind it; a member that is further on waits in the last slot
 * and goes on from there. So a member's claim on the CPU (being behind `now`) is bounded: by
 * FAIRQ_LAG_NS, which is what a sleeper finds at most when it comes back. */
#pragma once
#include "lib/list.h"
#include "lib/types.h"

#define FAIRQ_SLOTS 64u
#define FAIRQ_SHIFT 22 /* a slot: 2^22 ns, 4.2 ms */
#define FAIRQ_BEHIND 6u
#define FAIRQ_LAG_NS ((u64)FAIRQ_BEHIND << FAIRQ_SHIFT)

/* Costs: virtual ns for each ns, in 2^-20. */
#define FAIR_COST_SHIFT 20
#define FAIR_COST_DEFAULT (1u << FAIR_COST_SHIFT)
#define FAIR_COST_IDLE (341u << FAIR_COST_SHIFT) /* SCHED_IDLE: a 341st of nice 0 (sched(7)) */
/* Each step of nice is a factor of 1.25. nice -20..19. */
u32 fair_cost_of_nice(int nice);

struct fair { struct list link; u64 vtime_ns; u32 cost; u32 at; /* its slot in the wheel, while queued */ };
struct fairq { u64 occupied; u64 now; u32 n; struct list slot[FAIRQ_SLOTS]; };

void fairq_init(struct fairq *q);

static inline u64 fair_slot(const struct fair *f) { return f->vtime_ns >> FAIRQ_SHIFT; }
static inline u64 fairq_now_ns(const struct fairq *q) { return q->now << FAIRQ_SHIFT; }
static inline u64 fairq_floor_ns(const struct fairq *q) { return (q->now - FAIRQ_BEHIND) << FAIRQ_SHIFT; }

static inline void fair_charge(struct fair *f, u64 ran_ns)
{
    f->vtime_ns += (u64)((unsigned __int128)ran_ns * f->cost >> FAIR_COST_SHIFT);
}

static inline u64 fairq_lowest(const struct fairq *q) { return q->now - FAIRQ_BEHIND; }

/* The occupied slots, so that bit i is the slot lowest + i. */
static inline u64 fairq_from_lowest(const struct fairq *q)
{
    unsigned by = (unsigned)fairq_lowest(q) % 64;
    return q->occupied >> by | q->occupied << (-by % 64);
}

/* The slot of the next one. Not on an empty queue. */
static inline u64 fairq_first_slot(const struct fairq *q)
{
    return fairq_lowest(q) + (unsigned)__builtin_ctzll(fairq_from_lowest(q));
}

/* first: it goes before the others of its slot (it was interrupted in its turn). */
static inline void fairq_insert(struct fairq *q, struct fair *f, bool first)
{
    u64 low = fairq_lowest(q), slot = MIN(MAX(fair_slot(f), low), low + FAIRQ_SLOTS - 1);
    u32 at = (u32)slot % FAIRQ_SLOTS;
    struct list *l = &q->slot[at];
    f->at = at;
    q->occupied |= 1ull << at;
    q->n++;
    list_insert_after(first ? l : l->prev, &f->link);
}

static inline void fairq_remove(struct fairq *q, struct fair *f)
{
    struct list *next = f->link.next, *prev = f->link.prev;
    prev->next = next;
    next->prev = prev;
    q->n--;
    if (next == prev) /* only the slot's head is left */
        q->occupied &= ~(1ull << f->at);
}

struct fair *fairq_pop_hop(struct fairq *q, struct fair *f); /* fairq_pop, when f only waits in its slot */
/* Takes out the next one; NULL: empty. `now` goes forward to it. */
static inline struct fair *fairq_pop(struct fairq *q)
{
    if (!q->occupied)
        return NULL;
    u64 slot = fairq_first_slot(q);
    struct fair *f = container_of(q->slot[slot % FAIRQ_SLOTS].next, struct fair, link);
    fairq_remove(q, f);
    q->now = MAX(q->now, slot);
    return likely(fair_slot(f) <= slot) ? f : fairq_pop_hop(q, f);
}
/* Members in the order in which they go, or back from the last; NULL behind the end. */
struct fair *fairq_first(const struct fairq *q);
struct fair *fairq_last(const struct fairq *q);
struct fair *fairq_after(const struct fairq *q, const struct fair *f);
struct fair *fairq_before(const struct fairq *q, const struct fair *f);

/* What runs outside of the queue, alone, has come as far as f. Only while the queue is empty. */
void fairq_follow(struct fairq *q, const struct fair *f);
/* f comes from a sleep or from another queue: its claim is cut to the bound, and so is its debt
 * if it owes that to another queue. */
void fairq_bound(const struct fairq *q, struct fair *f, bool foreign);
/* Lowers a sleeper's time by at most credit_ns, to the bound at most. Returns what it took. */
u64 fairq_credit(const struct fairq *q, struct fair *f, u64 credit_ns);
/* f lets the others go first: it gives up its claim on being ahead of the next one. */
static inline void fairq_yield(const struct fairq *q, struct fair *f)
{
    if (q->occupied)
        f->vtime_ns = MAX(f->vtime_ns, fairq_first_slot(q) << FAIRQ_SHIFT);
}
/* A new member gets half of its parent's claim, or all of its debt: forking wins nothing. */
void fairq_divide(const struct fairq *q, struct fair *parent, struct fair *child);
