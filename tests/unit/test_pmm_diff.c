/* Sources: src/kernel/mm/memmap.c src/kernel/mm/pmm_linear.c src/kernel/mm/pmm_buddy.c src/kernel/mm/alloc_fault.c src/kernel/lib/bittree.c */
/* The new page allocator judged by the old one: the build of `make PMM=both`, in which every step
 * is done by both and compared, driven by random steps of several CPUs over several maps.
 *
 * PMM_STEPS=n: steps in all (default 1,000,000); SEED=n: only this seed. */
#include "tests/unit/mm_host.h"
#define memory boot_memory
#include "src/kernel/mm/boot_alloc.c"
#undef memory
#include "src/kernel/mm/page_words.c"
#include "src/kernel/mm/pmm.c"
#include "src/kernel/mm/pmm_cache.c"
#include "src/kernel/mm/pmm_select_both.c"

#define NSEEDS 120
#define MIB (1ull << 20)
#define GIB (1ull << 30)

static struct memmap map;

/* --- maps ----------------------------------------------------------------------------------- */

static void range(struct bootinfo *bi, paddr_t base, u64 size, enum mem_kind kind)
{
    bi->range[bi->nranges++] = (struct mem_range){ base, size, kind };
}

/* One region with a kernel and a module in it; odd ends. */
static void map_small(struct bootinfo *bi)
{
    range(bi, 0, 0x9f000, MEM_USABLE);
    range(bi, 1 * MIB, 13 * MIB + 0x3000, MEM_USABLE);
    range(bi, 2 * MIB, 0x80000, MEM_KERNEL);
    range(bi, 5 * MIB + 0x800, 0x40000, MEM_MODULE);
}

/* Many short regions with holes, bad pages and neighbours that touch. */
static void map_holes(struct bootinfo *bi)
{
    range(bi, 1 * MIB, 2 * MIB, MEM_USABLE);
    for (unsigned i = 0; i < 60; i++)
        range(bi, 4 * MIB + i * 0x41000, 0x1000 * (1 + i % 65), MEM_USABLE);
    for (unsigned i = 0; i < 9; i++)
        range(bi, 5 * MIB + i * 0x33000, 0x1000, MEM_BAD);
    range(bi, 24 * MIB, 4 * MIB, MEM_USABLE);
    range(bi, 28 * MIB, 4 * MIB, MEM_USABLE);
}

/* On both sides of 4 GiB. */
static void map_zones(struct bootinfo *bi)
{
    range(bi, 1 * MIB, 7 * MIB, MEM_USABLE);
    range(bi, 4 * GIB - 6 * MIB, 4 * MIB, MEM_USABLE);
    range(bi, 4 * GIB, 9 * MIB, MEM_USABLE);
}

static void start(void (*describe)(struct bootinfo *bi))
{
    static struct bootinfo bi;
    memset(&bi, 0, sizeof bi);
    describe(&bi);
    memmap_build(&map, &bi);
    host_ram_map(memmap_ram_end(&map));
    state = NOT_OPEN;
    used = 0;
    memory = NULL;
    ram_pages = 0;
    memset(lists, 0, sizeof lists);
    boot_alloc_init(&map);
    pmm_init(&map);
    pmm_init_rest();
    host_cpu = 0;
}

/* --- random steps --------------------------------------------------------------------------- */

static u64 random_state;
static u64 rnd(u64 below)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (random_state >> 33) % below;
}

#define LIVE_MAX 3000
static struct { paddr_t at; size_t n; } live[LIVE_MAX], held[64];
static unsigned nlive, nheld;

static void check_run(paddr_t at, size_t n, enum page_state want)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pmm_state(at + i * PAGE_SIZE), want);
        assert_int_equal(mirror.state[(at >> PAGE_SHIFT) + i], want);
        assert_int_equal(page_refs(at + i * PAGE_SIZE), want == PAGE_ALLOCATED);
    }
}

static void keep(paddr_t at, size_t n)
{
    if (!at)
        return;
    check_run(at, n, PAGE_ALLOCATED);
    live[nlive].at = at;
    live[nlive++].n = n;
}

