/* futex: every operation's arguments, and what waiters see of it. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAKE_OP = 5, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128, REALTIME = 256 };
enum { OP_SET, OP_ADD, OP_OR, OP_ANDN, OP_XOR, OP_SHIFT = 8 };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };
#define OP(op, arg, cmp, against) ((unsigned)(op) << 28 | (unsigned)(cmp) << 24 | ((unsigned)(arg) & 0xfff) << 12 | ((unsigned)(against) & 0xfff))

static long futex(volatile void *addr, int op, unsigned val, long val2, volatile void *addr2, unsigned val3)
{
    return syscall(SYS_futex, addr, op, val, val2, addr2, val3);
}

static uint32_t one, two;
static atomic_int waiting, woken;

static void *wait_on(void *word)
{
    waiting++;
    while (futex(word, WAIT | PRIVATE, 0, 0, NULL, 0) == -1 && errno == EINTR)
        ;
    woken++;
    return NULL;
}

/* n threads that sleep at word: they are seen to sleep by being counted and given time. */
static void start(pthread_t *t, int n, uint32_t *word)
{
    waiting = woken = 0;
    for (int i = 0; i < n; i++)
        CHECK(pthread_create(&t[i], NULL, wait_on, word) == 0);
    while (waiting < n)
        sched_yield();
    sleep_ms(30);
}

static void join(pthread_t *t, int n)
{
    for (int i = 0; i < n; i++)
        pthread_join(t[i], NULL);
}

static void wake_op_changes(void)
{
    static const struct { unsigned op; uint32_t old; } each[] = {
        { OP(OP_SET, 5, CMP_EQ, 0), 9 }, { OP(OP_SET, -1, CMP_EQ, 0), 9 }, { OP(OP_ADD, -3, CMP_NE, 9), 9 },
        { OP(OP_OR, 6, CMP_LT, 10), 9 }, { OP(OP_ANDN, 8, CMP_LE, -1), 9 }, { OP(OP_XOR, 0x7ff, CMP_GT, 8), 9 },
        { OP(OP_SET | OP_SHIFT, 7, CMP_GE, 9), 9 }, { OP(OP_OR | OP_SHIFT, 31, CMP_GE, 10), 9 },
    };
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        two = each[i].old;
        long r = futex(&one, WAKE_OP | PRIVATE, 1, 1, &two, each[i].op);
        printf("wake_op %08x: %ld, %u -> %u\n", each[i].op, r, each[i].old, two);
    }
    SHOW(futex(&one, WAKE_OP, 1, 1, &two, OP(5, 0, 0, 0)));
    SHOW(futex(&one, WAKE_OP, 1, 1, &two, OP(0, 0, 6, 0)));
    SHOW(futex(&one, WAKE_OP, 1, 1, (char *)&two + 1, 0));
    SHOW(futex(&one, WAKE_OP, 1, 1, NULL, 0));
    two = 0;
}

static void wake_op_wakes(void)
{
    pthread_t a[2], b[3];
    one = two = 0;
    start(a, 2, &one);
    start(b, 3, &two);
    CHECK(futex(&one, WAKE_OP | PRIVATE, 2, 2, &two, OP(OP_ADD, 1, CMP_EQ, 1)) == 2 && two == 1);
    CHECK(futex(&one, WAKE_OP | PRIVATE, 2, 2, &two, OP(OP_ADD, 1, CMP_EQ, 1)) == 2 && two == 2);
    CHECK(futex(&two, WAKE | PRIVATE, 9, 0, NULL, 0) == 1);
    join(a, 2), join(b, 3);
}

static void requeue(void)
{
    pthread_t t[4];
    one = two = 0;
    start(t, 4, &one);
    CHECK(futex(&one, CMP_REQUEUE | PRIVATE, 1, 2, &two, 1) == -1 && errno == EAGAIN);
    CHECK(futex(&one, CMP_REQUEUE | PRIVATE, 1, 2, &two, 0) == 3);
    CHECK(futex(&two, WAKE | PRIVATE, 9, 0, NULL, 0) == 2);
    CHECK(futex(&one, REQUEUE | PRIVATE, 0, 9, &two, 0) == 1);
    CHECK(futex(&one, WAKE | PRIVATE, 9, 0, NULL, 0) == 0);
    CHECK(futex(&two, WAKE | PRIVATE, 9, 0, NULL, 0) == 1);
    join(t, 4);
}

/* The compared word's page has yet to be brought. */
static void requeue_untouched(void)
{
    uint32_t *far = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(futex(far, CMP_REQUEUE, 1, 1, far + 1024, 0) == 0);
    CHECK(munmap(far, 4096) == 0);
    CHECK(futex(far, CMP_REQUEUE | PRIVATE, 1, 1, &one, 0) == -1 && errno == EFAULT);
    CHECK(futex(far + 1024, CMP_REQUEUE | PRIVATE, 1, 1, far, 0) == 0);
    CHECK(munmap(far + 1024, 4096) == 0);
}

static void bitsets_and_clocks(void)
{
    struct timespec at;
    SHOW(futex(&one, WAIT_BITSET, 0, 0, NULL, 0));
    SHOW(futex(&one, WAKE_BITSET, 1, 0, NULL, 0));
    clock_gettime(CLOCK_REALTIME, &at);
    SHOW(futex(&one, WAIT_BITSET | REALTIME, one, (long)&at, NULL, ~0u));
    clock_gettime(CLOCK_MONOTONIC, &at);
    SHOW(futex(&one, WAIT_BITSET, one, (long)&at, NULL, ~0u));
    SHOW(futex(&one, WAIT_BITSET, one + 1, (long)&at, NULL, ~0u));
    at.tv_nsec = 1000000000;
    SHOW(futex(&one, WAIT, one, (long)&at, NULL, 0));
    SHOW(futex(&one, 77, 0, 0, NULL, 0));
}

static long membarrier(int command, unsigned flags) { return syscall(SYS_membarrier, command, flags, 0); }

static void membarriers(void)
{
    long known = membarrier(0, 0);
    CHECK((known & 0x7f) == 0x7f);
    SHOW(membarrier(8, 0)); /* before the registration */
    SHOW(membarrier(32, 0));
    SHOW(membarrier(16, 0));
    SHOW(membarrier(8, 0));
    SHOW(membarrier(32, 0));
    SHOW(membarrier(64, 0));
    SHOW(membarrier(32, 0));
    SHOW(membarrier(1, 0));
    SHOW(membarrier(4, 0));
    SHOW(membarrier(2, 0));
    SHOW(membarrier(1 << 20, 0));
    SHOW(membarrier(8, 77));
}

int main(void)
{
    membarriers();
    wake_op_changes();
    wake_op_wakes();
    requeue();
    requeue_untouched();
    bitsets_and_clocks();
    return check_result();
}
