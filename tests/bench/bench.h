/* What every test of the benchmark uses. A test prepares, calls measure_begin, does a fixed number of
 * rounds, calls measure_end and checks what it got; a check that fails ends its process, so a
 * result that is wrong is never a figure. */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef uint64_t u64;
typedef uint32_t u32;

enum { PAGE = 4096, EXIT_FAIL = 1, EXIT_SKIP = 2, TEST_SECONDS = 20 };

struct test { const char *name; void (*run)(void); };

extern const struct test call_tests[], file_tests[], ipc_tests[], switch_tests[], task_tests[], memory_tests[],
    program_tests[], console_tests[], key_tests[];
extern const char *program_path;

static inline u64 tsc(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (u64)high << 32 | low;
}

/* System calls without the library's wrappers: the kernel's negative errno as it is. */
static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long sys3(long nr, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

/* The loop whose cost is taken off again. */
#define ROUNDS(i, n) for (long i = 0, rounds_ = (n); __extension__({ __asm__ volatile("" : "+r"(i)); i < rounds_; }); i++)

void measure_begin(void);
/* `loops`: how often ROUNDS went round since measure_begin; `units`: what the time is divided by. */
void measure_end(u64 loops, u64 units);
void measure_ticks(u64 ticks, u64 units); /* what a test measured on its own */

/* Ends the test unless `good`: as `skip` where errno says that the kernel has no such call. */
void check_at(bool good, const char *what);
#define CHECK(condition) check_at((condition), #condition)

/* fork that must work, and the end of such a child: its status must be `status`. */
pid_t fork_checked(void);
void wait_checked(pid_t pid, int status);
/* Memory that children share; fresh private memory of 4 KiB pages. */
void *map_shared(size_t size);
char *map_private(size_t size);
int console_open(int flags); /* the first virtual console */

#endif
