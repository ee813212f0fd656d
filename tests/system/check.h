/* Programs that test the kernel's ABI. They run on Linux first: Linux is the oracle. */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

static int failures;

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (condition) {                                                                     \
            printf("PASS %s\n", #condition);                                                 \
        } else {                                                                             \
            printf("FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);            \
            failures++;                                                                      \
        }                                                                                    \
        fflush(stdout);                                                                      \
    } while (0)

static inline int check_result(void)
{
    printf("%s\n", failures ? "FAILED" : "ALL PASS");
    return failures != 0;
}
