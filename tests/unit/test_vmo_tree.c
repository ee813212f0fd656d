/* Sources: src/kernel/vm/vmo_tree.c */
#include "tests/unit/host.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "vm/vmo_tree.h"
#include <stdlib.h>
#include <string.h>

/* Pages are numbers here: page n is address n * 4096. */
#define PAGES 200000
static u32 refs[PAGES];
static u64 next_page = 1, live_pages, live_nodes;
static long allocations_left = -1; /* < 0: no limit */

void page_get(paddr_t p) { assert_true(refs[p / PAGE_SIZE] > 0); refs[p / PAGE_SIZE]++; }
void page_put(paddr_t p)
{
    assert_true(refs[p / PAGE_SIZE] > 0);
    if (--refs[p / PAGE_SIZE] == 0)
        live_pages--;
}
u32 page_refs(paddr_t p) { return refs[p / PAGE_SIZE]; }
void *kmalloc(size_t size)
{
    if (allocations_left == 0)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    live_nodes++;
    return malloc(size);
}
void *kzalloc(size_t size)
{
    void *p = kmalloc(size);
    return p ? memset(p, 0, size) : NULL;
}
void kfree(void *p) { live_nodes -= p != NULL; free(p); }

static paddr_t page_new(void)
{
    assert_true(next_page < PAGES);
    refs[next_page] = 1;
    live_pages++;
    return next_page++ * PAGE_SIZE;
}

static int setup(void **state)
{
    memset(refs, 0, sizeof refs);
    next_page = 1;
    live_pages = live_nodes = 0;
    allocations_left = -1;
    return 0;
}

static void all_gone(void)
{
    assert_int_equal(live_pages, 0);
    assert_int_equal(live_nodes, 0);
}

static void set_and_look_up(void **state)
{
    static const u64 at[] = { 0, 1, 63, 64, 4095, 4096, 1ull << 23, (1ull << 52) - 1 };
    struct vmo_tree t;
    paddr_t page[8];
    vmo_tree_init(&t);
    for (size_t i = 0; i < ARRAY_SIZE(at); i++)
        assert_int_equal(vmo_tree_set(&t, at[i], page[i] = page_new()), 0);
    assert_int_equal(t.npages, ARRAY_SIZE(at));
    for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
        bool cow = true;
        assert_int_equal(vmo_tree_lookup(&t, at[i], &cow), page[i]);
        assert_false(cow);
    }
    assert_int_equal(vmo_tree_lookup(&t, 2, NULL), 0);
    u64 index = 65;
    paddr_t p;
    assert_true(vmo_tree_next(&t, &index, &p));
    assert_int_equal(index, 4095);
    assert_int_equal(p, page[4]);
    vmo_tree_fini(&t);
    all_gone();
}

static void replacing_drops_the_old(void **state)
{
    struct vmo_tree t;
    vmo_tree_init(&t);
    assert_int_equal(vmo_tree_set(&t, 0, page_new()), 0);
    assert_int_equal(vmo_tree_set(&t, 0, page_new()), 0);
    assert_int_equal(t.npages, 1);
    assert_int_equal(live_pages, 1);
    vmo_tree_fini(&t);
    all_gone();
}

static void sharing_costs_nothing(void **state)
{
    struct vmo_tree a, b;
    vmo_tree_init(&a);
    for (u64 i = 0; i < 1000; i++)
        assert_int_equal(vmo_tree_set(&a, i, page_new()), 0);
    u64 nodes = live_nodes;
    vmo_tree_init(&b);
    vmo_tree_share(&a, &b);
    assert_int_equal(live_nodes, nodes);
    bool cow;
    paddr_t old = vmo_tree_lookup(&a, 500, &cow);
    assert_true(cow);
    paddr_t mine = page_new();
    assert_int_equal(vmo_tree_set(&b, 500, mine), 0);
    assert_int_equal(vmo_tree_lookup(&a, 500, &cow), old);
    assert_int_equal(vmo_tree_lookup(&b, 500, &cow), mine);
    assert_false(cow);
    /* A neighbour in the copied leaf is named twice and marked on both sides. */
    assert_int_equal(page_refs(vmo_tree_lookup(&a, 501, &cow)), 2);
    assert_true(cow);
    vmo_tree_lookup(&b, 501, &cow);
    assert_true(cow);
    vmo_tree_fini(&b);
    /* a is alone again: 501 has one reference, so its mark may go. */
    assert_int_equal(vmo_tree_own(&a, 501), 0);
    assert_int_equal(page_refs(vmo_tree_lookup(&a, 501, NULL)), 1);
    vmo_tree_claim(&a, 501);
    vmo_tree_lookup(&a, 501, &cow);
    assert_false(cow);
    vmo_tree_fini(&a);
    all_gone();
}

