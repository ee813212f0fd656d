/* Sources: src/kernel/vm/place.c src/kernel/lib/rbtree.c */
#include "tests/unit/host.h"
#include "vm/aspace_priv.h"
#include <stdlib.h>
#include <string.h>

/* Where mappings go: the tree's search against a look at every page of a small address space. */
#define PAGES 3000
#define BASE (USER_TOP - PAGES * PAGE_SIZE) /* all below is taken */
#define GUARD (STACK_GUARD_BYTES / PAGE_SIZE)

static struct mapping pool[PAGES], bottom;
static bool taken[PAGES]; /* guards of stacks included */
static struct rb_tree tree;
static unsigned seed = 4711;

struct mapping *mapping_at_or_above(struct aspace *as, vaddr_t addr) { return NULL; }

static unsigned pick(unsigned n) { return (unsigned)rand_r(&seed) % n; }

static void insert(struct mapping *m)
{
    struct rb_node **link = &tree.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = m->start < rb_entry(parent, struct mapping, node)->start ? &parent->left : &parent->right;
    }
    rb_insert(&tree, &m->node, parent, link);
}

/* The summaries, computed anew. */
static void check_summaries(struct rb_node *n)
{
    if (!n)
        return;
    check_summaries(n->left);
    check_summaries(n->right);
    assert_false(mapping_summarise(n));
}

static long model_gap(long top, long size)
{
    for (long at = top - size; at >= 0; at--) {
        long i = 0;
        while (i < size && !taken[at + i])
            i++;
        if (i == size)
            return at;
    }
    return -1;
}

static void model_rebuild(void)
{
    long end = 0; /* of the mapping before: a stack's guard reaches no farther */
    memset(taken, 0, sizeof taken);
    for (struct rb_node *n = rb_first(&tree); n; n = rb_next(n)) {
        struct mapping *m = rb_entry(n, struct mapping, node);
        if (m == &bottom)
            continue;
        long from = (long)((m->start - BASE) / PAGE_SIZE), to = (long)((m->end - BASE) / PAGE_SIZE);
        if (m->flags & VM_GROWSDOWN)
            from = MAX(from - (long)GUARD, end);
        for (long i = from; i < to; i++)
            taken[i] = true;
        end = to;
    }
}

static bool in_use[PAGES]; /* a mapping starts at this page: pool[i] */

static void add_somewhere(void)
{
    unsigned at = pick(PAGES), n = 1 + pick(30);
    for (unsigned i = at; i < at + n; i++)
        if (i >= PAGES || taken[i])
            return;
    pool[at] = (struct mapping){
        .start = BASE + at * PAGE_SIZE, .end = BASE + (at + n) * PAGE_SIZE, .flags = pick(40) ? 0 : VM_GROWSDOWN,
        .low = pick(2), .high = pick(2), .gap = pick(2), /* what is left from a life before */
    };
    in_use[at] = true;
    insert(&pool[at]);
}

static void change_somewhere(void)
{
    unsigned at = pick(PAGES);
    while (at < PAGES && !in_use[at])
        at++;
    if (at == PAGES)
        return;
    if (pick(3) == 0 && pool[at].end - pool[at].start > PAGE_SIZE) {
        pool[at].end -= PAGE_SIZE;
        rb_update(&tree, &pool[at].node);
    } else {
        rb_erase(&tree, &pool[at].node);
        in_use[at] = false;
    }
}

/* As fork does: the summaries are computed when all is there. */
static void add_some_at_once(void)
{
    tree.update = NULL;
    for (unsigned i = pick(20); i > 0; i--) {
        model_rebuild();
        add_somewhere();
    }
    tree.update = mapping_summarise;
    rb_update_all(&tree);
    check_summaries(tree.root);
}

static void finds_the_highest_gap(void **state)
{
    tree.update = mapping_summarise;
    bottom = (struct mapping){ .start = USER_MIN, .end = BASE };
    insert(&bottom);
    for (int step = 0; step < 6000; step++) {
        if (pick(100) < 2)
            add_some_at_once();
        else if (pick(100) < 45)
            add_somewhere();
        else
            change_somewhere();
        model_rebuild();
        long size = 1 + pick(pick(2) ? 10 : 600), top = pick(4) ? PAGES : 1 + pick(PAGES);
        vaddr_t out = 0;
        bool found = highest_gap(&tree, BASE + (u64)top * PAGE_SIZE, (u64)size * PAGE_SIZE, &out);
        long want = size <= top ? model_gap(top, size) : -1;
        assert_int_equal(found, want >= 0);
        if (found)
            assert_int_equal(out, BASE + (u64)want * PAGE_SIZE);
    }
    check_summaries(tree.root);
    while (rb_pluck(&tree))
        ;
    assert_null(tree.root);
}

static void an_empty_space_has_one_gap(void **state)
{
    struct rb_tree empty = { .update = mapping_summarise };
    vaddr_t out;
    assert_true(highest_gap(&empty, USER_TOP, PAGE_SIZE, &out));
    assert_int_equal(out, USER_TOP - PAGE_SIZE);
    assert_true(highest_gap(&empty, USER_TOP, USER_TOP - USER_MIN, &out));
    assert_int_equal(out, USER_MIN);
    assert_false(highest_gap(&empty, USER_TOP, USER_TOP, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_highest_gap),
        cmocka_unit_test(an_empty_space_has_one_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
