/* Sources: src/kernel/mm/memmap.c src/kernel/mm/pmm_buddy.c src/kernel/mm/alloc_fault.c src/kernel/mm/kstack_mark.c src/kernel/lib/bittree.c src/kernel/lib/bitmap.c src/kernel/lib/rbtree.c src/kernel/lib/strutil.c */
/* The page allocator, the arena and the heap together, on a host. */
#include "tests/unit/mm_host.h"

#define RAM_BASE 0x100000ull
#define RAM_SIZE (16ull << 20)

/* A page table of the arena's first pages. */
#define TABLE_PAGES 65536
static paddr_t table[TABLE_PAGES];
static unsigned tables_fail_after;
static size_t table_index(vaddr_t va)
{
    assert_true(va >= KERNEL_ARENA_BASE && (va - KERNEL_ARENA_BASE) / 4096 < TABLE_PAGES);
    return (va - KERNEL_ARENA_BASE) / 4096;
}
static int host_pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags)
{
    assert_int_equal(table[table_index(va)], 0);
    if (tables_fail_after && --tables_fail_after == 0)
        return -ENOMEM;
    table[table_index(va)] = pa;
    return 0;
}
static void host_pt_unmap(struct pagetable *pt, vaddr_t va, size_t n, pt_page_fn fn, void *ctx)
{
    for (; n--; va += 4096) {
        paddr_t pa = table[table_index(va)];
        table[table_index(va)] = 0;
        if (pa && fn)
            fn(va, pa, PT_WRITE, ctx);
    }
}
struct pagetable kernel_pagetable;

#define pt_map host_pt_map
#define pt_unmap host_pt_unmap
#define memory boot_memory
#include "src/kernel/mm/boot_alloc.c"
#undef memory
#include "src/kernel/mm/page_words.c"
#include "src/kernel/mm/pmm.c"
#include "src/kernel/mm/pmm_cache.c"
#include "src/kernel/mm/pmm_select_buddy.c"
#include "src/kernel/mm/arena.c"
#include "src/kernel/mm/kmem.c"
#include "src/kernel/mm/slab.c"

static struct memmap map;
static struct bootinfo bi;

static int setup(void **state)
{
    host_ram_map(RAM_BASE + RAM_SIZE);
    bi.range[bi.nranges++] = (struct mem_range){ 0, 0x9f000, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ RAM_BASE, RAM_SIZE, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ 0x200000, 0x80000, MEM_KERNEL };
    bi.range[bi.nranges++] = (struct mem_range){ 0x300000, 0x40000, MEM_MODULE };
    memmap_build(&map, &bi);
    EXPECT_PANIC((void)!boot_alloc(16, 16));
    boot_alloc_init(&map);
    assert_int_equal((vaddr_t)boot_alloc(100, 4096) % 4096, 0);
    assert_null(boot_alloc(1ull << 40, 16));
    assert_null(boot_alloc(SIZE_MAX, 16));
    pmm_init(&map);
    pmm_init_rest();
    EXPECT_PANIC((void)!boot_alloc(16, 16));
    kmem_init();
    slab_init();
    return 0;
}

static void test_arena_is_reused_and_checked(void **state)
{
    u64 start = pmm_stats().free;
    struct kmem_stats k = kmem_stats();
    void *p[300];
    for (int round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 300; i++)
            p[i] = kmem_alloc(1 + (i * 7 + (unsigned)round) % 5);
        for (unsigned i = 0; i < 300; i++) {
            unsigned j = (i * 37 + 11) % 300;
            assert_non_null(p[j]);
            assert_int_equal(kmem_size(p[j]), 1 + (j * 7 + (unsigned)round) % 5);
            kmem_free(p[j], kmem_size(p[j]));
        }
    }
    assert_int_equal(kmem_stats().address_pages_used, k.address_pages_used);
    assert_int_equal(kmem_stats().pages_used, k.pages_used);
    struct range *only = range_of(rb_first(&ranges)); /* all merged again */
    assert_null(rb_next(&only->by_base));
    assert_int_equal(only->npages, ARENA_PAGES);
    assert_true(start - pmm_stats().free < 20); /* node pages only */
    assert_null(kmem_alloc(0));
    assert_null(kmem_alloc(SIZE_MAX));
    p[0] = kmem_alloc(2);
    EXPECT_PANIC(kmem_free(p[0], 1));
    kmem_free(p[0], 2);
    EXPECT_PANIC(kmem_free(p[0], 2));
    for (unsigned fail = 1; fail < 5; fail++) {
        u64 before = pmm_stats().free;
        tables_fail_after = fail;
        assert_null(kmem_alloc(4));
        assert_int_equal(pmm_stats().free, before);
    }
    tables_fail_after = 0;
}

