/* Sources: src/kernel/mm/memmap.c src/kernel/mm/pmm_buddy.c src/kernel/mm/alloc_fault.c src/kernel/mm/kstack_mark.c src/kernel/lib/bittree.c src/kernel/lib/bitmap.c src/kernel/lib/rbtree.c src/kernel/lib/strutil.c */
/* The heap of a HEAP_DEBUG=1 kernel: each kind of misuse is caught and named, with its owner. */
#include "tests/unit/heap_host.h"
#include "src/kernel/mm/heap_debug.c"

const char *symbol_lookup(vaddr_t addr, u64 *offset, struct symbol_name *out)
{
    *offset = 0;
    return addr ? "owner" : NULL;
}

/* Sizes of every layer: classes, one page, several pages. */
static const u16 sizes[] = { 1, 15, 16, 63, 64, 100, 1000, 1904, 1905, 1984, 4000, 4016, 4017, 9000 };
#define FOR_EACH_SIZE for (volatile unsigned i = 0; i < ARRAY_SIZE(sizes); i++)

static void test_overrun_by_one(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]), old = p[sizes[i]];
        p[sizes[i]] = 0;
        EXPECT_PANIC_WITH("overrun", kfree(p));
        EXPECT_PANIC_WITH("allocated by owner", heap_check());
        p[sizes[i]] = old;
        heap_check();
        kfree(p);
    }
}

static void test_underrun_by_one(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]), old = p[-1];
        p[-1] = 0;
        EXPECT_PANIC_WITH("underrun: byte -1", kfree(p));
        EXPECT_PANIC_WITH("underrun", heap_check());
        p[-1] = old;
        kfree(p);
    }
}

static void test_use_after_free(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]);
        kfree(p);
        if (sizes[i] + 80 > 4096)
            continue; /* several pages: unmapped by now */
        p[sizes[i] / 2]++;
        EXPECT_PANIC_WITH("use after free", heap_check());
        EXPECT_PANIC_WITH("freed by owner", heap_check());
        p[sizes[i] / 2]--;
        heap_check();
    }
}

/* Without heap_check: the quarantine is full some time later. */
static void churn(void)
{
    for (unsigned i = 0; i < 2 * QUARANTINE; i++)
        kfree(kmalloc(40));
}

static void test_use_after_free_is_found_in_passing(void **state)
{
    u8 *p = kmalloc(40);
    kfree(p);
    p[39] = 1;
    EXPECT_PANIC_WITH("use after free: byte 39", churn());
    p[39] = FILL_FREE;
}

static void test_double_free(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]);
        kfree(p);
        if (sizes[i] + 80 <= 4096)
            EXPECT_PANIC_WITH("freed twice", kfree(p));
    }
    u8 *p = kmalloc(40);
    kfree(p);
    heap_trim();
    EXPECT_PANIC(kfree(p)); /* long ago */
}

static void test_bad_size(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]);
        struct note *n = (struct note *)p - 1;
        n->size += 1;
        EXPECT_PANIC_WITH("bad size", kfree(p));
        EXPECT_PANIC_WITH("bad size", heap_check());
        n->size = SIZE_MAX;
        EXPECT_PANIC_WITH("bad size", kfree(p));
        n->size = sizes[i];
        kfree(p);
    }
    assert_null(kmalloc(SIZE_MAX));
    assert_null(kmalloc(SIZE_MAX - 80));
    assert_null(kmalloc(SIZE_MAX - 100));
    assert_null(kmalloc(SIZE_MAX / 2));
}

static void test_foreign_pointers(void **state)
{
    u8 *p = kmalloc(200);
    EXPECT_PANIC_WITH("middle", kfree(p + 1));
    EXPECT_PANIC(kfree(p + 64));
    EXPECT_PANIC(kfree((void *)0x1240));
    EXPECT_PANIC(kfree(ram + 0x200040));
    kfree(p);
}

static void test_new_memory_is_not_zero_and_sizes_are_exact(void **state)
{
    FOR_EACH_SIZE {
        u8 *p = kmalloc(sizes[i]), *z = kzalloc(sizes[i]);
        assert_int_equal(p[sizes[i] - 1], FILL_ALLOC);
        assert_int_equal(z[sizes[i] - 1], 0);
        assert_int_equal(kmalloc_usable(p), sizes[i]);
        assert_int_equal((vaddr_t)p % 64, 0);
        p = krealloc(p, sizes[i] + 1u);
        p[sizes[i]] = 1;
        kfree(p);
        kfree(z);
    }
}

static void test_exhaustion_and_recovery(void **state)
{
    heap_trim();
    u64 free_before = pmm_stats().free, n = 0;
    void **chain = NULL, **p;
    while ((p = kmalloc(200))) {
        *p = chain;
        chain = p;
        n++;
    }
    assert_true(n > 30000);
    for (; chain; chain = p) {
        p = *chain;
        kfree(chain);
    }
    heap_trim();
    heap_check();
    assert_true(free_before <= pmm_stats().free + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overrun_by_one), cmocka_unit_test(test_underrun_by_one),
        cmocka_unit_test(test_use_after_free), cmocka_unit_test(test_use_after_free_is_found_in_passing),
        cmocka_unit_test(test_double_free),    cmocka_unit_test(test_bad_size),
        cmocka_unit_test(test_foreign_pointers), cmocka_unit_test(test_new_memory_is_not_zero_and_sizes_are_exact),
        cmocka_unit_test(test_exhaustion_and_recovery),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
