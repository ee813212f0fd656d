/* The stacks that double faults, NMIs and machine checks run on: for each CPU one each, with a guard page below
 * it, so that one that is too small is named by a panic instead of writing over what lies there. The boot CPU
 * begins on stacks inside the image and moves when there is memory. */
#include "arch/trap.h"
#include "init/init.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "mm/kmem.h"

#define NAME_MAX 24 /* of a stack, with its end */

static const char *const names[TRAP_STACKS] = { "double fault", "NMI", "machine check" };

static vaddr_t stack_make(const char *what, u32 cpu)
{
    char name[NAME_MAX];

    format(name, sizeof name, "%s on cpu %u", what, cpu);
    char *base = kstack_alloc(TRAP_STACK_PAGES, name);
    return base ? (vaddr_t)base + TRAP_STACK_PAGES * PAGE_SIZE : 0;
}

int trap_stacks_make(u32 cpu, struct trap_stacks *out)
{
    for (unsigned i = 0; i < TRAP_STACKS; i++) {
        out->top[i] = stack_make(names[i], cpu);
        if (out->top[i])
            continue;
        while (i-- > 0)
            kstack_free((char *)out->top[i] - TRAP_STACK_PAGES * PAGE_SIZE, TRAP_STACK_PAGES);
        return -ENOMEM;
    }
    return 0;
}

void guard_trap_stacks(void)
{
    struct trap_stacks s;

    if (trap_stacks_make(0, &s))
        panic("init: no memory for the trap stacks");
    trap_set_stacks(&s);
}
