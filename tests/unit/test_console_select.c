/* Sources: src/kernel/dev/console_select.c */
#include "tests/unit/host.h"
#include "dev/console_select.h"

static struct console_choice c[3];
static void choose(unsigned n, const char *const *w, unsigned nw)
{
    c[0].name = "ttyS0", c[1].name = "e9", c[2].name = "tty0";
    console_select(c, n, w, nw);
}
static void check(unsigned i, bool log, bool tty)
{
    assert_int_equal(c[i].log, log);
    assert_int_equal(c[i].tty, tty);
}
static void rules(void **state)
{
    choose(3, NULL, 0);
    check(0, true, true), check(1, true, true), check(2, true, true);
    choose(3, (const char *const[]){ "tty0", "ttyS0,115200n8" }, 2);
    check(0, true, true), check(1, false, false), check(2, true, false);
    choose(2, (const char *const[]){ "ttyS0", "tty0" }, 2);
    check(0, true, true), check(1, false, false);
    choose(2, (const char *const[]){ "tty0" }, 1);
    check(0, true, true), check(1, true, true);
    choose(3, (const char *const[]){ "ttyS01", "" }, 2);
    check(0, true, true), check(2, true, true);
    choose(0, NULL, 0);
}
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rules) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
