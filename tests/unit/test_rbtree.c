/* Sources: src/kernel/lib/rbtree.c */
#include "lib/rbtree.h"
#include "tests/unit/host.h"
#include <stdlib.h>

struct item { struct rb_node node; int key; bool in; };
#define N 300
static struct item items[N];
static struct rb_tree tree;

static struct item *item_of(struct rb_node *n) { return rb_entry(n, struct item, node); }

static void insert(struct item *it)
{
    struct rb_node **link = &tree.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = it->key < item_of(parent)->key ? &parent->left : &parent->right;
    }
    rb_insert(&tree, &it->node, parent, link);
    it->in = true;
}

/* Returns the black height below and including n. */
static int check_node(struct rb_node *n, struct rb_node *parent)
{
    if (!n)
        return 1;
    assert_ptr_equal(n->parent, parent);
    if (n->red)
        assert_true(parent && !parent->red);
    int left = check_node(n->left, n), right = check_node(n->right, n);
    assert_int_equal(left, right);
    return left + !n->red;
}

static void check_tree(void)
{
    int expect = 0, seen = 0, last = -1;
    check_node(tree.root, NULL);
    for (int i = 0; i < N; i++)
        expect += items[i].in;
    for (struct rb_node *n = rb_first(&tree); n; n = rb_next(n), seen++) {
        assert_true(item_of(n)->key >= last);
        assert_ptr_equal(rb_next(n) ? rb_prev(rb_next(n)) : n, n);
        last = item_of(n)->key;
    }
    assert_int_equal(seen, expect);
    assert_ptr_equal(rb_last(&tree) ? rb_next(rb_last(&tree)) : NULL, NULL);
}

static void test_random_inserts_and_erases(void **state)
{
    unsigned seed = 20264;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int step = 0; step < 20000; step++) {
        struct item *it = &items[rand() % N];
        if (it->in) {
            rb_erase(&tree, &it->node);
            it->in = false;
        } else {
            it->key = rand() % 200; /* equal keys are allowed */
            insert(it);
        }
        if (step % 16 == 0 || step < 500)
            check_tree();
    }
}

static void test_ascending_and_to_the_last(void **state)
{
    tree.root = NULL;
    for (int i = 0; i < N; i++)
        items[i].in = false;
    for (int i = 0; i < N; i++) {
        items[i].key = i;
        insert(&items[i]);
        check_tree();
    }
    for (int i = 0; i < N; i++) {
        int k = i % 2 ? i : N - 1 - (i % N) - (N % 2); /* from both ends */
        if (!items[k].in)
            continue;
        rb_erase(&tree, &items[k].node);
        items[k].in = false;
        check_tree();
    }
    for (int i = 0; i < N; i++)
        if (items[i].in) {
            rb_erase(&tree, &items[i].node);
            items[i].in = false;
            check_tree();
        }
    assert_null(tree.root);
    assert_null(rb_first(&tree));
    assert_null(rb_last(&tree));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_inserts_and_erases),
        cmocka_unit_test(test_ascending_and_to_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
