/* rt_sigreturn from frames that no kernel made: a good one with random changes, tens of thousands of
 * times. Whatever comes of it happens to the caller, which goes on if it can and is replaced if not.
 *
 *     abi_sigfuzz [CALLS [SEED]]      20000 calls, seed 1 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define FPU_BYTES 8192u

struct shared { volatile unsigned long done; unsigned long state; };
static struct shared *shared;
static sigjmp_buf again;
static char alt_stack[65536], own_stack[65536] __attribute__((aligned(16)));
static struct { ucontext_t uc; } good __attribute__((aligned(64))), bad __attribute__((aligned(64)));
static uint8_t good_fpu[FPU_BYTES] __attribute__((aligned(64))), bad_fpu[FPU_BYTES] __attribute__((aligned(64)));
static unsigned fpu_size;
void *landing_stack = own_stack + sizeof own_stack - 64;

void landed(void);
void landing(void);
/* Nothing of what the frame said is relied on here but RIP. */
__asm__(".globl landing\nlanding:\n movq landing_stack(%rip), %rsp\n pushq $0x202\n popfq\n fninit\n call landed\n");
void landed(void) { siglongjmp(again, 1); }

static void on_fault(int signo) { siglongjmp(again, signo); }

static uint64_t pick(void)
{
    shared->state ^= shared->state << 13;
    shared->state ^= shared->state >> 7;
    shared->state ^= shared->state << 17;
    return shared->state;
}

static void on_capture(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)info;
    memcpy(&good.uc, context, sizeof(uint64_t) * 40); /* the kernel's part: to the first word of the mask */
    const uint8_t *fpu = (const uint8_t *)good.uc.uc_mcontext.fpregs;
    uint32_t magic, size;
    memcpy(&magic, fpu + 464, 4); /* struct _fpx_sw_bytes */
    memcpy(&size, fpu + 468, 4);
    fpu_size = magic == 0x46505853 && size <= FPU_BYTES ? size : 512;
    memcpy(good_fpu, fpu, fpu_size);
}

static void capture(void)
{
    struct sigaction act = { .sa_sigaction = on_capture, .sa_flags = SA_SIGINFO };
    double used = (double)getpid();
    __asm__ volatile("movsd %0, %%xmm3" : : "m"(used) : "xmm3"); /* so that there is a state to save */
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
}

static uint64_t odd_value(void)
{
    static const uint64_t odd[] = { 0, 1, 8, 0xfff, 0x1000, 0x7fffffffe000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
                                    0x8000000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffffffff80000000, ~0ull, ~7ull };
    uint64_t r = pick() % (sizeof odd / sizeof *odd + 4);
    switch (r) {
    case 0: return (uintptr_t)&bad;
    case 1: return (uintptr_t)bad_fpu + (pick() & 63);
    case 2: return (uintptr_t)own_stack + pick() % sizeof own_stack;
    case 3: return pick();
    default: return odd[r - 4];
    }
}

static void change_one(void)
{
    uint64_t *words = (uint64_t *)&bad.uc;
    greg_t *regs = bad.uc.uc_mcontext.gregs;
    switch (pick() % 8) {
    case 0: words[pick() % 40] = odd_value(); break;
    case 1: words[pick() % 40] = pick(); break;
    case 2: regs[REG_EFL] = (greg_t)pick(); break;
    case 3: regs[pick() % 2 ? REG_RIP : REG_RSP] = (greg_t)odd_value(); break;
    case 4: bad.uc.uc_mcontext.fpregs = (void *)odd_value(); break;
    case 5: bad_fpu[pick() % fpu_size] = (uint8_t)pick(); break;
    case 6: memset(bad_fpu + pick() % 640, (int)pick(), pick() % 64); break; /* software bytes, header */
    default: bad.uc.uc_stack.ss_size = odd_value(); break;
    }
}

static void return_from(void *frame)
{
    __asm__ volatile("movq %0, %%rsp\n movl $15, %%eax\n syscall\n ud2" : : "r"(frame) : "memory");
    __builtin_unreachable();
}

static void one_call(void)
{
    bad = good;
    memcpy(bad_fpu, good_fpu, sizeof bad_fpu);
    bad.uc.uc_mcontext.fpregs = (void *)bad_fpu;
    bad.uc.uc_mcontext.gregs[REG_RIP] = (greg_t)landing;
    for (uint64_t n = pick() % 5; n > 0; n--)
        change_one();
    return_from(pick() % 64 ? (void *)&bad : (void *)odd_value());
}

static void child(unsigned long calls)
{
    stack_t stack = { .ss_sp = alt_stack, .ss_size = sizeof alt_stack };
    struct sigaction act = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };
    int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };
    for (int i = 0; i < 5; i++)
        sigaction(numbers[i], &act, NULL);
    capture();
    (void)sigsetjmp(again, 1);
    sigaltstack(&stack, NULL);
    while (shared->done < calls) {
        shared->done++;
        one_call();
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared->state = 0x9e3779b97f4a7c15ull * (argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
    bool strange = false;
    unsigned lives = 0;
    while (shared->done < calls) {
        int raw = 0;
        pid_t pid = fork();
        if (pid == 0)
            child(calls);
        lives++;
        strange |= waitpid(pid, &raw, 0) != pid || (WIFEXITED(raw) && WEXITSTATUS(raw) != 0);
    }
    if (argc > 1)
        printf("%u processes\n", lives);
    CHECK(!strange);
    CHECK(shared->done == calls);
    return check_result();
}
