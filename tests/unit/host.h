/* Host tests: one program per test_*.c, cmocka, ASan and UBSan. A test's first line names the
 * kernel sources it compiles, after the word "Sources:" in a comment. lib/string.c is never among
 * them: the host's libc has those functions. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

extern jmp_buf *host_panic_jump;
extern char host_panic_text[512];

/* Runs the statement and asserts that it panics. */
#define EXPECT_PANIC(statement)                                                              \
    do {                                                                                     \
        jmp_buf env_;                                                                        \
        host_panic_jump = &env_;                                                             \
        if (setjmp(env_) == 0) {                                                             \
            statement;                                                                       \
            host_panic_jump = NULL;                                                          \
            fail_msg("no panic: %s", #statement);                                            \
        }                                                                                    \
        host_panic_jump = NULL;                                                              \
    } while (0)