static void step_alloc_run(void)
{
    static const u16 sizes[] = { 2, 3, 7, 8, 63, 64, 65, 512, 513, 1024, 1025, 2100 };
    size_t n = rnd(4) ? 1 + rnd(12) : sizes[rnd(ARRAY_SIZE(sizes))];
    size_t align = rnd(3) ? 1 : 1ull << rnd(11);
    enum pmm_zone zone = rnd(4) ? ZONE_ANY : ZONE_DMA32;
    paddr_t at = pmm_alloc_pages(n, align, zone);
    if (at) {
        assert_true(IS_ALIGNED(at, align * PAGE_SIZE));
        assert_true(zone == ZONE_ANY || at + n * PAGE_SIZE <= 4 * GIB);
    }
    keep(at, n);
}

/* All of a piece, or its head and then the rest later. */
static void step_free(void)
{
    unsigned i = (unsigned)rnd(nlive);
    size_t n = live[i].n > 1 && rnd(3) == 0 ? 1 + rnd(live[i].n - 1) : live[i].n;
    paddr_t at = live[i].at;
    if (n == 1 && rnd(2)) {
        page_get(at);
        page_put(at);
        page_put(at);
    } else {
        pmm_free_pages(at, n);
    }
    check_run(at, n, PAGE_FREE);
    live[i].at += n * PAGE_SIZE;
    live[i].n -= n;
    if (live[i].n == 0)
        live[i] = live[--nlive];
}

static void step_reserve(void)
{
    const struct mem_range *r = &map.range[rnd(map.n)];
    paddr_t at = r->base + rnd(r->size / PAGE_SIZE) * PAGE_SIZE;
    size_t n = 1 + rnd(40);
    if (nheld == ARRAY_SIZE(held) || pmm_reserve(at, n))
        return;
    check_run(at, n, PAGE_RESERVED);
    held[nheld].at = at;
    held[nheld++].n = n;
}

static void step_add(void)
{
    if (nheld == 0)
        return;
    unsigned i = (unsigned)rnd(nheld);
    assert_int_equal(pmm_add_range(held[i].at, held[i].n * PAGE_SIZE), held[i].n);
    held[i] = held[--nheld];
}

/* grow: how likely memory fills up, in percent. */
static void one_step(unsigned grow)
{
    host_cpu = (unsigned)rnd(3);
    if (rnd(50) == 0)
        rnd(2) ? step_reserve() : step_add();
    else if (nlive < LIVE_MAX && rnd(100) < grow)
        rnd(4) ? keep(pmm_alloc_page(), 1) : step_alloc_run();
    else if (nlive)
        step_free();
}

static void run_seed(unsigned seed, unsigned steps)
{
    void (*const maps[])(struct bootinfo *) = { map_small, map_holes, map_holes, map_zones };
    random_state = seed;
    nlive = nheld = 0;
    start(maps[seed % ARRAY_SIZE(maps)]);
    struct pmm_stats before = pmm_stats();
    for (unsigned i = 0; i < steps; i++) {
        jmp_buf env;
        host_panic_jump = &env;
        if (setjmp(env))
            fail_msg("seed %u step %u: %s", seed, i, host_panic_text);
        one_step(i / 2000 % 2 ? 45 : 75);
        host_panic_jump = NULL;
        if (i % 4096 == 0 && page_count < 100000)
            pmm_check();
    }
    while (nlive)
        step_free();
    while (nheld)
        step_add();
    pmm_check();
    struct pmm_stats after = pmm_stats();
    assert_memory_equal(&before, &after, sizeof before);
}

static void test_random_steps(void **st)
{
    const char *seed = getenv("SEED"), *steps = getenv("PMM_STEPS");
    unsigned total = steps ? (unsigned)strtoul(steps, NULL, 0) : 1000000;
    unsigned first = 1, last = NSEEDS;
    if (seed)
        first = last = (unsigned)strtoul(seed, NULL, 0);
    print_message("%u steps each for seeds %u to %u (SEED=n for one, PMM_STEPS=n in all)\n", total / NSEEDS + 1, first, last);
    for (unsigned s = first; s <= last; s++)
        run_seed(s, total / NSEEDS + 1);
}

