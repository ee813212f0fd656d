/* Sources: src/kernel/linux/signal_queue.c */
/* Queues of waiting signals: order, what is dropped, signals without an entry. */
#include "tests/unit/host.h"
#include "linux/abi/sigframe.h"
#include "linux/signal_queue.h"
#include <stdlib.h>

void *kmalloc(size_t n) { return malloc(n); }
void kfree(void *p) { free(p); }

static struct lx_sigentry *entry(int sig, u64 value)
{
    struct lx_sigentry *e = calloc(1, sizeof *e);
    e->info.signo = sig;
    e->info.code = LX_SI_QUEUE;
    e->info.rt.value = value;
    return e;
}

static u64 take(struct lx_sigqueue *q, int sig)
{
    struct lx_siginfo info;
    struct lx_sigentry *e;
    lx_sigqueue_take(q, sig, &info, &e);
    free(e);
    assert_int_equal(info.signo, sig);
    return info.rt.value;
}

static void faults_go_first_then_low_numbers(void **state)
{
    (void)state;
    assert_int_equal(lx_sig_first(0), 0);
    assert_int_equal(lx_sig_first(LX_SIGBIT(1) | LX_SIGBIT(SIGSEGV)), SIGSEGV);
    assert_int_equal(lx_sig_first(LX_SIGBIT(SIGTERM) | LX_SIGBIT(64)), SIGTERM);
    assert_int_equal(lx_sig_first(LX_SIGBIT(64)), 64);
}

static void real_time_signals_queue_in_order(void **state)
{
    (void)state;
    struct lx_sigqueue q;
    lx_sigqueue_init(&q);
    for (u64 i = 1; i <= 3; i++)
        lx_sigqueue_add(&q, 40, entry(40, i));
    for (u64 i = 1; i <= 3; i++) {
        assert_true(q.set & LX_SIGBIT(40));
        assert_int_equal(take(&q, 40), i);
    }
    assert_int_equal(q.set, 0);
}

static void a_signal_without_entry_is_still_delivered(void **state)
{
    (void)state;
    struct lx_sigqueue q;
    struct lx_siginfo info;
    struct lx_sigentry *e;
    lx_sigqueue_init(&q);
    lx_sigqueue_add(&q, SIGALRM, NULL);
    lx_sigqueue_take(&q, SIGALRM, &info, &e);
    assert_null(e);
    assert_int_equal(info.signo, SIGALRM);
    assert_int_equal(info.code, LX_SI_KERNEL);
    assert_int_equal(q.set, 0);
}

static void dropping_takes_only_what_was_named(void **state)
{
    (void)state;
    struct lx_sigqueue q;
    struct list dropped = LIST_INIT(dropped);
    lx_sigqueue_init(&q);
    lx_sigqueue_add(&q, SIGTSTP, entry(SIGTSTP, 1));
    lx_sigqueue_add(&q, SIGTERM, entry(SIGTERM, 2));
    lx_sigqueue_add(&q, SIGTTIN, NULL);
    assert_int_equal(lx_sigqueue_drop(&q, LX_STOP_SIGNALS, &dropped), 1);
    lx_sigentries_free(&dropped);
    assert_int_equal(q.set, LX_SIGBIT(SIGTERM));
    assert_int_equal(take(&q, SIGTERM), 2);
}

static void defaults_are_as_in_signal_7(void **state)
{
    (void)state;
    assert_int_equal(lx_sig_default(SIGCHLD), LX_DEF_IGNORE);
    assert_int_equal(lx_sig_default(SIGTSTP), LX_DEF_STOP);
    assert_int_equal(lx_sig_default(SIGSEGV), LX_DEF_CORE);
    assert_int_equal(lx_sig_default(SIGTERM), LX_DEF_TERM);
    assert_int_equal(lx_sig_default(50), LX_DEF_TERM);
    assert_string_equal(lx_sig_name(SIGSYS), "SIGSYS");
    assert_string_equal(lx_sig_name(99), "real-time signal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_go_first_then_low_numbers),
        cmocka_unit_test(real_time_signals_queue_in_order),
        cmocka_unit_test(a_signal_without_entry_is_still_delivered),
        cmocka_unit_test(dropping_takes_only_what_was_named),
        cmocka_unit_test(defaults_are_as_in_signal_7),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
