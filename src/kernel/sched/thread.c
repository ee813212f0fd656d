/* Threads: birth, list of all, death.
 *
 * A new stack is laid out so that the first switch to it runs thread_first; the place of the
 * frame from ring 3 at its top is kept free, because a program's registers may be put there
 * before the thread ever ran. The object is freed by its last reference, never while it can run:
 * the scheduler holds one from thread_start until the reaper has seen the thread dead. */
#include "arch/context.h"
#include "arch/fpu.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/kmem.h"
#include "mm/slab.h"
#include "sched/sched_priv.h"

static struct list all_threads = LIST_INIT(all_threads);
static struct spinlock all_lock = SPINLOCK_INIT("threads"); /* irqsave: ps may be asked from anywhere */

/* Where stacks are painted, each new record of depth is worth a line. */
static void note_stack_depth(const struct thread *t)
{
    static u64 most; /* atomic */
    u64 used = kstack_used(t->kstack, t->kstack_pages);
    if (used <= __atomic_load_n(&most, __ATOMIC_RELAXED) || t->kstack_pages != KSTACK_PAGES)
        return;
    __atomic_store_n(&most, used, __ATOMIC_RELAXED);
    kinfo("kstack: %s used %lu of %lu bytes", t->name, used, t->kstack_pages * PAGE_SIZE);
}

static void thread_destroy(struct kobject *obj)
{
    struct thread *t = container_of(obj, struct thread, obj);
    ASSERT(t->state == THREAD_NEW || t->state == THREAD_DEAD);
    u64 state = spin_lock_irqsave(&all_lock);
    list_remove(&t->all_link);
    spin_unlock_irqrestore(&all_lock, state);
    if (t->kstack) {
        note_stack_depth(t);
        kstack_free(t->kstack, t->kstack_pages);
    }
    kfree(t->fpu);
    kfree(t);
}

static const struct kobject_ops thread_ops = { .name = "thread", .destroy = thread_destroy };

struct thread *thread_adopt(const char *name)
{
    struct thread *t = kzalloc(sizeof(*t));
    if (!t)
        return NULL;
    kobject_init(&t->obj, KOBJ_THREAD, &thread_ops);
    list_init(&t->runq_link);
    list_init(&t->fair.link);
    t->fair.cost = FAIR_COST_DEFAULT;
    t->allowed_cpus = ~0ull;
    t->cpu = cpu_here->id;
    t->syscall_limit = syscall_table_count;
    str_copy(t->name, name, sizeof(t->name));
    u64 state = spin_lock_irqsave(&all_lock);
    list_push_back(&all_threads, &t->all_link);
    spin_unlock_irqrestore(&all_lock, state);
    return t;
}

void thread_own_stack(void *stack, size_t npages)
{
    struct thread *t = thread_current();
    ASSERT(!t->kstack);
    t->kstack = stack;
    t->kstack_pages = npages;
}

static void thread_first(void *arg)
{
    struct thread *t = arg;
    schedule_finish();
    irq_enable();
    preempt_check();
    t->entry(t->arg);
    thread_exit();
}

int thread_alloc(const char *name, void (*entry)(void *), void *arg, struct thread **out)
{
    struct thread *t = thread_adopt(name);
    if (!t)
        return -ENOMEM;
    void *stack = kstack_alloc(KSTACK_PAGES, t->name);
    if (!stack) {
        kobject_put(&t->obj);
        return -ENOMEM;
    }
    t->kstack = stack;
    t->kstack_pages = KSTACK_PAGES;
    t->entry = entry;
    t->arg = arg;
    memset(thread_user_frame(t), 0, sizeof(struct trap_frame));
    t->sp = context_prepare((vaddr_t)thread_user_frame(t), thread_first, t);
    *out = t;
    return 0;
}

int thread_create(const char *name, void (*entry)(void *), void *arg, struct thread **out)
{
    reaper_help();
    return thread_alloc(name, entry, arg, out);
}

/* Its creator was moved meanwhile: t comes along. Who looks for t takes the lock of the queue that
 * t->cpu names, so only under the old one may it become another. Interrupts are off. */
static void bring_here(struct thread *t)
{
    u64 state;
    struct runq *old = runq_lock_of(t, &state);
    __atomic_store_n(&t->cpu, cpu_here->id, __ATOMIC_RELAXED);
    spin_unlock_irqrestore(&old->lock, state);
}

void thread_start(struct thread *t)
{
    struct runq *rq;
    ASSERT(t->state == THREAD_NEW && t->kstack);
    kobject_get(&t->obj);
    u64 state = irq_save();
    if (unlikely(t->cpu != cpu_here->id))
        bring_here(t);
    (void)runq_lock_local(&rq);
    runq_divide_locked(rq, thread_current(), t);
    rq = thread_ready_locked(rq, t);
    spin_unlock_irqrestore(&rq->lock, state);
}

struct thread *kthread_run(const char *name, void (*entry)(void *), void *arg)
{
    struct thread *t;
    if (thread_create(name, entry, arg, &t))
        panic("no memory for kernel thread %s", name);
    /* As with the first stack (kernel_main): the loader may have run in these pages, and an emulator takes each push
     * for a change of code until they have been overwritten whole. These threads keep theirs for ever. */
    if (!kstack_used(t->kstack, KSTACK_PAGES)) /* nor is it painted, which does the same */
        memset(t->kstack, 0, (size_t)(t->sp - (vaddr_t)t->kstack));
    thread_start(t);
    return t;
}

NORETURN void thread_exit(void)
{
    struct thread *t = thread_current();
    struct runq *rq;
    ASSERT(sched_may_sleep() && t != this_cpu()->idle);
    irq_disable();
    if (t->fpu)
        fpu_discard(t->fpu);
    (void)runq_lock_local(&rq);
    t->state = THREAD_DEAD;
    rq->after = AFTER_BURY;
    schedule_locked(rq);
    panic("thread %s runs after its death", t->name);
}

void thread_set_pagetable(struct pagetable *pt)
{
    u64 state = irq_save();
    thread_current()->pagetable = pt;
    this_cpu()->pagetable_borrowed = false;
    pt_activate(pt ? pt : &kernel_pagetable);
    irq_restore(state);
}

void thread_calls_slow(bool all)
{
    u64 state = irq_save();
    thread_current()->syscall_limit = this_cpu()->syscall_limit = all ? 0 : syscall_table_count;
    irq_restore(state);
}

struct trap_frame *thread_user_frame(struct thread *t)
{
    ASSERT(t->kstack);
    return (struct trap_frame *)((vaddr_t)t->kstack + t->kstack_pages * PAGE_SIZE) - 1;
}

void thread_for_each(void (*fn)(struct thread *t, void *ctx), void *ctx, bool locked)
{
    struct thread *t;
    u64 state = locked ? spin_lock_irqsave(&all_lock) : 0;
    list_for_each(t, &all_threads, all_link)
        fn(t, ctx);
    if (locked)
        spin_unlock_irqrestore(&all_lock, state);
}
