/* Sources: src/kernel/sched/fairq.c */
#include "tests/unit/host.h"
#include "sched/fairq.h"
#include <stdlib.h>

enum { MEMBERS = 200 };
#define MS 1000000ull

static struct fair *fair_new(struct fair *f, int nice)
{
    *f = (struct fair){ .cost = fair_cost_of_nice(nice) };
    list_init(&f->link);
    return f;
}

/* Runs the queue's members for `turns` turns of 4 ms; ran[i] is what f[i] got. */
static void run_turns(struct fairq *q, struct fair *f, u64 *ran, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        struct fair *next = fairq_pop(q);
        fair_charge(next, 4 * MS);
        ran[next - f] += 4;
        fairq_insert(q, next, FAIR_LAST);
    }
}

static void costs_are_steps_of_a_quarter(void **state)
{
    assert_int_equal(fair_cost_of_nice(0), FAIR_COST_DEFAULT);
    for (int nice = -20; nice < 19; nice++) {
        u64 a = fair_cost_of_nice(nice), b = fair_cost_of_nice(nice + 1);
        assert_in_range(b * 1000 / a, 1249, 1251);
    }
    EXPECT_PANIC((void)fair_cost_of_nice(20));
    EXPECT_PANIC((void)fair_cost_of_nice(-21));
}

static void shares_follow_nice(void **state)
{
    struct fairq q;
    struct fair f[4];
    u64 ran[4] = { 0 };
    fairq_init(&q);
    for (int i = 0; i < 4; i++)
        fairq_insert(&q, fair_new(&f[i], i * 5), FAIR_LAST);
    run_turns(&q, f, ran, 100000);
    for (int i = 1; i < 4; i++) /* 1.25^5 is 3.05 */
        assert_in_range(ran[i - 1] * 100 / ran[i], 295, 315);
}

static void lowest_and_highest_run(void **state)
{
    struct fairq q;
    struct fair f[3];
    u64 ran[3] = { 0 };
    fairq_init(&q);
    fairq_insert(&q, fair_new(&f[0], -20), FAIR_LAST);
    fairq_insert(&q, fair_new(&f[1], 19), FAIR_LAST);
    fairq_insert(&q, fair_new(&f[2], 0), FAIR_LAST);
    f[1].cost = FAIR_COST_IDLE;
    run_turns(&q, f, ran, 1000000);
    assert_true(ran[1] > 0);
    assert_in_range(ran[0] / ran[2], 80, 95);
    assert_in_range(ran[2] / ran[1], 280, 400);
}

static void equals_take_turns(void **state)
{
    struct fairq q;
    struct fair f[MEMBERS];
    u64 ran[MEMBERS] = { 0 };
    fairq_init(&q);
    for (int i = 0; i < MEMBERS; i++)
        fairq_insert(&q, fair_new(&f[i], 0), FAIR_LAST);
    run_turns(&q, f, ran, MEMBERS * 100);
    for (int i = 0; i < MEMBERS; i++)
        assert_in_range(ran[i], 392, 408);
}

/* Whoever slept for long comes first, but only for so much. */
static void claims_are_bounded(void **state)
{
    struct fairq q;
    struct fair f[2], sleeper;
    u64 ran[2] = { 0 };
    fairq_init(&q);
    fair_new(&sleeper, 0);
    for (int i = 0; i < 2; i++)
        fairq_insert(&q, fair_new(&f[i], 0), FAIR_LAST);
    run_turns(&q, f, ran, 10000);
    fairq_bound(&q, &sleeper, false);
    fairq_insert(&q, &sleeper, FAIR_LAST);
    assert_ptr_equal(fairq_pop(&q), &sleeper);
    assert_in_range(fairq_now_ns(&q) - sleeper.vtime_ns, FAIRQ_LAG_NS, FAIRQ_LAG_NS);
    sleeper.vtime_ns = fairq_now_ns(&q) + 3600 * 1000 * MS;
    fairq_bound(&q, &sleeper, true);
    assert_int_equal(sleeper.vtime_ns, fairq_now_ns(&q) + FAIRQ_BEHIND_NS);
    assert_int_equal(fairq_credit(&q, &sleeper, 1000), 1000);
    assert_int_equal(fairq_credit(&q, &sleeper, 1000 * MS), FAIRQ_BEHIND_NS + FAIRQ_LAG_NS - 1000);
    sleeper.vtime_ns = 0; /* from another CPU, where it waited for long */
    fairq_bound(&q, &sleeper, true);
    assert_int_equal(sleeper.vtime_ns, fairq_now_ns(&q) - FAIRQ_BEHIND_NS);
    assert_int_equal(fairq_credit(&q, &sleeper, 1000 * MS), 0);
}

