/* The graph of lock classes: a bit matrix for the question that is asked all the time, a list of edges
 * for the report. Searches go breadth first, so that what is reported is the shortest circle. */
#include "lib/lock_graph.h"
#include "lib/assert.h"
#include "lib/string.h"

#define NOBODY 0xff
_Static_assert(LOCK_CLASSES_MAX < NOBODY, "classes are numbered in u8");

int lock_class_find(const struct lock_graph *g, const char *name, enum lock_kind kind)
{
    for (unsigned i = 0; i < g->nclasses; i++)
        if (g->cls[i].kind == kind && strcmp(g->cls[i].name, name) == 0)
            return (int)i;
    return -1;
}

int lock_class_add(struct lock_graph *g, const char *name, enum lock_kind kind)
{
    if (g->nclasses == LOCK_CLASSES_MAX)
        return -1;
    g->cls[g->nclasses] = (struct lock_class){ .name = name, .kind = kind };
    return (int)g->nclasses++;
}

bool lock_edge_add(struct lock_graph *g, unsigned from, unsigned to, const struct lock_trace *at)
{
    ASSERT(from < g->nclasses && to < g->nclasses && !lock_edge_known(g, from, to));
    if (g->nedges == LOCK_EDGES_MAX)
        return false;
    g->edge[g->nedges++] = (struct lock_edge){ .from = (u8)from, .to = (u8)to, .at = *at };
    __atomic_or_fetch(&g->after[from][to / 64], 1ull << (to % 64), __ATOMIC_RELEASE);
    return true;
}

const struct lock_edge *lock_edge_get(const struct lock_graph *g, unsigned from, unsigned to)
{
    for (unsigned i = 0; i < g->nedges; i++)
        if (g->edge[i].from == from && g->edge[i].to == to)
            return &g->edge[i];
    return NULL;
}

static bool spins(const struct lock_graph *g, unsigned class) { return g->cls[class].kind != LOCK_MUTEX; }

/* Who was reached from whom, over all edges or those between spinlocks. */
struct search { u8 parent[LOCK_CLASSES_MAX], queue[LOCK_CLASSES_MAX]; unsigned head, tail; bool only_spins; };

static void search_begin(struct search *s, unsigned from, bool only_spins)
{
    memset(s->parent, NOBODY, sizeof s->parent);
    s->queue[0] = s->parent[from] = (u8)from;
    s->head = 0;
    s->tail = 1;
    s->only_spins = only_spins;
}

/* The next class in order of distance, or NOBODY. */
static unsigned search_next(struct search *s, const struct lock_graph *g)
{
    if (s->head == s->tail)
        return NOBODY;
    unsigned at = s->queue[s->head++];
    for (unsigned to = 0; to < g->nclasses; to++) {
        if (s->parent[to] != NOBODY || !lock_edge_known(g, at, to) || (s->only_spins && !spins(g, to)))
            continue;
        s->parent[to] = (u8)at;
        s->queue[s->tail++] = (u8)to;
    }
    return at;
}

static unsigned path_to(const struct search *s, unsigned to, u8 *path)
{
    unsigned n = 1;
    for (unsigned at = to; s->parent[at] != at; at = s->parent[at])
        n++;
    for (unsigned i = n; i--; to = s->parent[to])
        path[i] = (u8)to;
    return n;
}

unsigned lock_path_find(const struct lock_graph *g, unsigned from, unsigned to, u8 *path)
{
    struct search s;
    search_begin(&s, from, false);
    for (unsigned at; (at = search_next(&s, g)) != NOBODY;)
        if (at == to)
            return path_to(&s, to, path);
    return 0;
}

static unsigned irq_conflict_from(const struct lock_graph *g, unsigned from, u8 *path)
{
    struct search s;
    search_begin(&s, from, true);
    for (unsigned at; (at = search_next(&s, g)) != NOBODY;)
        if (g->cls[at].used & LOCK_USED_IRQ_ON)
            return path_to(&s, at, path);
    return 0;
}

unsigned lock_irq_conflict_find(const struct lock_graph *g, u8 *path)
{
    for (unsigned c = 0; c < g->nclasses; c++) {
        unsigned n = g->cls[c].used & LOCK_USED_IN_IRQ ? irq_conflict_from(g, c, path) : 0;
        if (n)
            return n;
    }
    return 0;
}

const char *lock_kind_name(enum lock_kind kind)
{
    static const char *const names[] = {
        [LOCK_SPIN] = "spin", [LOCK_WAITQ] = "waitq", [LOCK_EVENT] = "event", [LOCK_CPU] = "cpu", [LOCK_MUTEX] = "mutex",
    };
    return names[kind];
}
