/* When memory ends: who dies, so that the others live.
 *
 * A page fault cannot return -ENOMEM to its program. It comes here instead and waits:
 *
 *     no page --> give back what caches keep --enough--> try again
 *                     | not enough, or what they keep is in use for too long
 *                     v
 *                 is somebody dying already? --yes--> wait, try again
 *                     | no, or it takes too long
 *                     v
 *                 choose a process, kill it, wait, try again
 *
 * Chosen is who holds most: resident pages, page tables, kernel stacks, descriptors; of equals the
 * youngest. A session's leader with a terminal (a login shell) counts a sixteenth. oom_score_adj adds
 * so many thousandths of memory, or takes them away. Process 1 is never chosen, nor who has -1000. To
 * end a process frees and never allocates, so dying needs nothing of the reserve.
 *
 * Locks: the waiting thread may hold those of the system call that copies (a pipe's, a file's), and
 * the chosen one may need them to end. Therefore the wait is bounded unless the program itself
 * faulted (-EFAULT then), and the process tree is only looked at when its lock is free. */
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/log_limit.h"
#include "linux/oom.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/reclaim.h"
#include "vm/fault.h"
#include "vm/vmo_pager.h"

#define MS 1000000ull
#define PAUSE_NS (2 * MS)
#define DEATH_NS (2000 * MS)          /* a chosen process ends within this, or another one is chosen */
#define LOCKED_WAIT_NS (5000 * MS)    /* of a thread that may hold locks */
#define ENOUGH_PAGES 16               /* a fault that finds so many above the reserve goes on */
#define CACHE_WAIT_NS (1000 * MS)     /* for copies of files that somebody is at work on */
#define LEADER_SHARE 16

static u64 last_choice_ns; /* process_tree_lock */

static bool is_dying(const struct process *p) { return __atomic_load_n(&p->exiting, __ATOMIC_ACQUIRE); }

static bool is_enough(void) { return pmm_has(pmm_reserve_pages() + ENOUGH_PAGES); }

/* What is dear to get back goes last. */
static bool reclaim(void)
{
    (void)page_cache_reclaim(PAGE_CACHE_BATCH);
    if (is_enough())
        return true;
    (void)memory_reclaim();
    if (is_enough())
        return true;
    (void)page_cache_unmap();
    return is_enough();
}

/* --- the choice ------------------------------------------------------------------------------ */

struct choice { struct process *victim; i64 score; u64 pages; bool somebody_dies; };

static u64 descriptors(struct handle_table *h)
{
    u64 n = 0;
    for (int slot = -1; h && (slot = handle_next(h, slot + 1)) >= 0;)
        n++;
    return n;
}

static bool is_shell(const struct process *p) { return p->session == p->pid && p->lx->ctty; }

static bool may_be_chosen(const struct process *p)
{
    return p->aspace && p->pid != 1 && p->lx && lx_oom_adj(p->lx) != LX_OOM_ADJ_NEVER;
}

static u64 pages_of(struct process *p)
{
    return aspace_stats(p->aspace).resident_pages + aspace_pagetable(p->aspace)->ntables;
}

/* In pages. Tree lock held, so that aspace and handles stay. */
static i64 score_of(struct process *p)
{
    u64 held = pages_of(p) + (u64)p->nthreads * KSTACK_PAGES + descriptors(p->handles);
    if (is_shell(p))
        held /= LEADER_SHARE;
    return (i64)held + lx_oom_adj(p->lx) * (i64)pmm_total() / LX_OOM_ADJ_MAX;
}

unsigned lx_oom_score_locked(struct process *p)
{
    if (!may_be_chosen(p) || is_dying(p))
        return 0;
    return (unsigned)MAX(score_of(p) * 1000 / (i64)pmm_total(), 0l);
}

int lx_oom_adj_set(struct lx_process *lx, int adj)
{
    if (adj < __atomic_load_n(&lx->oom_adj_least, __ATOMIC_RELAXED) && !lx_capable(LX_CAP_SYS_RESOURCE))
        return -EACCES;
    if (lx_capable(LX_CAP_SYS_RESOURCE))
        __atomic_store_n(&lx->oom_adj_least, (i16)adj, __ATOMIC_RELAXED);
    __atomic_store_n(&lx->oom_adj, (i16)adj, __ATOMIC_RELAXED);
    return 0;
}

static void consider(struct process *p, void *ctx)
{
    struct choice *c = ctx;
    if (p->aspace && p->pid != 1 && p->lx && is_dying(p))
        c->somebody_dies = true;
    if (!may_be_chosen(p) || is_dying(p))
        return;
    i64 score = score_of(p);
    bool younger = c->victim && score == c->score && p->start_ns > c->victim->start_ns;
    if (!c->victim || score > c->score || younger)
        *c = (struct choice){ p, score, pages_of(p), c->somebody_dies };
}

/* False: there is nobody left to kill. Tree lock held. */
static bool kill_one_locked(u64 since_ns)
{
    struct choice c = { 0 };
    u64 now = clock_now_ns();
    process_for_each_locked(consider, &c);
    if (c.somebody_dies && now - MAX(since_ns, last_choice_ns) < DEATH_NS)
        return true;
    if (!c.victim)
        return c.somebody_dies;
    last_choice_ns = now;
    __atomic_store_n(&c.victim->lx->oom_pages, MAX(c.pages, 1ull), __ATOMIC_RELAXED);
    process_begin_exit(c.victim, SIGKILL);
    return true;
}

static bool wait_for_memory(bool from_user, u64 since_ns)
{
    bool hope = true;
    struct process *me = process_current();
    if (!me || is_dying(me) || (!from_user && clock_now_ns() - since_ns > LOCKED_WAIT_NS))
        return false;
    if (reclaim())
        return true;
    if (page_cache_is_much() && clock_now_ns() - since_ns < CACHE_WAIT_NS) {
        (void)!sleep_until_ns(clock_now_ns() + PAUSE_NS, false);
        return true;
    }
    if (mutex_trylock(&process_tree_lock)) {
        hope = kill_one_locked(since_ns);
        mutex_unlock(&process_tree_lock);
    }
    if (!hope || is_dying(me))
        return false;
    (void)!sleep_until_ns(clock_now_ns() + PAUSE_NS, false);
    return true;
}

/* --- saying so ------------------------------------------------------------------------------- */

static struct log_limit lines = LOG_LIMIT_INIT("oom lines");

static u64 mib(u64 pages) { return pages >> (20 - PAGE_SHIFT); }

void lx_oom_report(const struct process *p)
{
    unsigned left_out;
    u64 pages = __atomic_load_n(&p->lx->oom_pages, __ATOMIC_RELAXED);
    if (!pages || !log_limit_allows(&lines, &left_out))
        return;
    if (left_out)
        kerr("out of memory: %u more were killed", left_out);
    kerr("out of memory: killed %d %s (%lu MiB resident); %lu MiB free now", p->pid, p->name, mib(pages),
         mib(pmm_stats().free));
}

void lx_oom_init(void) { vm_set_memory_wait(wait_for_memory); }