static void single_page_is_shared_too(void **state)
{
    struct vmo_tree a, b;
    bool cow;
    vmo_tree_init(&a);
    vmo_tree_init(&b);
    paddr_t p = page_new();
    assert_int_equal(vmo_tree_set(&a, 0, p), 0);
    assert_int_equal(live_nodes, 0);
    vmo_tree_share(&a, &b);
    assert_int_equal(vmo_tree_lookup(&a, 0, &cow), p);
    assert_true(cow);
    assert_int_equal(vmo_tree_set(&b, 5000, page_new()), 0); /* grows above the shared page */
    assert_int_equal(vmo_tree_lookup(&b, 0, &cow), p);
    assert_true(cow);
    vmo_tree_fini(&a);
    vmo_tree_fini(&b);
    all_gone();
}

static void removal_leaves_the_clone_alone(void **state)
{
    struct vmo_tree a, b;
    vmo_tree_init(&a);
    vmo_tree_init(&b);
    for (u64 i = 0; i < 300; i++)
        assert_int_equal(vmo_tree_set(&a, i, page_new()), 0);
    vmo_tree_share(&a, &b);
    assert_int_equal(vmo_tree_remove_prepare(&a, 10, 200), 0);
    vmo_tree_remove(&a, 10, 200);
    assert_int_equal(a.npages, 110);
    for (u64 i = 0; i < 300; i++) {
        assert_true(!vmo_tree_lookup(&a, i, NULL) == (i >= 10 && i < 200));
        assert_true(vmo_tree_lookup(&b, i, NULL));
    }
    assert_int_equal(vmo_tree_remove_prepare(&b, 0, 1ull << 52), 0);
    vmo_tree_remove(&b, 0, 1ull << 52);
    assert_int_equal(b.npages, 0);
    vmo_tree_fini(&a);
    vmo_tree_fini(&b);
    all_gone();
}

/* Every allocation of set, own and prepare fails once: contents stay, nothing leaks. */
static void out_of_memory_changes_nothing(void **state)
{
    for (long limit = 0; limit < 12; limit++) {
        setup(NULL);
        struct vmo_tree a, b;
        vmo_tree_init(&a);
        vmo_tree_init(&b);
        for (u64 i = 0; i < 200; i++)
            assert_int_equal(vmo_tree_set(&a, i * 100, page_new()), 0);
        vmo_tree_share(&a, &b);
        paddr_t mine = page_new();
        allocations_left = limit;
        if (vmo_tree_set(&b, 1ull << 40, mine))
            page_put(mine);
        bool prepared = vmo_tree_remove_prepare(&b, 150, 15050) == 0;
        allocations_left = -1;
        if (prepared)
            vmo_tree_remove(&b, 150, 15050);
        for (u64 i = 0; i < 200; i++) {
            assert_true(vmo_tree_lookup(&a, i * 100, NULL));
            bool gone = prepared && i * 100 >= 150 && i * 100 < 15050;
            assert_true(!vmo_tree_lookup(&b, i * 100, NULL) == gone);
        }
        vmo_tree_fini(&a);
        vmo_tree_fini(&b);
        all_gone();
    }
}