/* --- named cases through the public interface ----------------------------------------------- */

static void free_where(const paddr_t *page, u64 n, u64 odd)
{
    for (u64 i = 0; i < n; i++)
        if ((page[i] >> PAGE_SHIFT) % 2 == odd)
            pmm_free_page(page[i]);
}

static void test_every_page_once(void **st)
{
    static paddr_t page[20000];
    void (*const maps[])(struct bootinfo *) = { map_small, map_holes, map_zones };
    for (unsigned m = 0; m < ARRAY_SIZE(maps); m++) {
        start(maps[m]);
        u64 want = pmm_stats().free, n = 0;
        while ((page[n] = pmm_alloc_page())) {
            host_cpu = (unsigned)(n % 3); /* pages wait in three lists; the last ones are fetched from them */
            assert_int_equal(memmap_kind_at(&map, page[n]), MEM_USABLE);
            n++;
        }
        assert_int_equal(n, want);
        assert_int_equal(pmm_stats().free, 0);
        assert_int_equal(pmm_alloc_pages(1, 1, ZONE_ANY), 0);
        free_where(page, n, 1); /* every other page of memory, then the rest */
        assert_int_equal(pmm_alloc_pages(2, 1, ZONE_ANY), 0);
        free_where(page, n, 0);
        pmm_check();
        assert_int_equal(pmm_stats().free, want);
    }
}

static void test_high_memory_first_and_dma32_on_demand(void **st)
{
    start(map_zones);
    paddr_t any = pmm_alloc_page(), low = pmm_alloc_pages(1, 1, ZONE_DMA32);
    assert_true(any >= 4 * GIB && low < 4 * GIB);
    assert_true(pmm_alloc_pages(512, 512, ZONE_ANY) >= 4 * GIB);
    while (pmm_alloc_pages(1, 1, ZONE_DMA32))
        ;
    assert_true(pmm_alloc_page() >= 4 * GIB);
    assert_int_equal(pmm_alloc_pages(4, 1, ZONE_DMA32), 0);
}

static void test_wrong_frees_are_named(void **st)
{
    start(map_small);
    paddr_t p = pmm_alloc_page(), q = pmm_alloc_pages(4, 4, ZONE_ANY);
    page_get(p);
    EXPECT_PANIC_WITH("with 2 references", pmm_free_page(p));
    page_put(p);
    pmm_free_page(p);
    EXPECT_PANIC_WITH("free already", pmm_free_page(p));
    EXPECT_PANIC_WITH("which is free", page_put(p));
    *word_of(p >> PAGE_SHIFT) = WORD_FREE; /* a panic never continues: undo what the failed put took */
    EXPECT_PANIC_WITH("which is free", page_get(p));
    *word_of(p >> PAGE_SHIFT) = WORD_FREE;
    EXPECT_PANIC_WITH("reserved", pmm_free_page(2 * MIB)); /* the kernel */
    EXPECT_PANIC_WITH("reserved", pmm_free_page(0x1000));
    EXPECT_PANIC_WITH("not the address", pmm_free_page(q + 1));
    EXPECT_PANIC_WITH("not the address", pmm_free_page(1ull << 45));
    EXPECT_PANIC_WITH("beyond RAM", pmm_free_pages(q, SIZE_MAX / 2));
    EXPECT_PANIC_WITH("free already", pmm_free_pages(q + 3 * PAGE_SIZE, 2));
    *word_of((q >> PAGE_SHIFT) + 3) = 1;
    pmm_free_pages(q, 4);
    pmm_check();
}

