/* LOCK_DEBUG: who holds what, and whether it may.
 *
 * Spinlocks are noted per CPU: between taking and releasing one nobody moves (the run queue's lock is
 * taken on one stack and released on another, but on the same CPU). Mutexes are noted per thread. An
 * interrupt handler's locks come on top of those it interrupted, and make no edges with them: what can
 * go wrong there is judged by how a class is used (lock_irq_conflict_find).
 *
 * Order is judged between classes, when a lock is asked for and before it is waited for, so that one
 * run without any bad luck shows what two CPUs could do. Trying cannot deadlock: a tried lock makes no
 * edge, but is passed over when the next one is taken.
 *
 * The first complaint is a panic, with what is known in lock_report.c. */
#include "arch/lock_check_priv.h"
#include "arch/cpu.h"
#include "arch/debug.h"
#include "arch/percpu.h"
#include "lib/assert.h"
#include "lib/string.h"

#define CACHE_SLOTS 256u

struct lock_graph lock_graph; /* guarded by graph_taken; reading an edge's bit needs nothing */
static u32 graph_taken;
static bool running;
static struct held_list cpu_held[MAX_CPUS];
static u8 class_cache[CACHE_SLOTS]; /* by name's address and kind: class + 1, a hint */

/* Mutexes of threads: a thread has a place among WAYS of its address, while it holds any. */
#define WAYS 8u
#define SETS 512u
struct thread_held { const void *thread; struct held_list list; };
static struct thread_held thread_held[SETS][WAYS];

bool lock_check_running(void) { return __atomic_load_n(&running, __ATOMIC_RELAXED); }
void lock_check_start(void) { __atomic_store_n(&running, true, __ATOMIC_RELEASE); }
void lock_check_stop(void) { __atomic_store_n(&running, false, __ATOMIC_RELEASE); }

/* Not irq_save(), which asks this file. Interrupt handlers use the same lists as whom they interrupt. */
static u64 irqs_off_raw(void)
{
    u64 state = read_rflags();
    irq_disable_raw();
    return state;
}

static void irqs_restore_raw(u64 state)
{
    if (state & RFLAGS_IF)
        irq_enable_raw();
}

