/* Loading programs: again and again without a trace, and undone whatever step fails. And the way
 * to ring 3 and back without any program file. */
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/linux.h"
#include "mm/alloc_fault.h"
#include "mm/slab.h"
#include "sched/thread.h"

#define LOADS 1000
#define PROGRAM "/bin/echo"

static void load(void)
{
    int r = linux_exec_try(PROGRAM);
    if (r)
        panic("exec of " PROGRAM ": error %d", -r);
}

static void exec_repeat(void)
{
    load();
    struct resources before = resources_now();
    for (unsigned i = 0; i < LOADS; i++)
        load();
    resources_expect(&before, "exec-repeat");
}
SELFTEST("exec-repeat", exec_repeat);

/* The allocation that fails, counted from 1; only this thread's count. */
static u64 fail_at, allocations;
static const struct thread *victim;

static bool fail_the_chosen_one(void) { return thread_current() == victim && ++allocations == fail_at; }

static int load_failing_at(u64 k)
{
    fail_at = k;
    allocations = 0;
    victim = thread_current();
    __atomic_store_n(&alloc_fault, fail_the_chosen_one, __ATOMIC_RELEASE);
    int r = linux_exec_try(PROGRAM);
    __atomic_store_n(&alloc_fault, NULL, __ATOMIC_RELEASE);
    return r;
}

static void exec_unwinds(void)
{
    load();
    struct resources before = resources_now();
    u64 k = 1;
    for (;; k++) {
        int r = load_failing_at(k);
        if (allocations < k)
            break; /* fewer are needed: none failed */
        /* A reserve may stand in for what failed; but no other error, and nothing left behind. */
        if (r != 0 && r != -ENOMEM)
            panic("exec-unwinds: error %d when allocation %lu failed", -r, k);
        resources_expect(&before, "exec-unwinds");
    }
    heap_check();
    kinfo("exec-unwinds: %lu allocations, each failed once", k - 1);
    ASSERT(k > 10);
}
SELFTEST("exec-unwinds", exec_unwinds);

static void expect_status(const unsigned char *code, size_t size, int want)
{
    int status = -1, r = linux_run_code(code, size, &status);
    if (r || status != want)
        panic("stub: error %d, status %#x, not %#x", -r, (unsigned)status, (unsigned)want);
}

static void user_stub(void)
{
    static const unsigned char exit_42[] = { 0xbf, 42, 0, 0, 0, /* mov edi, 42 */
                                             0xb8, 60, 0, 0, 0, /* mov eax, SYS_exit */
                                             0x0f, 0x05 };      /* syscall */
    static const unsigned char undefined[] = { 0x0f, 0x0b };    /* ud2 */
    static const unsigned char halt[] = { 0xf4 };               /* hlt: ring 0's alone */
    expect_status(exit_42, sizeof exit_42, 42 << 8);
    expect_status(undefined, sizeof undefined, 4); /* SIGILL */
    expect_status(halt, sizeof halt, 11);          /* SIGSEGV */
    struct resources before = resources_now();
    for (unsigned i = 0; i < 20; i++)
        expect_status(exit_42, sizeof exit_42, 42 << 8);
    resources_expect(&before, "user-stub");
}
SELFTEST("user-stub", user_stub);