static void test_guards_know_their_stack(void **state)
{
    vaddr_t base = 0;
    char *a = kstack_alloc(4, "first"), *b = kstack_alloc(4, "a name that is far too long to keep");
    assert_non_null(a);
    assert_string_equal(kstack_guard_owner((vaddr_t)a - 8, &base), "first");
    assert_int_equal(base, (vaddr_t)a);
    assert_null(kstack_guard_owner((vaddr_t)a, NULL));
    assert_null(kstack_guard_owner((vaddr_t)a - 4097, NULL));
    assert_string_equal(kstack_guard_owner((vaddr_t)b - 4096, NULL), "a name that is far too ");
    assert_int_equal(table[table_index((vaddr_t)a) - 1], 0);
    EXPECT_PANIC(kstack_free(a, 3));
    kstack_free(a, 4);
    assert_null(kstack_guard_owner((vaddr_t)a - 8, NULL));
    kstack_free(b, 4);
}

static void test_device_windows(void **state)
{
    char *w = kmem_map_phys(0xfee00ff0, 0x20, PT_UNCACHED);
    assert_int_equal((vaddr_t)w % 4096, 0xff0);
    assert_int_equal(table[table_index((vaddr_t)w) + 1], 0xfee01000);
    assert_null(kmem_map_phys(UINT64_MAX, 1, PT_UNCACHED));
    assert_null(kmem_map_phys(0, 0, PT_UNCACHED));
    assert_null(kmem_map_phys(0x1000, SIZE_MAX, PT_UNCACHED));
    EXPECT_PANIC(kmem_unmap_phys(w, 0x2000));
    kmem_unmap_phys(w, 0x20);
}

static void test_heap_alignment_and_errors(void **state)
{
    for (size_t size = 0; size <= 4096; size++) {
        char *p = kmalloc(size);
        assert_non_null(p);
        assert_int_equal((vaddr_t)p % (size && size % 64 == 0 ? 64 : 16), 0);
        assert_true(kmalloc_usable(p) >= size);
        memset(p, 0xab, kmalloc_usable(p));
        kfree(p);
    }
    heap_check();
    char *p = kmalloc(100), *keep = kmalloc(100);
    EXPECT_PANIC(kfree(p + 1));
    EXPECT_PANIC(kfree(ram + 0x200010)); /* the kernel image */
    EXPECT_PANIC(kfree((void *)0x1234));
    kfree(p);
    EXPECT_PANIC(kfree(p));
    host_locks_forget();
    kfree(keep);
    void *page = kmalloc(4000);
    kfree(page);
    EXPECT_PANIC(kfree(page));
    kfree(NULL);
    assert_null(kmalloc(SIZE_MAX));
    assert_null(kmalloc(SIZE_MAX - 4096));
    char *s = kstrdup("text");
    s = krealloc(s, 4000);
    assert_string_equal(s, "text");
    kfree(s);
}

static void random_heap(unsigned steps)
{
    static struct { u8 *p; size_t size; u8 fill; } live[2000];
    unsigned n = 0;
    for (unsigned step = 0; step < steps; step++) {
        if (n < 2000 && rand() % 100 < (step / 20000 % 2 ? 40 : 60)) {
            size_t size = (size_t)rand() % (rand() % 8 ? 300 : 4097);
            u8 *p = kmalloc(size);
            if (!p)
                continue;
            live[n].p = p;
            live[n].size = size;
            live[n].fill = (u8)rand();
            memset(p, live[n].fill, size);
            n++;
        } else if (n) {
            unsigned i = (unsigned)rand() % n;
            for (size_t k = 0; k < live[i].size; k++)
                if (live[i].p[k] != live[i].fill)
                    fail_msg("object of %lu bytes changed at %lu", live[i].size, k);
            kfree(live[i].p);
            live[i] = live[--n];
        }
        if (step % 1000 == 0)
            heap_check();
    }
    while (n--)
        kfree(live[n].p);
}

static void test_heap_random(void **state)
{
    unsigned seed = 20265;
    print_message("seed %u\n", seed);
    srand(seed);
    struct heap_stats before = heap_stats();
    random_heap(200000);
    heap_check();
    struct heap_stats after = heap_stats();
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.bytes_used, before.bytes_used);
    assert_true(after.pages <= NCLASSES); /* one empty slab each */
}

static void test_exhaustion_and_recovery(void **state)
{
    u64 free_before = pmm_stats().free;
    void **chain = NULL, **p;
    u64 n = 0;
    while ((p = kmalloc(200))) {
        *p = chain;
        chain = p;
        n++;
    }
    assert_true(n > 40000);
    assert_int_equal(pmm_stats().free, 0);
    assert_null(kmem_alloc(1));
    assert_null(kstack_alloc(4, "none"));
    for (; chain; chain = p) {
        p = *chain;
        kfree(chain);
    }
    heap_check();
    assert_true(free_before - pmm_stats().free <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_is_reused_and_checked),
        cmocka_unit_test(test_guards_know_their_stack), cmocka_unit_test(test_device_windows),
        cmocka_unit_test(test_heap_alignment_and_errors), cmocka_unit_test(test_heap_random),
        cmocka_unit_test(test_exhaustion_and_recovery),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
