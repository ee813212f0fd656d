/* Misuse of memory on purpose, each kind caught by name. What lies beside an object or in a freed
 * one is looked at only by a kernel built with HEAP_DEBUG=1; another says so and goes on. */
#include "init/selftest.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define SIZE 100
static u8 *volatile object; /* so that the compiler does not see what is wrong */

static bool is_watched(void)
{
    if (!heap_debug)
        kinfo("selftest: this kernel was not built with HEAP_DEBUG=1");
    return heap_debug;
}

static void die_overrun(void)
{
    object = kmalloc(SIZE);
    if (is_watched())
        object[SIZE] = 1;
    kfree(object);
}
SELFTEST("die-heap-overrun", die_overrun);

static void die_underrun(void)
{
    object = kmalloc(SIZE);
    if (is_watched())
        object[-1] = 1;
    kfree(object);
}
SELFTEST("die-heap-underrun", die_underrun);

static void die_use_after_free(void)
{
    object = kmalloc(SIZE);
    kfree(object);
    if (is_watched())
        object[SIZE / 2] = 1;
    heap_check();
}
SELFTEST("die-heap-use-after-free", die_use_after_free);

/* The bytes before an object are its header, in every build: the slab's at the start of the page,
 * or the object's own. */
static void die_bad_size(void)
{
    u8 *p = object = kmalloc(SIZE);
    if (heap_debug)
        memset(p - 48, 0x7f, 8);
    else
        memset((void *)ROUND_DOWN((vaddr_t)p, PAGE_SIZE), 0x7f, 8);
    heap_check();
}
SELFTEST("die-heap-bad-size", die_bad_size);

static void die_middle(void)
{
    object = kmalloc(SIZE);
    kfree(object + 16);
}
SELFTEST("die-heap-middle", die_middle);

static void die_free_reserved(void) { pmm_free_page(0x100000); } /* the kernel's own first page */
SELFTEST("die-free-reserved-page", die_free_reserved);

static void die_free_foreign(void) { pmm_free_page(1ull << 50); }
SELFTEST("die-free-foreign-page", die_free_foreign);
