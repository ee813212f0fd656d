/* The fair queue: who is next among threads that share a CPU by virtual time. Pure.
 *
 * A thread's virtual time is the CPU time it used, stretched by its cost: what is nicer ages faster. Whoever has the
 * least goes next, so in the long run each gets time in the inverse proportion of its cost, exactly: nothing is
 * rounded but the order in which threads run.
 *
 * Members lie in a wheel of 64 slots of 4 ms of virtual time, each a list in order of arrival (those that woke before
 * those whose turn ended), and a word of bits says which are occupied: putting in and taking out are O(1), however
 * many there are. A member that is alone, as with two threads that wake each other, is not put into the wheel at all.
 * `now` is the slot that the queue has reached. The wheel shows what lies from FAIRQ_BEHIND slots before it to 35
 * behind it; a member that is further on waits in the last slot and goes on from there. So a member's claim on the
 * CPU (being behind `now`) is bounded: to FAIRQ_LAG_NS for a sleeper that comes back, to all that the wheel shows for
 * one that comes from another CPU, where it may have waited long while this CPU's virtual time went on fast. */
#pragma once
#include "lib/list.h"
#include "lib/types.h"

#define FAIRQ_SLOTS 64u
#define FAIRQ_SHIFT 22 /* a slot: 2^22 ns, 4.2 ms */
#define FAIRQ_BEHIND 28u
#define FAIRQ_BEHIND_NS ((u64)FAIRQ_BEHIND << FAIRQ_SHIFT)
#define FAIRQ_LAG_NS (12ull << FAIRQ_SHIFT)

/* Costs: virtual ns for each ns, in 2^-20. */
#define FAIR_COST_SHIFT 20
#define FAIR_COST_DEFAULT (1u << FAIR_COST_SHIFT)
#define FAIR_COST_IDLE (341u << FAIR_COST_SHIFT) /* SCHED_IDLE: a 341st of nice 0 (sched(7)) */
/* Each step of nice is a factor of 1.25. nice -20..19. */
u32 fair_cost_of_nice(int nice);

/* Where in its slot: whose turn ended goes last; who woke before all of those, behind others that woke;
 * who was interrupted in its turn before everybody. */
enum fair_order { FAIR_LAST, FAIR_EARLY, FAIR_FIRST };

struct fair { struct list link; u64 vtime_ns; u32 cost; u32 at; /* its slot in the wheel, while queued */ };
struct fairq {
    struct fair *single; /* the only member; else NULL */
    u64 now;
    u32 n;
    u64 occupied;        /* without the single one */
    struct list slot[FAIRQ_SLOTS];
    struct list *early[FAIRQ_SLOTS]; /* the last one there that came early; none: the slot itself */
};

void fairq_init(struct fairq *q);

static inline u64 fair_slot(const struct fair *f) { return f->vtime_ns >> FAIRQ_SHIFT; }
static inline u64 fairq_now_ns(const struct fairq *q) { return q->now << FAIRQ_SHIFT; }
static inline u64 fairq_floor_ns(const struct fairq *q) { return fairq_now_ns(q) - FAIRQ_LAG_NS; }

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

/* The slot that a member is shown in. */
static inline u64 fairq_shown(const struct fairq *q, const struct fair *f)
{
    u64 low = fairq_lowest(q);
    return MIN(MAX(fair_slot(f), low), low + FAIRQ_SLOTS - 1);
}

/* The slot of the next one. Not on an empty queue. */
static inline u64 fairq_first_slot(const struct fairq *q)
{
    if (q->single)
        return fairq_shown(q, q->single);
    return fairq_lowest(q) + (unsigned)__builtin_ctzll(fairq_from_lowest(q));
}

/* The slow half of fairq_insert: at least one other member is there. */
void fairq_insert_more(struct fairq *q, struct fair *f, enum fair_order order);
static inline void fairq_insert(struct fairq *q, struct fair *f, enum fair_order order)
{
    if (q->n++)
        fairq_insert_more(q, f, order);
    else
        q->single = f;
}

void fairq_remove(struct fairq *q, struct fair *f);

struct fair *fairq_pop_wheel(struct fairq *q);
/* Takes out the next one; NULL: empty. `now` goes forward to it. */
static inline struct fair *fairq_pop(struct fairq *q)
{
    struct fair *f = q->single;
    if (!f)
        return fairq_pop_wheel(q);
    q->single = NULL;
    q->n = 0;
    q->now = MAX(q->now, fair_slot(f));
    return f;
}

struct fair *fairq_exchange_more(struct fairq *q, struct fair *f, bool first);
/* The same as inserting f, FAIR_FIRST or FAIR_LAST, and taking out the next one, which may be f. */
static inline struct fair *fairq_exchange(struct fairq *q, struct fair *f, bool first)
{
    struct fair *next = q->single;
    if (!next)
        return fairq_exchange_more(q, f, first);
    if (fair_slot(next) + first > fair_slot(f)) /* of equals f is the last one, unless it goes first */
        next = f;
    else
        q->single = f;
    q->now = MAX(q->now, fair_slot(next));
    return next;
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
    if (q->n)
        f->vtime_ns = MAX(f->vtime_ns, fairq_first_slot(q) << FAIRQ_SHIFT);
}
/* A new member gets its parent's claim, or its debt. The claim would be there twice: what `reserve_ns` does not
 * pay for they share, each losing half of it. Returns what was paid. */
u64 fairq_divide(const struct fairq *q, struct fair *parent, struct fair *child, u64 reserve_ns);