static void test_reserve_across_regions(void **st)
{
    start(map_holes); /* 24 MiB and 28 MiB: two regions that touch */
    struct pmm_stats before = pmm_stats();
    assert_int_equal(pmm_reserve(27 * MIB, 512), 0);
    assert_int_equal(pmm_reserve(27 * MIB, 1), -EBUSY);
    assert_int_equal(pmm_reserve(26 * MIB, 512), -EBUSY);
    assert_int_equal(pmm_reserve(31 * MIB, 512), -EINVAL); /* beyond RAM */
    assert_int_equal(pmm_reserve(3 * MIB - PAGE_SIZE, 2), -EINVAL); /* into a hole */
    assert_int_equal(pmm_reserve(24 * MIB + 1, 1), -EINVAL);
    assert_int_equal(pmm_reserve(24 * MIB, SIZE_MAX), -EINVAL);
    assert_int_equal(pmm_stats().free, before.free - 512);
    assert_int_equal(pmm_stats().reserved, before.reserved + 512);
    EXPECT_PANIC_WITH("reserved", pmm_free_page(27 * MIB));
    assert_int_equal(pmm_add_range(27 * MIB - 1, 2 * MIB + 2), 512);
    pmm_check();
}

static void test_adopt(void **st)
{
    const paddr_t at = 27 * MIB;
    start(map_holes);
    assert_int_equal(pmm_reserve(at, 10), 0); /* in use at boot, as a module */
    struct pmm_stats before = pmm_stats();
    assert_int_equal(pmm_adopt(at, 8), 0);
    assert_int_equal(page_refs(at), 1);
    assert_int_equal(pmm_stats().reserved, before.reserved - 8);
    assert_int_equal(pmm_adopt(at + 7 * PAGE_SIZE, 2), -EBUSY);
    assert_int_equal(page_refs(at + 8 * PAGE_SIZE), 0);
    assert_int_equal(pmm_adopt(26 * MIB, 1), -EBUSY);            /* free */
    assert_int_equal(pmm_adopt(0x4000, 1), -EBUSY);              /* low memory never circulates */
    assert_int_equal(pmm_adopt(3 * MIB - PAGE_SIZE, 2), -EBUSY); /* into a hole */
    assert_int_equal(pmm_adopt(at + 1, 1), -EBUSY);
    assert_int_equal(pmm_adopt(1ull << 45, 1), -EBUSY);
    assert_int_equal(pmm_add_range(at, 10 * PAGE_SIZE), 2);      /* what was adopted is passed over */
    page_put(at);
    pmm_free_pages(at + PAGE_SIZE, 7);
    assert_int_equal(pmm_stats().free, before.free + 10);
    pmm_check();
}

static void take_all_runs(void)
{
    while (pmm_alloc_pages(64, 64, ZONE_ANY))
        ;
}

/* A test that cannot fail is none: each kind of difference, injected, is seen. */
static void test_differences_are_seen(void **st)
{
    start(map_small);
    paddr_t p = pmm_alloc_page();
    buddy.nfree++;
    EXPECT_PANIC_WITH("buddy has", (void)!pmm_alloc_page());
    start(map_small);
    p = pmm_alloc_page();
    lists[0].page[lists[0].n - 1] = (u32)(p >> PAGE_SHIFT); /* the same page again */
    EXPECT_PANIC_WITH("not free in linear", (void)!pmm_alloc_page());
    start(map_small);
    p = pmm_alloc_page();
    mirror.state[p >> PAGE_SHIFT] = PAGE_RESERVED;
    EXPECT_PANIC_WITH("not allocated in linear", pmm_free_page(p));
    start(map_small);
    u64 run = pool_alloc(64, 64, UINT64_MAX);
    linear_free(&mirror, run, 64);
    mirror.nfree -= 64;
    EXPECT_PANIC_WITH("linear finds them", take_all_runs());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_page_once),
        cmocka_unit_test(test_high_memory_first_and_dma32_on_demand),
        cmocka_unit_test(test_wrong_frees_are_named),
        cmocka_unit_test(test_reserve_across_regions), cmocka_unit_test(test_adopt),
        cmocka_unit_test(test_differences_are_seen),
        cmocka_unit_test(test_random_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
