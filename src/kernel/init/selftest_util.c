/* Counting what is in use, so that a test can show that it left nothing behind. */
#include "init/selftest_util.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "object/kobject.h"
#include "sched/clock.h"
#include "sched/thread.h"

#define PATIENCE_MS 2000

static struct resources snapshot(void)
{
    kstack_trim();
    heap_trim();
    pt_kept_trim();
    struct heap_stats heap = heap_stats();
    struct kmem_stats kmem = kmem_stats();
    struct resources r = { .pages = pmm_stats().free + heap.pages + kmem.note_pages,
                           .heap_objects = heap.objects, .addresses = kmem.address_pages_used };
    for (unsigned type = KOBJ_NONE + 1; type < KOBJECT_TYPES; type++)
        r.kobjects += kobject_count(type);
    return r;
}

static bool same(const struct resources *a, const struct resources *b)
{
    return a->pages == b->pages && a->heap_objects == b->heap_objects && a->addresses == b->addresses &&
           a->kobjects == b->kobjects;
}

void sleep_ms(unsigned ms)
{
    (void)!sleep_until_ns(clock_now_ns() + ms * (NSEC_PER_SEC / 1000), false);
}

/* What ended a moment ago is still being taken apart: counted only once it stands still. */
struct resources resources_now(void)
{
    struct resources now = snapshot(), last;
    unsigned ms = 0;

    do {
        last = now;
        sleep_ms(20);
        now = snapshot();
        ms += 20;
    } while (ms < PATIENCE_MS && !same(&last, &now));
    return now;
}

void resources_expect(const struct resources *before, const char *test)
{
    struct resources now = snapshot();
    for (unsigned ms = 0; ms < PATIENCE_MS && !same(before, &now); ms += 10) {
        sleep_ms(10);
        now = snapshot();
    }
    if (!same(before, &now))
        panic("%s: pages %lu -> %lu, heap objects %lu -> %lu, addresses %lu -> %lu, objects %lu -> %lu", test,
              before->pages, now.pages, before->heap_objects, now.heap_objects, before->addresses,
              now.addresses, before->kobjects, now.kobjects);
}
