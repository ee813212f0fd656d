/* The algebra of record locks (fcntl(2)): an owner has at most one lock on a byte; a new one replaces what it
 * covers, and neighbours of one type are one lock. An owner's locks need no order. */
#include "vfs/lock_range.h"
#include "lib/assert.h"

static bool overlap(const struct lock_range *a, const struct lock_range *b)
{
    return a->start <= b->last && b->start <= a->last;
}

struct lock_range *lock_range_conflict(struct list *locks, const struct lock_range *want)
{
    struct lock_range *l;
    list_for_each(l, locks, link)
        if (l->owner != want->owner && overlap(l, want) && (l->type == LOCK_WRITE || want->type == LOCK_WRITE))
            return l;
    return NULL;
}

static struct lock_range *take(struct lock_range *spare[2])
{
    unsigned i = spare[0] ? 0 : 1;
    struct lock_range *l = spare[i];
    ASSERT(l);
    spare[i] = NULL;
    return l;
}

static void drop(struct lock_range *l, struct list *litter)
{
    list_remove(&l->link);
    list_push_back(litter, &l->link);
}

/* Takes the bytes of `cut` out of l. */
static void carve(struct list *locks, struct lock_range *l, const struct lock_range *cut, struct lock_range *spare[2],
                  struct list *litter)
{
    bool left = l->start < cut->start, right = l->last > cut->last;
    if (left && right) {
        struct lock_range *rest = take(spare);
        *rest = *l;
        rest->start = cut->last + 1;
        l->last = cut->start - 1;
        list_push_back(locks, &rest->link);
    } else if (left) {
        l->last = cut->start - 1;
    } else if (right) {
        l->start = cut->last + 1;
    } else {
        drop(l, litter);
    }
}

static bool touches(const struct lock_range *a, const struct lock_range *b)
{
    return a->last + 1 == b->start || b->last + 1 == a->start; /* last is below 2^63: no wrapping */
}

void lock_range_apply(struct list *locks, const struct lock_range *want, struct lock_range *spare[2],
                      struct list *litter)
{
    struct lock_range *l, *next, *fresh = NULL;
    list_for_each_safe(l, next, locks, link)
        if (l->owner == want->owner && overlap(l, want))
            carve(locks, l, want, spare, litter);
    if (want->type == LOCK_NONE)
        return;
    fresh = take(spare);
    *fresh = *want;
    list_for_each_safe(l, next, locks, link) {
        if (l->owner != want->owner || l->type != want->type || !touches(l, fresh))
            continue;
        fresh->start = l->start < fresh->start ? l->start : fresh->start;
        fresh->last = l->last > fresh->last ? l->last : fresh->last;
        drop(l, litter);
    }
    list_push_back(locks, &fresh->link);
}
