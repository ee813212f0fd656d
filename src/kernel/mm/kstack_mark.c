/* How much of a kernel stack was ever used: stacks are painted when they are made, and what still
 * shows the paint from the bottom up was never touched. Off by default, because painting costs
 * more than making the stack; `kstack_paint` on the command line and the self-tests turn it on. */
#include "mm/kmem.h"
#include "mm/mm_priv.h"

#define PAINT 0x5a5a5a5a5a5a5a5aull /* no address and no small number */

static bool painting; /* atomic */

void kstack_paint(bool on) { __atomic_store_n(&painting, on, __ATOMIC_RELAXED); }

void kstack_mark_new(void *base, size_t npages)
{
    if (likely(!__atomic_load_n(&painting, __ATOMIC_RELAXED)))
        return;
    u64 *word = base;
    for (size_t i = 0; i < npages * PAGE_SIZE / sizeof *word; i++)
        word[i] = PAINT;
}

size_t kstack_used(const void *base, size_t npages)
{
    const u64 *word = base;
    size_t n = npages * PAGE_SIZE / sizeof *word, i = 0;
    while (i < n && word[i] == PAINT)
        i++;
    return i ? (n - i) * sizeof *word : 0;
}
