/* Undefined behaviour on purpose: each kind is named, with its place. */
#include "init/selftest.h"

static volatile int far = 40, most = 0x7fffffff, behind = 4;
static volatile int sink;

static void die_ub_shift(void) { sink = 1 << far; }
SELFTEST("die-ub-shift", die_ub_shift);

static void die_ub_overflow(void) { sink = most + 1; }
SELFTEST("die-ub-overflow", die_ub_overflow);

static void die_ub_index(void)
{
    static int few[4];

    sink = few[behind];
}
SELFTEST("die-ub-index", die_ub_index);
