/* Page tables: the kernel's pages are the kernel's, no page can be written and executed (under
 * whatever addresses), a program's page is reachable at every level. */
#include "arch/cpu.h"
#include "arch/paging.h"
#include "init/selftest.h"
#include "lib/assert.h"
#include "vm/aspace.h"

extern char __text_start[], __text_end[];

struct look { unsigned leaves, user_leaves, text_leaves; };

static bool overlaps_text(const struct pt_leaf *l)
{
    paddr_t start = virt_to_phys(__text_start), end = virt_to_phys(__text_end);
    return l->pa < end && start < l->pa + l->size;
}

static void look_at_leaf(const struct pt_leaf *l, void *ctx)
{
    struct look *look = ctx;
    bool is_user = l->va < USER_TOP;
    look->leaves++;
    look->user_leaves += is_user;
    look->text_leaves += overlaps_text(l);
    if (l->any_user != is_user || l->user != is_user)
        panic("page %#lx: user bit at %s level", l->va, l->user ? "every" : l->any_user ? "some" : "no");
    if (l->write && l->exec && cpu_features.nx)
        panic("page %#lx can be written and executed", l->va);
    if (l->write && overlaps_text(l))
        panic("page %#lx: the kernel's code can be written there", l->va);
    bool image_text = l->va >= (vaddr_t)__text_start && l->va < (vaddr_t)__text_end;
    if (l->exec && !is_user && !image_text && cpu_features.nx)
        panic("page %#lx of the kernel can be executed", l->va);
}

static void page_rights_kernel(void)
{
    struct look look = { 0 };
    pt_visit(&kernel_pagetable, look_at_leaf, &look);
    ASSERT(look.leaves > 100 && look.user_leaves == 0);
    ASSERT(look.text_leaves > (unsigned)((__text_end - __text_start) / PAGE_SIZE)); /* the direct map too */
}
SELFTEST("page-rights-kernel", page_rights_kernel);

/* Code and data in a program's half, in places that need tables of their own. */
static void page_rights_user(void)
{
    static const vaddr_t places[] = { USER_MIN, 0x400000, 0x7f0000000000, USER_TOP - PAGE_SIZE };
    struct look look = { 0 };
    struct aspace *as;
    u64 word = 1;
    ASSERT(aspace_create(&as) == 0);
    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        vaddr_t at = places[i];
        ASSERT(aspace_map(as, NULL, 0, PAGE_SIZE, VM_READ | VM_WRITE, VM_READ | VM_WRITE | VM_EXEC, VM_FIXED, &at) == 0);
        ASSERT(aspace_write(as, at, &word, sizeof word) == sizeof word);
        if (i & 1)
            ASSERT(aspace_protect(as, at, PAGE_SIZE, VM_READ | VM_EXEC) == 0);
    }
    pt_visit(aspace_pagetable(as), look_at_leaf, &look);
    ASSERT(look.user_leaves == ARRAY_SIZE(places));
    aspace_put(as);
}
SELFTEST("page-rights-user", page_rights_user);
