/* Sources: src/kernel/mm/memmap.c src/kernel/mm/pmm_buddy.c src/kernel/mm/alloc_fault.c src/kernel/mm/kstack_mark.c src/kernel/lib/bittree.c src/kernel/lib/bitmap.c src/kernel/lib/rbtree.c src/kernel/lib/strutil.c */
#include "tests/unit/heap_host.h"
#include "src/kernel/mm/heap_plain.c"

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
    for (unsigned i = 0; i < TABLE_PAGES / 512; i++)
        assert_int_equal(table_page[i], 0);
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
    EXPECT_PANIC_WITH("which is none", kstack_free(a, 4)); /* kept, but not ours any more */
    kstack_free(b, 4);
}

static void test_stacks_are_kept_and_given_back(void **state)
{
    kstack_trim();
    u64 nfree = pmm_stats().free, addresses = kmem_stats().address_pages_used;
    char *s[20], *again;
    for (unsigned i = 0; i < 20; i++)
        assert_non_null(s[i] = kstack_alloc(KSTACK_PAGES, "many"));
    for (unsigned i = 0; i < 20; i++)
        kstack_free(s[i], KSTACK_PAGES);
    assert_int_equal(kmem_stats().address_pages_used - addresses, KEPT_MAX * (KSTACK_PAGES + 1));
    again = kstack_alloc(KSTACK_PAGES, "again");
    assert_ptr_equal(again, s[KEPT_MAX - 1]);
    assert_string_equal(kstack_guard_owner((vaddr_t)again - 1, NULL), "again");
    memset(again, 1, KSTACK_PAGES * PAGE_SIZE);
    kstack_free(again, KSTACK_PAGES);
    kstack_trim();
    assert_int_equal(kmem_stats().address_pages_used, addresses);
    assert_int_equal(pmm_stats().free, nfree);
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
    EXPECT_PANIC_WITH("middle", kfree(p + 1));
    EXPECT_PANIC_WITH("middle", kfree(p - 112));
    EXPECT_PANIC_WITH("not from the heap", kfree(ram + 0x200010)); /* the kernel image */
    EXPECT_PANIC_WITH("not from the heap", kfree((void *)0x1234));
    kfree(p);
    EXPECT_PANIC_WITH("freed twice", kfree(p)); /* waits in a CPU's list */
    heap_trim();
    EXPECT_PANIC_WITH("freed twice", kfree(p)); /* free in its slab */
    kfree(keep);
    void *page = kmalloc(4000), *piece = kmalloc(9000);
    kfree(page);
    EXPECT_PANIC_WITH("free", kfree(page));
    kfree(piece);
    EXPECT_PANIC_WITH("freed twice", kfree(piece));
    kfree(NULL);
    assert_null(kmalloc(SIZE_MAX));
    assert_null(kmalloc(SIZE_MAX - 4096));
    char *s = kstrdup("text");
    s = krealloc(s, 4000);
    assert_string_equal(s, "text");
    kfree(s);
}

/* Growth by doubling, the pattern that never came back from a list with a cycle in it. */
static void test_growth_by_doubling(void **state)
{
    u64 free_before = pmm_stats().free;
    u32 *v = NULL;
    size_t cap = 0;
    for (u32 n = 0; n < 65536; n++) {
        if (n == cap)
            v = krealloc(v, (cap = cap ? cap * 2 : 1) * sizeof *v);
        assert_non_null(v);
        v[n] = n;
    }
    for (u32 n = 0; n < 65536; n++)
        assert_int_equal(v[n], n);
    kfree(v);
    heap_trim();
    heap_check();
    assert_true(free_before - pmm_stats().free <= NCLASSES + 1);
}

/* Objects freed on other CPUs than their own, and every order of freeing four neighbours. */
static void test_orders_and_cpus(void **state)
{
    void *p[4];
    u64 objects = heap_stats().objects;
    for (unsigned order = 0; order < 256; order++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < 4; i++)
            p[i] = kmalloc(960);
        for (unsigned i = 0; i < 4; i++)
            seen |= 1u << (order >> 2 * i & 3);
        for (unsigned i = 0; i < 4; i++) {
            host_cpu = i;
            kfree(p[seen == 15 ? order >> 2 * i & 3 : i]);
        }
        heap_check();
    }
    host_cpu = 0;
    assert_int_equal(heap_stats().objects, objects);
    heap_trim();
    u64 nslabs;
    assert_int_equal(class_out(class_by_size[960 / 16], &nslabs), 0);
    assert_int_equal(nslabs, 1);
}

/* A check that cannot fail is none: damage of each kind is found and named. */
static void test_check_sees_damage(void **state)
{
    char *p = kmalloc(500);
    struct slab *s = (struct slab *)ROUND_DOWN((vaddr_t)p, PAGE_SIZE);
    unsigned i;
    assert_ptr_equal(slab_of(p, &i), s);
#define DAMAGE(field, value, text)                                                           \
    do {                                                                                     \
        typeof(s->field) old_ = s->field;                                                    \
        s->field = (value);                                                                  \
        EXPECT_PANIC_WITH(text, heap_check());                                               \
        s->field = old_;                                                                     \
        heap_check();                                                                        \
    } while (0)
    DAMAGE(nout, (u16)(s->nout + 1), "counts");
    DAMAGE(magic, 7, "header");
    DAMAGE(self, NULL, "header");
    DAMAGE(cls, (u16)(s->cls + 1), "header");
    DAMAGE(state[i], 9, "state");
    DAMAGE(state[i], OBJECT_FREE, "counts");
    DAMAGE(state[i], OBJECT_CACHED, "in the caches");
    s->magic = 7;
    EXPECT_PANIC_WITH("header was overwritten", kfree(p));
    s->magic = SLAB_MAGIC;
    kfree(p);
    EXPECT_PANIC_WITH("not from the heap", kfree(host_phys_to_virt(RAM_BASE + RAM_SIZE)));
}

static void random_heap(unsigned steps)
{
    static struct { u8 *p; size_t size; u8 fill; } live[2000];
    unsigned n = 0;
    for (unsigned step = 0; step < steps; step++) {
        host_cpu = (unsigned)rand() % 3;
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
    host_cpu = 0;
}

static void test_heap_random(void **state)
{
    unsigned seed = 20265;
    print_message("seed %u\n", seed);
    srand(seed);
    struct heap_stats before = heap_stats();
    random_heap(1000000);
    heap_trim();
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
    assert_int_equal(heap_stats().objects, n);
    assert_null(kmem_alloc(1));
    assert_null(kstack_alloc(4, "none"));
    for (; chain; chain = p) {
        p = *chain;
        kfree(chain);
    }
    heap_trim();
    heap_check();
    assert_true(free_before - pmm_stats().free <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_is_reused_and_checked),
        cmocka_unit_test(test_guards_know_their_stack), cmocka_unit_test(test_stacks_are_kept_and_given_back), cmocka_unit_test(test_device_windows),
        cmocka_unit_test(test_heap_alignment_and_errors), cmocka_unit_test(test_growth_by_doubling),
        cmocka_unit_test(test_orders_and_cpus), cmocka_unit_test(test_check_sees_damage),
        cmocka_unit_test(test_heap_random),
        cmocka_unit_test(test_exhaustion_and_recovery),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
