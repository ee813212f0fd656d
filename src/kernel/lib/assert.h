/* Assertions and the kernel's last word. Host tests supply their own panic(). */
#pragma once
#include "lib/types.h"

/* Stop the machine: print cause, registers and a backtrace on every output. Never returns.
 * A panic means a bug of the kernel's own, never a bad program, file or device. */
NORETURN PRINTF_LIKE(1, 2) void panic(const char *fmt, ...);

/* If set: says more between the cause and the call chain. It must hold no lock and take none. */
extern void (*panic_more)(void (*say)(const char *line));

#define ASSERT(cond)                                                                          \
    do {                                                                                      \
        if (unlikely(!(cond)))                                                                \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond);                  \
    } while (0)
