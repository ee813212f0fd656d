/* Sources: src/kernel/lib/lock_graph.c */
#include "lib/lock_graph.h"
#include "tests/unit/host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lock_graph g;
static const struct lock_trace nowhere;

static int empty(void **state)
{
    memset(&g, 0, sizeof g);
    return 0;
}

static unsigned add(const char *name, enum lock_kind kind)
{
    int n = lock_class_add(&g, name, kind);
    assert_true(n >= 0);
    return (unsigned)n;
}

static void classes_are_kind_and_name(void **state)
{
    char copy[] = "vnode";
    unsigned mutex = add("vnode", LOCK_MUTEX), queue = add("vnode", LOCK_WAITQ);
    assert_int_not_equal(mutex, queue);
    assert_int_equal(lock_class_find(&g, copy, LOCK_MUTEX), mutex);
    assert_int_equal(lock_class_find(&g, copy, LOCK_WAITQ), queue);
    assert_int_equal(lock_class_find(&g, copy, LOCK_SPIN), -1);
}

static void the_shortest_way_is_found(void **state)
{
    unsigned a = add("a", LOCK_SPIN), b = add("b", LOCK_SPIN), c = add("c", LOCK_MUTEX), d = add("d", LOCK_SPIN);
    u8 path[LOCK_CLASSES_MAX];
    assert_true(lock_edge_add(&g, a, b, &nowhere) && lock_edge_add(&g, b, c, &nowhere) && lock_edge_add(&g, c, d, &nowhere));
    assert_int_equal(lock_path_find(&g, d, a, path), 0);
    assert_int_equal(lock_path_find(&g, a, d, path), 4);
    assert_memory_equal(path, ((u8[]){ (u8)a, (u8)b, (u8)c, (u8)d }), 4);
    assert_true(lock_edge_add(&g, a, c, &nowhere));
    assert_int_equal(lock_path_find(&g, a, d, path), 3);
    assert_memory_equal(path, ((u8[]){ (u8)a, (u8)c, (u8)d }), 3);
    assert_int_equal(lock_path_find(&g, a, a, path), 1);
    assert_ptr_equal(lock_edge_get(&g, a, c)->at.call, g.edge[3].at.call);
    assert_null(lock_edge_get(&g, d, a));
}

static void a_handlers_lock_reaches_no_lock_held_with_interrupts_on(void **state)
{
    unsigned a = add("a", LOCK_SPIN), m = add("m", LOCK_MUTEX), b = add("b", LOCK_SPIN);
    u8 path[LOCK_CLASSES_MAX];
    g.cls[a].used = LOCK_USED_IN_IRQ;
    g.cls[b].used = LOCK_USED_IRQ_ON;
    assert_int_equal(lock_irq_conflict_find(&g, path), 0);
    assert_true(lock_edge_add(&g, b, a, &nowhere)); /* the handler waits for nobody */
    assert_int_equal(lock_irq_conflict_find(&g, path), 0);
    assert_true(lock_edge_add(&g, a, m, &nowhere) && lock_edge_add(&g, m, b, &nowhere));
    assert_int_equal(lock_irq_conflict_find(&g, path), 0); /* a mutex is no way for a handler */
    assert_true(lock_edge_add(&g, a, b, &nowhere));
    assert_int_equal(lock_irq_conflict_find(&g, path), 2);
    assert_memory_equal(path, ((u8[]){ (u8)a, (u8)b }), 2);
    g.cls[a].used |= LOCK_USED_IRQ_ON;
    assert_int_equal(lock_irq_conflict_find(&g, path), 1);
}

static void tables_end(void **state)
{
    static char names[LOCK_CLASSES_MAX][8];
    unsigned n = 0;
    for (unsigned i = 0; i < LOCK_CLASSES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%u", i);
        add(names[i], LOCK_SPIN);
    }
    assert_int_equal(lock_class_add(&g, "more", LOCK_SPIN), -1);
    for (unsigned i = 0; i < LOCK_CLASSES_MAX && n < LOCK_EDGES_MAX; i++)
        for (unsigned k = i + 1; k < LOCK_CLASSES_MAX && n < LOCK_EDGES_MAX; k++, n++)
            assert_true(lock_edge_add(&g, i, k, &nowhere));
    assert_false(lock_edge_add(&g, LOCK_CLASSES_MAX - 1, 0, &nowhere));
    assert_false(lock_edge_known(&g, LOCK_CLASSES_MAX - 1, 0));
}

/* Against a plain closure. */
static void ways_agree_with_the_closure(void **state)
{
    enum { N = 24 };
    static bool way[N][N];
    u8 path[LOCK_CLASSES_MAX];
    srand(1);
    for (unsigned round = 0; round < 200; round++) {
        memset(&g, 0, sizeof g);
        memset(way, 0, sizeof way);
        for (unsigned i = 0; i < N; i++)
            lock_class_add(&g, "x", LOCK_SPIN), way[i][i] = true;
        for (unsigned i = 0; i < 30; i++) {
            unsigned a = (unsigned)rand() % N, b = (unsigned)rand() % N;
            if (!lock_edge_known(&g, a, b))
                assert_true(lock_edge_add(&g, a, b, &nowhere));
            for (unsigned x = 0; x < N; x++)
                for (unsigned y = 0; y < N; y++)
                    way[x][y] |= way[x][a] && way[b][y];
        }
        for (unsigned a = 0; a < N; a++)
            for (unsigned b = 0; b < N; b++) {
                unsigned n = lock_path_find(&g, a, b, path);
                assert_int_equal(n != 0, way[a][b]);
                for (unsigned i = 0; i + 1 < n; i++)
                    assert_true(lock_edge_known(&g, path[i], path[i + 1]));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(classes_are_kind_and_name, empty),
        cmocka_unit_test_setup(the_shortest_way_is_found, empty),
        cmocka_unit_test_setup(a_handlers_lock_reaches_no_lock_held_with_interrupts_on, empty),
        cmocka_unit_test_setup(tables_end, empty),
        cmocka_unit_test_setup(ways_agree_with_the_closure, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
