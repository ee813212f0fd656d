/* The wheel behind fairq.h. A slot number is a virtual time without its low bits; slot s lies at
 * index s % 64. All members are shown in [now - BEHIND, now - BEHIND + 63], so an index means one slot.
 * `now` never goes back: it follows what is taken out, and nobody is put in before the bound. */
#include "sched/fairq.h"
#include "lib/assert.h"

#define HOPS_MAX 8 /* how many that only wait in the last slot one fairq_pop moves on */
#define NOW_FIRST 1024u /* so that no bound falls below 0 */

/* 2^20 * 1.25^n. */
static const u32 cost_of_nice[40] = {
    12089, 15112, 18889, 23612, 29515, 36893, 46117, 57646, 72058, 90072,
    112590, 140737, 175922, 219902, 274878, 343597, 429497, 536871, 671089, 838861,
    1048576, 1310720, 1638400, 2048000, 2560000, 3200000, 4000000, 5000000, 6250000, 7812500,
    9765625, 12207031, 15258789, 19073486, 23841858, 29802322, 37252903, 46566129, 58207661, 72759576,
};

u32 fair_cost_of_nice(int nice)
{
    ASSERT(nice >= -20 && nice <= 19);
    return cost_of_nice[nice + 20];
}

void fairq_init(struct fairq *q)
{
    q->single = NULL;
    q->occupied = 0;
    q->n = 0;
    q->now = NOW_FIRST;
    for (unsigned i = 0; i < FAIRQ_SLOTS; i++) {
        list_init(&q->slot[i]);
        q->early[i] = &q->slot[i];
    }
}

static void wheel_insert(struct fairq *q, struct fair *f, enum fair_order order)
{
    f->at = (u32)fairq_shown(q, f) % FAIRQ_SLOTS;
    struct list *l = &q->slot[f->at], **early = &q->early[f->at];
    q->occupied |= 1ull << f->at;
    list_insert_after(order == FAIR_LAST ? l->prev : order == FAIR_EARLY ? *early : l, &f->link);
    if (order == FAIR_EARLY || (order == FAIR_FIRST && *early == l))
        *early = &f->link;
}

static void wheel_remove(struct fairq *q, struct fair *f)
{
    struct list *next = f->link.next, *prev = f->link.prev;
    prev->next = next;
    next->prev = prev;
    if (q->early[f->at] == &f->link)
        q->early[f->at] = prev;
    if (next == prev) /* only the slot's head is left */
        q->occupied &= ~(1ull << f->at);
}

/* The single member stays before f if both go last: it was there earlier. */
void fairq_insert_more(struct fairq *q, struct fair *f, enum fair_order order)
{
    if (q->single) {
        wheel_insert(q, q->single, FAIR_LAST);
        q->single = NULL;
    }
    wheel_insert(q, f, order);
}

void fairq_remove(struct fairq *q, struct fair *f)
{
    q->n--;
    if (q->single)
        q->single = NULL;
    else
        wheel_remove(q, f);
}

struct fair *fairq_pop_wheel(struct fairq *q)
{
    if (!q->occupied)
        return NULL;
    for (unsigned hops = 0;; hops++) {
        u64 slot = fairq_first_slot(q);
        struct fair *f = list_entry(q->slot[slot % FAIRQ_SLOTS].next, struct fair, link);
        wheel_remove(q, f);
        q->now = MAX(q->now, slot);
        if (likely(fair_slot(f) <= slot) || hops == HOPS_MAX) {
            q->n--;
            return f;
        }
        wheel_insert(q, f, FAIR_LAST);
    }
}

struct fair *fairq_exchange_more(struct fairq *q, struct fair *f, bool first)
{
    fairq_insert(q, f, first ? FAIR_FIRST : FAIR_LAST);
    f = fairq_pop(q);
    if (q->n == 1) { /* two that take turns from here on */
        q->single = list_entry(q->slot[fairq_first_slot(q) % FAIRQ_SLOTS].next, struct fair, link);
        wheel_remove(q, q->single);
    }
    return f;
}

static const struct list *slot_list(const struct fairq *q, unsigned offset)
{
    return &q->slot[(fairq_lowest(q) + offset) % FAIRQ_SLOTS];
}

static struct fair *first_of(const struct fairq *q, u64 slots)
{
    return slots ? list_entry(slot_list(q, (unsigned)__builtin_ctzll(slots))->next, struct fair, link) : NULL;
}

static struct fair *last_of(const struct fairq *q, u64 slots)
{
    return slots ? list_entry(slot_list(q, 63 - (unsigned)__builtin_clzll(slots))->prev, struct fair, link) : NULL;
}

struct fair *fairq_first(const struct fairq *q) { return q->single ? q->single : first_of(q, fairq_from_lowest(q)); }
struct fair *fairq_last(const struct fairq *q) { return q->single ? q->single : last_of(q, fairq_from_lowest(q)); }

struct fair *fairq_after(const struct fairq *q, const struct fair *f)
{
    unsigned offset = (f->at - (unsigned)fairq_lowest(q)) % FAIRQ_SLOTS;
    if (q->single)
        return NULL;
    if (f->link.next != &q->slot[f->at])
        return list_entry(f->link.next, struct fair, link);
    return first_of(q, fairq_from_lowest(q) & ~1ull << offset);
}

struct fair *fairq_before(const struct fairq *q, const struct fair *f)
{
    unsigned offset = (f->at - (unsigned)fairq_lowest(q)) % FAIRQ_SLOTS;
    if (q->single)
        return NULL;
    if (f->link.prev != &q->slot[f->at])
        return list_entry(f->link.prev, struct fair, link);
    return last_of(q, fairq_from_lowest(q) & ((1ull << offset) - 1));
}

void fairq_follow(struct fairq *q, const struct fair *f)
{
    q->now = MAX(q->now, fair_slot(f));
}

void fairq_bound(const struct fairq *q, struct fair *f, bool foreign)
{
    u64 now = fairq_now_ns(q);
    f->vtime_ns = MAX(f->vtime_ns, now - (foreign ? FAIRQ_BEHIND_NS : FAIRQ_LAG_NS));
    if (foreign)
        f->vtime_ns = MIN(f->vtime_ns, now + FAIRQ_BEHIND_NS);
}

u64 fairq_credit(const struct fairq *q, struct fair *f, u64 credit_ns)
{
    u64 floor = fairq_floor_ns(q), take = f->vtime_ns > floor ? MIN(f->vtime_ns - floor, credit_ns) : 0;
    f->vtime_ns -= take;
    return take;
}

u64 fairq_divide(const struct fairq *q, struct fair *parent, struct fair *child, u64 reserve_ns)
{
    u64 now = fairq_now_ns(q), claim = now > parent->vtime_ns ? now - parent->vtime_ns : 0;
    u64 paid = MIN(claim, reserve_ns);
    parent->vtime_ns += (claim - paid) / 2;
    child->vtime_ns = parent->vtime_ns;
    return paid;
}