static void forking_wins_nothing(void **state)
{
    struct fairq q;
    struct fair parent, child;
    fairq_init(&q);
    fair_new(&parent, 0);
    fair_new(&child, 0);
    parent.vtime_ns = fairq_now_ns(&q) - 1000;
    assert_int_equal(fairq_divide(&q, &parent, &child, 0), 0);
    assert_int_equal(fairq_now_ns(&q) - parent.vtime_ns + fairq_now_ns(&q) - child.vtime_ns, 1000);
    parent.vtime_ns = fairq_now_ns(&q) - 1000;
    assert_int_equal(fairq_divide(&q, &parent, &child, 600), 600);
    assert_int_equal(fairq_now_ns(&q) - parent.vtime_ns + fairq_now_ns(&q) - child.vtime_ns, 1600);
    assert_int_equal(fairq_divide(&q, &parent, &child, UINT64_MAX), 800);
    assert_int_equal(fairq_now_ns(&q) - child.vtime_ns, 800);
    parent.vtime_ns = fairq_now_ns(&q) + 1000;
    assert_int_equal(fairq_divide(&q, &parent, &child, UINT64_MAX), 0);
    assert_int_equal(child.vtime_ns, fairq_now_ns(&q) + 1000);
}

static void yielding_lets_the_next_go(void **state)
{
    struct fairq q;
    struct fair a, b;
    fairq_init(&q);
    fair_new(&a, 0);
    fair_new(&b, 0);
    a.vtime_ns = fairq_now_ns(&q);
    b.vtime_ns = fairq_now_ns(&q) + 20 * MS;
    fairq_insert(&q, &b, FAIR_LAST);
    fairq_yield(&q, &a);
    fairq_insert(&q, &a, FAIR_LAST);
    assert_ptr_equal(fairq_pop(&q), &b);
    fairq_insert(&q, &b, FAIR_FIRST); /* interrupted in its turn: it goes on */
    assert_ptr_equal(fairq_pop(&q), &b);
    assert_ptr_equal(fairq_pop(&q), &a);
    assert_null(fairq_pop(&q));
    fairq_yield(&q, &a); /* nobody to let go */
}

/* In one slot: who was interrupted, those that woke in their order, those whose turn is over in theirs. */
static void wakers_go_before_turns_that_ended(void **state)
{
    static const enum fair_order order[] = { FAIR_LAST, FAIR_EARLY, FAIR_LAST, FAIR_EARLY, FAIR_FIRST, FAIR_EARLY };
    static const int out[] = { 4, 1, 3, 5, 0, 2 };
    struct fairq q;
    struct fair f[6];
    fairq_init(&q);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 6; i++) {
            fair_new(&f[i], 0)->vtime_ns = fairq_now_ns(&q);
            fairq_insert(&q, &f[i], order[i]);
        }
        if (round == 1) { /* the last of the early ones is taken away, and another one comes behind the one before */
            fairq_remove(&q, &f[5]);
            fairq_insert(&q, &f[5], FAIR_EARLY);
        }
        for (int i = 0; i < 6; i++)
            assert_ptr_equal(fairq_pop(&q), &f[out[i]]);
    }
}

