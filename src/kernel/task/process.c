/* The life of a process from create to reap, and the tree of processes.
 *
 * Numbers are taken at create, but a process joins the tree only when its first thread starts:
 * whoever finds one in the tree finds it complete. The reverse way is in exit.c. */
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "task/task_priv.h"

#define INIT_PID 1
#define THREADS_MIN 32

struct mutex process_tree_lock = MUTEX_INIT(process_tree_lock, "process tree");
struct pid_table task_pids;
struct list task_all = LIST_INIT(task_all);
const struct process_hooks *task_hooks;
static unsigned threads_max; /* set once */
static u64 nstarted;         /* processes and threads ever; written with process_tree_lock held */

static void process_destroy(struct kobject *obj)
{
    struct process *p = container_of(obj, struct process, obj);
    ASSERT(p->nthreads == 0 && list_empty(&p->children));
    event_fini(&p->end);
    if (task_hooks && task_hooks->destroy)
        task_hooks->destroy(p);
    kfree(p);
}

static const struct kobject_ops process_ops = { .name = "process", .destroy = process_destroy };

void process_init(void)
{
    pid_table_init(&task_pids);
    task_pids.last = INIT_PID; /* kept for process_create_init */
    u64 room = pmm_stats().total / (8 * KSTACK_PAGES);
    threads_max = (unsigned)MIN(MAX(room, (u64)THREADS_MIN), (u64)(PID_MAX - PID_FIRST_AGAIN));
}

u64 process_nstarted(void) { return __atomic_load_n(&nstarted, __ATOMIC_RELAXED); }
int process_last_number(void) { return __atomic_load_n(&task_pids.last, __ATOMIC_RELAXED); }

unsigned process_threads_max(void) { return threads_max; }

bool process_has_room(void) { return __atomic_load_n(&task_pids.used, __ATOMIC_RELAXED) < threads_max; }

int task_number_locked(struct pid_entry *e, int number)
{
    ASSERT(mutex_held(&process_tree_lock));
    if (task_pids.used >= threads_max)
        return -EAGAIN;
    int r = number ? pid_add_at(&task_pids, e, number) : pid_add(&task_pids, e);
    if (r == 0)
        __atomic_store_n(&nstarted, nstarted + 1, __ATOMIC_RELAXED);
    return r;
}

void process_set_hooks(const struct process_hooks *h)
{
    task_hooks = h;
}

/* The last user of a process's number takes the tree's reference along. */
static void number_put_locked(struct pid_entry *e)
{
    if (e && pid_unuse(&task_pids, e))
        kobject_put(&e->process->obj);
}

static int create(struct process *parent, struct aspace *as, struct handle_table *h, int number, struct process **out)
{
    struct process *p = kzalloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    p->pid_link.process = p;
    mutex_lock(&process_tree_lock);
    int r = task_number_locked(&p->pid_link, number);
    mutex_unlock(&process_tree_lock);
    if (r < 0) {
        kfree(p);
        return r;
    }
    kobject_init(&p->obj, KOBJ_PROCESS, &process_ops);
    p->pid = p->pid_link.nr;
    process_set_parent(p, parent, parent == process_current() && parent ? uthread_current()->tid : 0);
    p->aspace = as;
    p->handles = h;
    p->start_ns = clock_now_ns();
    str_copy(p->name, parent ? parent->name : number == INIT_PID ? "init" : "kernel", sizeof p->name);
    spin_init(&p->thread_lock, "process threads");
    waitq_init(&p->child_wait, "children");
    event_init(&p->end, "process end", 0);
    waitq_init(&p->single_wait, "single");
    list_init(&p->threads);
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->all_link);
    *out = p;
    return 0;
}

int process_create(struct process *parent, struct aspace *as, struct handle_table *h, int number, struct process **out)
{
    return create(parent, as, h, number, out);
}

int process_create_init(struct aspace *as, struct handle_table *h, struct process **out)
{
    return create(NULL, as, h, INIT_PID, out);
}

static void group_set(struct process *p, struct pid_entry *nr)
{
    pid_use(nr);
    number_put_locked(p->pgrp_nr);
    p->pgrp_nr = nr;
    p->pgrp = nr->nr;
}

static void session_set(struct process *p, struct pid_entry *nr)
{
    pid_use(nr);
    number_put_locked(p->session_nr);
    p->session_nr = nr;
    p->session = nr->nr;
}

