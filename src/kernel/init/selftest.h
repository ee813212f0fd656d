/* In-kernel tests, run by selftest=NAME[,NAME...] or selftest=all on the command line once the
 * root file system is up: "selftest: NAME ok" or a panic. Those whose name starts with "die-"
 * provoke a panic on purpose, to show that it explains itself; "bench-" measures; "all" leaves both
 * out. */
#pragma once
#include "lib/types.h"

struct selftest { const char *name; void (*run)(void); };
#define SELFTEST(name_, fn_)                                                                 \
    static const struct selftest selftest_##fn_                                              \
        __attribute__((used, section(".selftests"), aligned(8))) = { name_, fn_ }

void selftest_run(const char *list);