/* Three generations of clones against plain arrays, random operations. */
#define TREES 4
#define SPAN 9000
#define ORIGIN ((1ull << 30) - 4000) /* straddles a boundary of every level */
static void random_against_arrays(void **state)
{
    static paddr_t model[TREES][SPAN];
    struct vmo_tree t[TREES];
    unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : 4711;
    print_message("seed %u\n", seed);
    memset(model, 0, sizeof model);
    for (int k = 0; k < TREES; k++)
        vmo_tree_init(&t[k]);
    for (int step = 0; step < 60000; step++) {
        unsigned r = (unsigned)rand_r(&seed), k = r % TREES;
        u64 i = (unsigned)rand_r(&seed) % SPAN;
        unsigned op = (r >> 8) % 100;
        if (op < 80) {
            paddr_t p = page_new();
            assert_int_equal(vmo_tree_set(&t[k], ORIGIN + i, p), 0);
            model[k][i] = p;
        } else if (op < 98) {
            u64 end = i + (unsigned)rand_r(&seed) % 300;
            end = MIN(SPAN, end);
            assert_int_equal(vmo_tree_remove_prepare(&t[k], ORIGIN + i, ORIGIN + end), 0);
            vmo_tree_remove(&t[k], ORIGIN + i, ORIGIN + end);
            memset(&model[k][i], 0, (end - i) * sizeof(paddr_t));
        } else {
            unsigned to = (k + 1) % TREES;
            vmo_tree_fini(&t[to]);
            vmo_tree_share(&t[k], &t[to]);
            memcpy(model[to], model[k], sizeof model[k]);
        }
        bool cow;
        paddr_t found = vmo_tree_lookup(&t[k], ORIGIN + i, &cow);
        assert_int_equal(found, model[k][i]);
        for (int o = 0; o < TREES && found; o++) /* in two trees: marked in both */
            if (o != (int)k && model[o][i] == found)
                assert_true(cow);
    }
    for (int k = 0; k < TREES; k++) {
        u64 count = 0;
        for (u64 i = 0; i < SPAN; i++) {
            assert_int_equal(vmo_tree_lookup(&t[k], ORIGIN + i, NULL), model[k][i]);
            count += model[k][i] != 0;
        }
        assert_int_equal(t[k].npages, count);
        vmo_tree_fini(&t[k]);
    }
    all_gone();
}

/* Runs: the same slots as one by one, and owning one unshares the leaf. */
static void runs_see_the_same(void **state)
{
    struct vmo_tree a, b;
    struct vmo_run run;
    vmo_tree_init(&a);
    vmo_tree_init(&b);
    vmo_run_find(&a, 77, &run);
    assert_null(run.slot);
    assert_int_equal(vmo_run_own(&a, ORIGIN + 10, &run), 0);
    u64 n = MIN(run.n, 5);
    for (u64 i = 0; i < n; i++)
        vmo_run_fill(&run, i, page_new());
    assert_int_equal(a.npages, n);
    for (u64 i = 0; i < n; i++)
        assert_int_equal(vmo_tree_lookup(&a, ORIGIN + 10 + i, NULL), vmo_run_page(&run, i));
    vmo_tree_share(&a, &b);
    vmo_run_find(&b, ORIGIN + 10, &run);
    assert_true(vmo_run_cow(&run, 0));
    assert_int_equal(vmo_run_own(&b, ORIGIN + 10, &run), 0);
    assert_false(run.shared);
    assert_true(vmo_run_cow(&run, 0)); /* the page is still a's too */
    vmo_tree_fini(&a);
    vmo_run_claim(&run, 0);
    assert_false(vmo_run_cow(&run, 0));
    assert_int_equal(vmo_tree_remove_prepare(&b, ORIGIN, ORIGIN + SPAN), 0);
    vmo_tree_remove(&b, ORIGIN, ORIGIN + SPAN);
    all_gone(); /* the nodes went with their last page */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(set_and_look_up, setup),
        cmocka_unit_test_setup(replacing_drops_the_old, setup),
        cmocka_unit_test_setup(sharing_costs_nothing, setup),
        cmocka_unit_test_setup(single_page_is_shared_too, setup),
        cmocka_unit_test_setup(removal_leaves_the_clone_alone, setup),
        cmocka_unit_test_setup(out_of_memory_changes_nothing, setup),
        cmocka_unit_test_setup(random_against_arrays, setup),
        cmocka_unit_test_setup(runs_see_the_same, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
