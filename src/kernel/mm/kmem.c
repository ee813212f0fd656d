/* Memory behind addresses of the kernel arena (arena.c): RAM page by page and windows on devices;
 * kstack.c makes stacks of the same pieces.
 *
 * Order of things: addresses are taken first and given back last, so that no two users ever share
 * one. Page tables that span nothing but free addresses are given back with the addresses.
 * table_lock guards the kernel half of the page tables and is held for one page at a time.
 * Order: arena_lock, table_lock, pmm.
 *
 * What was unmapped is out of every CPU's TLB before its pages or tables are free again. */
#include "mm/kmem.h"
#include "arch/paging.h"
#include "arch/paging_prune.h"
#include "arch/spinlock.h"
#include "arch/tlb.h"
#include "lib/assert.h"
#include "mm/arena.h"
#include "mm/kmem_priv.h"
#include "mm/pmm.h"

#define ARENA_PAGES ((KERNEL_ARENA_END - KERNEL_ARENA_BASE) >> PAGE_SHIFT)
#define PHYS_LIMIT (1ull << 52) /* SDM vol. 3, 4.1.4 */

static struct spinlock table_lock = SPINLOCK_INIT("kernel page table");
static u64 ram_pages_used; /* atomic */

void kmem_init(void) { arena_init(KERNEL_ARENA_BASE, ARENA_PAGES); }

/* --- mapping -------------------------------------------------------------------------------- */

static int map_page(vaddr_t va, paddr_t pa, unsigned flags)
{
    spin_lock(&table_lock);
    int err = pt_map(&kernel_pagetable, va, pa, flags);
    spin_unlock(&table_lock);
    return err;
}

void kmem_free_ram(vaddr_t va, paddr_t pa, unsigned flags, void *ctx)
{
    pmm_free_page(pa);
    __atomic_fetch_sub(&ram_pages_used, 1, __ATOMIC_RELAXED);
}

void kmem_unmap(vaddr_t va, size_t npages, pt_page_fn fn)
{
    if (npages == 0)
        return;
    spin_lock(&table_lock);
    bool any = pt_unmap_begin(&kernel_pagetable, va, npages);
    spin_unlock(&table_lock);
    if (!any)
        return;
    tlb_flush_kernel(va, va + npages * PAGE_SIZE);
    spin_lock(&table_lock);
    pt_unmap_finish(&kernel_pagetable, va, npages, fn, NULL);
    spin_unlock(&table_lock);
}

/* Under arena_lock: nobody can take these addresses yet. */
static void free_tables(vaddr_t base, size_t npages, vaddr_t from, vaddr_t to)
{
    spin_lock(&table_lock);
    pt_prune(&kernel_pagetable, base, npages, from, to);
    spin_unlock(&table_lock);
}

void kmem_give_addresses(vaddr_t base) { arena_give(base, free_tables); }

static bool map_new_page(vaddr_t va)
{
    paddr_t page = pmm_alloc_page();
    if (!page)
        return false;
    if (map_page(va, page, PT_WRITE)) {
        pmm_free_page(page);
        return false;
    }
    __atomic_fetch_add(&ram_pages_used, 1, __ATOMIC_RELAXED);
    return true;
}

bool kmem_map_ram(vaddr_t va, size_t npages)
{
    for (size_t i = 0; i < npages; i++) {
        if (!map_new_page(va + i * PAGE_SIZE)) {
            kmem_unmap(va, i, kmem_free_ram);
            return false;
        }
    }
    return true;
}

/* --- pieces of RAM -------------------------------------------------------------------------- */

void *kmem_alloc(size_t npages)
{
    if (npages == 0 || !pmm_has(npages - 1)) /* do not take all memory only to give it back */
        return NULL;
    vaddr_t va = arena_take(npages, ARENA_RAM, "");
    if (!va)
        return NULL;
    if (kmem_map_ram(va, npages))
        return (void *)va;
    kmem_give_addresses(va);
    return NULL;
}

void kmem_free(void *p, size_t npages)
{
    if (!p)
        return;
    size_t have = kmem_size(p);
    if (npages == 0 || have != npages)
        panic("kmem: %lu pages freed at %p, where %lu are allocated", npages, p, have);
    kmem_unmap((vaddr_t)p, npages, kmem_free_ram);
    kmem_give_addresses((vaddr_t)p);
}

void kmem_give_image(void *start, size_t npages)
{
    paddr_t base = virt_to_phys(start);
    kmem_unmap((vaddr_t)start, npages, NULL);
    (void)pmm_add_range(base, npages * PAGE_SIZE);
}

size_t kmem_size(const void *p) { return arena_size((vaddr_t)p, ARENA_RAM); }

/* --- device windows ------------------------------------------------------------------------- */

void *kmem_map_phys(paddr_t pa, size_t size, unsigned pt_flags)
{
    ASSERT((pt_flags & ~(PT_WRITE | PT_UNCACHED | PT_WRITE_COMBINE)) == 0);
    if (size == 0 || pa >= PHYS_LIMIT || size > PHYS_LIMIT - pa)
        return NULL;
    size_t offset = pa % PAGE_SIZE, npages = (offset + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    vaddr_t va = arena_take(npages, ARENA_DEVICE, "");
    if (!va)
        return NULL;
    for (size_t i = 0; i < npages; i++) {
        if (map_page(va + i * PAGE_SIZE, pa - offset + i * PAGE_SIZE, PT_WRITE | pt_flags)) {
            kmem_unmap(va, i, NULL);
            kmem_give_addresses(va);
            return NULL;
        }
    }
    return (void *)(va + offset);
}

void kmem_unmap_phys(void *p, size_t size)
{
    if (!p)
        return;
    vaddr_t va = ROUND_DOWN((vaddr_t)p, PAGE_SIZE);
    size_t npages = ((vaddr_t)p - va + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (size == 0 || arena_size(va, ARENA_DEVICE) != npages)
        panic("kmem: no device window of %lu bytes at %p", size, p);
    kmem_unmap(va, npages, NULL);
    kmem_give_addresses(va);
}

struct kmem_stats kmem_stats(void)
{
    return (struct kmem_stats){ .pages_used = __atomic_load_n(&ram_pages_used, __ATOMIC_RELAXED),
                                .address_pages_used = arena_used(), .note_pages = arena_note_pages() };
}