/* Taking turns by fairq_exchange is what inserting and popping gives, with one member and with more. */
static void exchange_is_insert_and_pop(void **state)
{
    for (int members = 1; members < 5; members++) {
        struct fairq q, p;
        struct fair a[5], b[5];
        fairq_init(&q);
        fairq_init(&p);
        for (int i = 0; i < 5; i++) {
            fair_new(&a[i], i - 2)->vtime_ns = fairq_now_ns(&q);
            fair_new(&b[i], i - 2)->vtime_ns = fairq_now_ns(&p);
        }
        for (int i = 1; i <= members; i++) {
            fairq_insert(&q, &a[i], FAIR_LAST);
            fairq_insert(&p, &b[i], FAIR_LAST);
        }
        struct fair *x = &a[0], *y = &b[0];
        srand(members);
        for (int step = 0; step < 10000; step++) {
            u64 ran = (u64)rand() % (9 * MS);
            bool first = rand() % 2;
            fair_charge(x, ran);
            fair_charge(y, ran);
            x = fairq_exchange(&q, x, first);
            fairq_insert(&p, y, first ? FAIR_FIRST : FAIR_LAST);
            y = fairq_pop(&p);
            assert_int_equal(x - a, y - b);
            assert_int_equal(q.now, p.now);
            assert_int_equal(q.n, members);
        }
    }
}

/* Both ways through all members, each once. */
static void members_are_listed(void **state)
{
    static struct fair f[MEMBERS];
    struct fairq q;
    fairq_init(&q);
    assert_null(fairq_first(&q));
    assert_null(fairq_last(&q));
    for (unsigned n = 0; n < MEMBERS; n++) {
        fair_new(&f[n], 0)->vtime_ns = fairq_now_ns(&q) + (u64)(n * 7919 % 300) * MS;
        fairq_insert(&q, &f[n], FAIR_LAST);
        unsigned there = 0, back = 0;
        for (struct fair *x = fairq_first(&q); x; x = fairq_after(&q, x))
            there++;
        for (struct fair *x = fairq_last(&q); x; x = fairq_before(&q, x))
            back++;
        assert_int_equal(there, n + 1);
        assert_int_equal(back, n + 1);
    }
}

static u64 claim(const struct fairq *q, const struct fair *f)
{
    return MIN(MAX(fair_slot(f), q->now - FAIRQ_BEHIND), q->now - FAIRQ_BEHIND + FAIRQ_SLOTS - 1);
}

/* Random traffic against the plain definition: what comes out has the least slot of all. */
static void a_million_steps(void **state)
{
    static struct fair f[MEMBERS];
    static bool in[MEMBERS];
    struct fairq q;
    unsigned n = 0;
    fairq_init(&q);
    srand(3);
    for (int i = 0; i < MEMBERS; i++)
        fair_new(&f[i], rand() % 40 - 20);
    for (int step = 0; step < 1000000; step++) {
        int i = rand() % MEMBERS;
        if (rand() % 2 && !in[i]) {
            fairq_bound(&q, &f[i], rand() % 2);
            fairq_insert(&q, &f[i], (enum fair_order)(rand() % 3));
            in[i] = true;
            n++;
        } else if (in[i] && rand() % 4 == 0) {
            fairq_remove(&q, &f[i]);
            in[i] = false;
            n--;
        } else {
            u64 least = UINT64_MAX;
            for (int k = 0; step % 16 == 0 && k < MEMBERS; k++)
                if (in[k])
                    least = MIN(least, claim(&q, &f[k]));
            u64 now = q.now;
            struct fair *got = fairq_pop(&q);
            assert_int_equal(!got, n == 0);
            if (!got)
                continue;
            assert_true(q.now >= now);
            if (step % 16 == 0)
                assert_true(fair_slot(got) <= least || q.now > now); /* or it came by hops */
            in[got - f] = false;
            n--;
            fair_charge(got, (u64)rand() % (8 * MS));
        }
        assert_int_equal(q.n, n);
        assert_int_equal(q.occupied == 0 && !q.single, n == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_steps_of_a_quarter),
        cmocka_unit_test(shares_follow_nice),
        cmocka_unit_test(lowest_and_highest_run),
        cmocka_unit_test(equals_take_turns),
        cmocka_unit_test(claims_are_bounded),
        cmocka_unit_test(forking_wins_nothing),
        cmocka_unit_test(yielding_lets_the_next_go),
        cmocka_unit_test(wakers_go_before_turns_that_ended),
        cmocka_unit_test(exchange_is_insert_and_pop),
        cmocka_unit_test(members_are_listed),
        cmocka_unit_test(a_million_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