void process_set_group_locked(struct process *p, int pgrp)
{
    ASSERT(mutex_held(&process_tree_lock));
    struct pid_entry *nr = pgrp == p->pid ? &p->pid_link : pid_lookup(&task_pids, pgrp);
    ASSERT(nr && !nr->is_thread);
    group_set(p, nr);
}

void process_set_session_locked(struct process *p)
{
    ASSERT(mutex_held(&process_tree_lock));
    group_set(p, &p->pid_link);
    session_set(p, &p->pid_link);
}

/* Its maker runs here. */
void process_publish_locked(struct process *p)
{
    struct process *maker = p->parent;
    ASSERT(mutex_held(&process_tree_lock) && p->state == PROCESS_NEW);
    group_set(p, maker ? maker->pgrp_nr : &p->pid_link);
    session_set(p, maker ? maker->session_nr : &p->pid_link);
    if (p->is_sibling && maker->parent)
        process_set_parent(p, maker->parent, maker->parent_tid);
    if (p->parent)
        list_push_back(&p->parent->children, &p->sibling);
    list_push_back(&task_all, &p->all_link);
    p->state = PROCESS_ALIVE;
}

void process_abandon(struct process *p)
{
    ASSERT(p->state == PROCESS_NEW);
    mutex_lock(&process_tree_lock);
    pid_remove(&task_pids, &p->pid_link);
    mutex_unlock(&process_tree_lock);
    aspace_put(p->aspace);
    handle_table_put(p->handles);
    kobject_put(&p->obj);
}

void process_reap_locked(struct process *p)
{
    ASSERT(mutex_held(&process_tree_lock) && p->state == PROCESS_ZOMBIE);
    p->state = PROCESS_REAPED;
    list_remove(&p->sibling);
    list_remove(&p->all_link);
    process_set_parent(p, NULL, 0);
    event_set(&p->end, PROCESS_GONE);
    number_put_locked(p->pgrp_nr);
    number_put_locked(p->session_nr);
    number_put_locked(&p->pid_link);
}

static bool is_known(const struct process *p) { return p->state == PROCESS_ALIVE || p->state == PROCESS_ZOMBIE; }

struct process *process_find_locked(int pid)
{
    ASSERT(mutex_held(&process_tree_lock));
    struct pid_entry *e = pid_lookup(&task_pids, pid);
    return e && !e->is_thread && is_known(e->process) ? e->process : NULL;
}

struct process *process_find(int pid)
{
    mutex_lock(&process_tree_lock);
    struct process *p = process_find_locked(pid);
    if (p)
        kobject_get(&p->obj);
    mutex_unlock(&process_tree_lock);
    return p;
}

struct process *process_find_thread(int tid)
{
    mutex_lock(&process_tree_lock);
    struct pid_entry *e = pid_lookup(&task_pids, tid);
    struct process *p = e && is_known(e->process) ? e->process : NULL;
    if (p)
        kobject_get(&p->obj);
    mutex_unlock(&process_tree_lock);
    return p;
}

void process_for_each(void (*fn)(struct process *p, void *ctx), void *ctx)
{
    mutex_lock(&process_tree_lock);
    process_for_each_locked(fn, ctx);
    mutex_unlock(&process_tree_lock);
}

void process_for_each_locked(void (*fn)(struct process *p, void *ctx), void *ctx)
{
    struct process *p, *next;
    ASSERT(mutex_held(&process_tree_lock));
    list_for_each_safe(p, next, &task_all, all_link)
        fn(p, ctx);
}

unsigned process_count(void)
{
    unsigned n = 0;
    struct process *p;
    mutex_lock(&process_tree_lock);
    list_for_each(p, &task_all, all_link)
        n++;
    mutex_unlock(&process_tree_lock);
    return n;
}

struct aspace *process_aspace_get(struct process *p)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct aspace *as = p->aspace ? aspace_get(p->aspace) : NULL;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    return as;
}

struct handle_table *process_handles_get(struct process *p)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct handle_table *h = p->handles ? handle_table_get(p->handles) : NULL;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    return h;
}

void process_notify_parent(struct process *p)
{
    __atomic_fetch_add(&p->child_seq, 1, __ATOMIC_RELEASE);
    waitq_wake_all(&p->child_wait);
}
