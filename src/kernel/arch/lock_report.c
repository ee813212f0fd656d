/* LOCK_DEBUG: what the checker says before the panic, and the graph as text.
 *
 * The panic's own lines are the cause and the present call chain. The lines here are about earlier
 * calls and come in between (panic_more). */
#include "arch/lock_check_priv.h"
#include "arch/debug.h"
#include "arch/percpu.h"
#include "lib/assert.h"
#include "lib/format.h"

#define LINE 160

static struct { u8 path[LOCK_CLASSES_MAX]; unsigned n; const struct held_list *held; } said;

static const char *class_name(unsigned class) { return lock_graph.cls[class].name; }

void lock_trace_take(struct lock_trace *trace, const void *at)
{
    vaddr_t chain[LOCK_TRACE_DEPTH + 6];
    unsigned n = backtrace_collect((vaddr_t)__builtin_frame_address(0), chain, ARRAY_SIZE(chain)), from = 0, i = 0;

    while (from < n && chain[from] != (vaddr_t)at)
        from++;
    if (from == n) { /* it was not called through frames: this much is known */
        trace->call[i++] = (vaddr_t)at;
        from = 0;
    }
    for (; i < LOCK_TRACE_DEPTH; i++)
        trace->call[i] = from < n ? chain[from++] : 0;
}

static void say_place(void (*say)(const char *line), const char *what, vaddr_t at)
{
    char line[LINE];
    struct symbol_name buf;
    u64 offset = 0;
    const char *name = symbol_lookup(at, &offset, &buf);

    format(line, sizeof line, "%s%016lx %s+0x%lx", what, at, name ? name : "?", offset);
    say(line);
}

static void say_trace(void (*say)(const char *line), const struct lock_trace *trace)
{
    for (unsigned i = 0; i < LOCK_TRACE_DEPTH && trace->call[i]; i++)
        say_place(say, "    ", trace->call[i] - 1);
}

static void say_edge(void (*say)(const char *line), unsigned from, unsigned to)
{
    char line[LINE];
    const struct lock_edge *e = lock_edge_get(&lock_graph, from, to);

    format(line, sizeof line, "  earlier: '%s' (%s) was taken while '%s' (%s) was held:", class_name(to),
           lock_kind_name(lock_graph.cls[to].kind), class_name(from), lock_kind_name(lock_graph.cls[from].kind));
    say(line);
    if (e)
        say_trace(say, &e->at);
}

static void say_path(void (*say)(const char *line))
{
    for (unsigned i = 0; i + 1 < said.n; i++)
        say_edge(say, said.path[i], said.path[i + 1]);
}

static void remember(const u8 *path, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        said.path[i] = path[i];
    said.n = n;
}

void lock_report_order(const u8 *path, unsigned n, const struct lock_trace *now)
{
    lock_check_stop();
    remember(path, n);
    panic_more = say_path;
    panic("lock order: '%s' is taken while '%s' is held, but the other order is known (%u steps)",
          class_name(path[0]), class_name(path[n - 1]), n - 1);
}

static void say_irq_path(void (*say)(const char *line))
{
    const struct lock_class *first = &lock_graph.cls[said.path[0]], *last = &lock_graph.cls[said.path[said.n - 1]];

    say("  in an interrupt handler:");
    say_trace(say, &first->used_at[0]);
    say_path(say);
    say("  with interrupts on:");
    say_trace(say, &last->used_at[1]);
}

void lock_report_irq(const u8 *path, unsigned n)
{
    lock_check_stop();
    remember(path, n);
    panic_more = say_irq_path;
    panic("lock and interrupts: a handler takes '%s', and '%s' is held with interrupts on", class_name(path[0]),
          class_name(path[n - 1]));
}

static void say_held(void (*say)(const char *line))
{
    char what[LINE];

    for (u32 i = 0; i < said.held->n; i++) {
        const struct held *h = &said.held->at[i];
        format(what, sizeof what, "  held: '%s' (%s), taken at ", class_name(h->class),
               lock_kind_name(lock_graph.cls[h->class].kind));
        say_place(say, what, (vaddr_t)h->at - 1);
    }
}

void lock_report_many(const struct held_list *list, const struct held *one_more)
{
    lock_check_stop();
    said.held = list;
    panic_more = say_held;
    panic("lock: '%s' would be number %u of those held", class_name(one_more->class), list->n + 1);
}

void lock_report_not_held(const char *name, enum lock_kind kind)
{
    lock_check_stop();
    panic("lock: %s '%s' is released by cpu %u, who does not hold it", lock_kind_name(kind), name, this_cpu()->id);
}

void lock_report_gone(const struct held *h, const char *how)
{
    static struct held_list one;
    lock_check_stop();
    one = (struct held_list){ .n = 1, .at = { *h } };
    said.held = &one;
    panic_more = say_held;
    panic("lock: '%s' is %s while it is held", class_name(h->class), how);
}

void lock_report_sleep(const struct held_list *list, const char *what)
{
    lock_check_stop();
    said.held = list;
    panic_more = say_held;
    panic("sleeping where it is forbidden: %s with preemption off (%u) or in an interrupt (%u)", what,
          cpu_preempt_count(), cpu_irq_depth());
}

void lock_graph_print(void (*out)(void *ctx, const char *line), void *ctx)
{
    char line[LINE];
    const struct lock_graph *g = &lock_graph;
    unsigned nclasses = __atomic_load_n(&g->nclasses, __ATOMIC_ACQUIRE), nedges = __atomic_load_n(&g->nedges, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < nclasses; i++) {
        format(line, sizeof line, "class %s:%s%s%s", lock_kind_name(g->cls[i].kind), g->cls[i].name,
               g->cls[i].used & LOCK_USED_IN_IRQ ? " in-irq" : "", g->cls[i].used & LOCK_USED_IRQ_ON ? " irqs-on" : "");
        out(ctx, line);
    }
    for (unsigned i = 0; i < nedges; i++) {
        const struct lock_edge *e = &g->edge[i];
        struct symbol_name buf;
        u64 offset = 0;
        const char *place = symbol_lookup(e->at.call[0] - 1, &offset, &buf);
        format(line, sizeof line, "edge %s:%s -> %s:%s at %s", lock_kind_name(g->cls[e->from].kind),
               class_name(e->from),
               lock_kind_name(g->cls[e->to].kind), class_name(e->to), place ? place : "?");
        out(ctx, line);
    }
}