u64 lock_graph_lock(void)
{
    u64 state = irqs_off_raw();
    while (__atomic_exchange_n(&graph_taken, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
    return state;
}

void lock_graph_unlock(u64 state)
{
    __atomic_store_n(&graph_taken, 0, __ATOMIC_RELEASE);
    irqs_restore_raw(state);
}

/* --- classes -------------------------------------------------------------------------------- */

static unsigned class_add(const char *name, enum lock_kind kind)
{
    u64 state = lock_graph_lock();
    int class = lock_class_find(&lock_graph, name, kind);
    if (class < 0)
        class = lock_class_add(&lock_graph, name, kind);
    lock_graph_unlock(state);
    if (class < 0) {
        lock_check_stop();
        panic("lock checker: more than %d kinds of locks; '%s' is one too many", LOCK_CLASSES_MAX, name);
    }
    return (unsigned)class;
}

static unsigned class_of(const char *name, enum lock_kind kind)
{
    u8 *hint = &class_cache[((vaddr_t)name * 31 + kind) % CACHE_SLOTS];
    unsigned n = __atomic_load_n(hint, __ATOMIC_RELAXED);
    if (n && lock_graph.cls[n - 1].name == name && lock_graph.cls[n - 1].kind == kind)
        return n - 1;
    unsigned class = class_add(name ? name : "(no name)", kind);
    __atomic_store_n(hint, (u8)(class + 1), __ATOMIC_RELAXED);
    return class;
}

static void note_use(unsigned class, u32 use, const struct lock_trace *at)
{
    struct lock_class *c = &lock_graph.cls[class];
    u8 path[LOCK_CLASSES_MAX];

    if (likely(c->used & use))
        return;
    u64 state = lock_graph_lock();
    c->used_at[use == LOCK_USED_IRQ_ON] = *at;
    c->used |= use;
    unsigned n = lock_irq_conflict_find(&lock_graph, path);
    lock_graph_unlock(state);
    if (n)
        lock_report_irq(path, n);
}

/* --- what is held --------------------------------------------------------------------------- */

/* The current thread's list; make: a place for one. NULL: it holds none, or there is no place. */
static struct held_list *thread_list(bool make)
{
    const void *me = cpu_current();
    struct thread_held *set = thread_held[((vaddr_t)me >> 6) % SETS];

    for (unsigned i = 0; i < WAYS; i++)
        if (__atomic_load_n(&set[i].thread, __ATOMIC_RELAXED) == me)
            return &set[i].list;
    for (unsigned i = 0; make && i < WAYS; i++) {
        const void *nobody = NULL;
        if (__atomic_compare_exchange_n(&set[i].thread, &nobody, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return &set[i].list;
    }
    return NULL;
}

static void thread_list_done(struct held_list *list)
{
    if (list->n == 0)
        __atomic_store_n(&container_of(list, struct thread_held, list)->thread, NULL, __ATOMIC_RELEASE);
}

static struct held_list *list_for(enum lock_kind kind, bool make)
{
    if (kind != LOCK_MUTEX)
        return &cpu_held[this_cpu()->id];
    return cpu_current() ? thread_list(make) : NULL;
}

static void push(struct held_list *list, const struct held *h)
{
    if (list->n == HELD_MAX)
        lock_report_many(list, h);
    list->at[list->n++] = *h;
}

/* --- order ---------------------------------------------------------------------------------- */

static void edge_note(unsigned from, unsigned to, const void *at)
{
    u8 path[LOCK_CLASSES_MAX];
    struct lock_trace trace;

    if (likely(lock_edge_known(&lock_graph, from, to)))
        return;
    lock_trace_take(&trace, at);
    u64 state = lock_graph_lock();
    bool known = lock_edge_known(&lock_graph, from, to);
    unsigned circle = known || from == to ? 0 : lock_path_find(&lock_graph, to, from, path);
    bool room = known || circle || lock_edge_add(&lock_graph, from, to, &trace);
    unsigned conflict = known || circle ? 0 : lock_irq_conflict_find(&lock_graph, path);
    lock_graph_unlock(state);
    if (circle)
        lock_report_order(path, circle, &trace);
    if (conflict)
        lock_report_irq(path, conflict);
    if (!room) {
        lock_check_stop();
        panic("lock checker: more than %d edges", LOCK_EDGES_MAX);
    }
}

/* From the last lock in the list that was waited for, and those tried since. True: there was one. */
static bool edges_from(const struct held_list *list, unsigned to, const void *at)
{
    for (u32 i = list->n; i-- && list->at[i].irq_depth == cpu_irq_depth();) {
        edge_note(list->at[i].class, to, at);
        if (!list->at[i].tried)
            return true;
    }
    return false;
}

static void order_check(unsigned class, const void *at)
{
    if (edges_from(&cpu_held[this_cpu()->id], class, at) || cpu_irq_depth() || !cpu_current())
        return;
    const struct held_list *mutexes = thread_list(false);
    if (mutexes)
        (void)edges_from(mutexes, class, at);
}

static void note_context(unsigned class, enum lock_kind kind, const void *at)
{
    struct lock_trace trace;
    u32 use = cpu_irq_depth() ? LOCK_USED_IN_IRQ : irqs_enabled() ? LOCK_USED_IRQ_ON : 0;

    if (kind == LOCK_MUTEX || !use || likely(lock_graph.cls[class].used & use))
        return;
    lock_trace_take(&trace, at);
    note_use(class, use, &trace);
}

static void take(const void *lock, const char *name, enum lock_kind kind, const void *at, bool tried)
{
    unsigned class = class_of(name, kind);
    struct held h = { .lock = lock, .at = at, .class = (u8)class, .irq_depth = (u8)cpu_irq_depth(), .tried = tried };

    note_context(class, kind, at);
    u64 state = irqs_off_raw();
    if (!tried)
        order_check(class, at);
    struct held_list *list = list_for(kind, true);
    if (list)
        push(list, &h);
    irqs_restore_raw(state);
}

#define HERE(at) ((at) ? (at) : __builtin_return_address(0))

void lock_check_taking(const void *lock, const char *name, enum lock_kind kind, const void *at)
{
    if (lock_check_running())
        take(lock, name, kind, HERE(at), false);
}

void lock_check_tried(const void *lock, const char *name, enum lock_kind kind, const void *at)
{
    if (lock_check_running())
        take(lock, name, kind, HERE(at), true);
}

/* False: it is not in the list. */
static bool pull(struct held_list *list, const void *lock)
{
    u32 i = list->n;
    while (i && list->at[i - 1].lock != lock)
        i--;
    if (!i)
        return false;
    memmove(&list->at[i - 1], &list->at[i], (list->n - i) * sizeof list->at[0]);
    list->n--;
    return true;
}

void lock_check_releasing(const void *lock, const char *name, enum lock_kind kind)
{
    if (!lock_check_running())
        return;
    u64 state = irqs_off_raw();
    struct held_list *list = list_for(kind, false);
    if (list && !pull(list, lock))
        lock_report_not_held(name, kind);
    if (list && kind == LOCK_MUTEX)
        thread_list_done(list);
    irqs_restore_raw(state);
}

/* --- the rest ------------------------------------------------------------------------------- */

static void gone_check(const struct held_list *list, vaddr_t from, size_t size, const char *how)
{
    for (u32 i = 0; i < list->n; i++)
        if ((vaddr_t)list->at[i].lock - from < size)
            lock_report_gone(&list->at[i], how);
}

void lock_check_gone(const void *memory, size_t size, const char *how)
{
    if (!lock_check_running())
        return;
    for (u32 i = 0; i < MAX_CPUS; i++)
        gone_check(&cpu_held[i], (vaddr_t)memory, size, how);
    const struct held_list *mutexes = cpu_current() ? thread_list(false) : NULL;
    if (mutexes)
        gone_check(mutexes, (vaddr_t)memory, size, how);
}

void lock_check_sleep(const char *what)
{
    if (lock_check_running() && (cpu_preempt_count() || cpu_irq_depth()))
        lock_report_sleep(&cpu_held[this_cpu()->id], what);
}

/* Interrupts are about to go on: what this CPU holds will be held with them on. */
void lock_check_irqs_on(void)
{
    struct lock_trace trace;
    const struct held_list *list = &cpu_held[this_cpu()->id];

    for (u32 i = 0; i < list->n; i++) {
        if (likely(lock_graph.cls[list->at[i].class].used & LOCK_USED_IRQ_ON))
            continue;
        lock_trace_take(&trace, __builtin_return_address(0));
        note_use(list->at[i].class, LOCK_USED_IRQ_ON, &trace);
    }
}
