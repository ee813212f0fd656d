/* Kernel stacks: npages of RAM above a guard page in which nothing is ever mapped.
 *
 * Making one and taking it apart costs as much as everything else about a short-lived thread, so a
 * few of the usual size are kept, mapped and guarded, for the next thread:
 *
 *     kstack_alloc --> STACK --kstack_free--> KEPT --> STACK (another name)
 *                                              '--kstack_trim, or KEPT_MAX are there--> gone
 *
 * A kept stack's guard page has no owner. */
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "mm/arena.h"
#include "mm/kmem.h"
#include "mm/kmem_priv.h"
#include "mm/mm_priv.h"

#define KEPT_MAX 8u

static struct spinlock kept_lock = SPINLOCK_INIT("kept stacks");
static vaddr_t kept[KEPT_MAX]; /* kept_lock: guard pages */
static unsigned nkept;         /* kept_lock */

static vaddr_t kept_pop(void)
{
    spin_lock(&kept_lock);
    vaddr_t guard = nkept ? kept[--nkept] : 0;
    spin_unlock(&kept_lock);
    return guard;
}

static bool kept_push(vaddr_t guard)
{
    spin_lock(&kept_lock);
    bool room = nkept < KEPT_MAX;
    if (room)
        kept[nkept++] = guard;
    spin_unlock(&kept_lock);
    return room;
}

static vaddr_t make(size_t npages, const char *name)
{
    vaddr_t guard = arena_take(npages + 1, ARENA_STACK, name);
    if (!guard)
        return 0;
    if (kmem_map_ram(guard + PAGE_SIZE, npages))
        return guard;
    kmem_give_addresses(guard);
    return 0;
}

void *kstack_alloc(size_t npages, const char *name)
{
    ASSERT(npages > 0);
    vaddr_t guard = npages == KSTACK_PAGES ? kept_pop() : 0;
    if (!guard)
        guard = make(npages, name);
    else if (!arena_change_use(guard, npages + 1, ARENA_KEPT, ARENA_STACK, name))
        panic("kmem: kept stack at %#lx is gone", guard + PAGE_SIZE);
    if (!guard)
        return NULL;
    kstack_mark_new((void *)(guard + PAGE_SIZE), npages);
    return (void *)(guard + PAGE_SIZE);
}

static void destroy(vaddr_t guard, size_t npages)
{
    kmem_unmap(guard + PAGE_SIZE, npages, kmem_free_ram);
    kmem_give_addresses(guard);
}

void kstack_free(void *base, size_t npages)
{
    if (!base)
        return;
    vaddr_t guard = (vaddr_t)base - PAGE_SIZE;
    if (!arena_change_use(guard, npages + 1, ARENA_STACK, ARENA_KEPT, ""))
        panic("kmem: stack of %lu pages freed at %p, which is none", npages, base);
    if (npages != KSTACK_PAGES || !kept_push(guard))
        destroy(guard, npages);
}

unsigned kstacks_kept(void) { return __atomic_load_n(&nkept, __ATOMIC_RELAXED); }

void kstack_trim(void)
{
    vaddr_t guard;
    while ((guard = kept_pop()))
        destroy(guard, KSTACK_PAGES);
}

const char *kstack_guard_owner(vaddr_t addr, vaddr_t *stack_base)
{
    vaddr_t guard = ROUND_DOWN(addr, PAGE_SIZE);
    const char *name = arena_name_lockless(guard, ARENA_STACK);
    if (name && stack_base)
        *stack_base = guard + PAGE_SIZE;
    return name;
}
