/* In-kernel tests, run by selftest=NAME[,NAME...] or selftest=all on the command line after the
 * scheduler is up; "selftest: NAME ok" or a panic. Those whose name starts with "die-" provoke a
 * panic on purpose (die-stack, die-null, die-ud, die-assert, die-df, die-oops). */
#pragma once
void selftest_run(const char *list);
