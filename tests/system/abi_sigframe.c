/* The frame on the stack: registers and FPU come back whole, and a frame, a stack or flags made up
 * by a program hurt that program only. */
#include "check.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

static volatile int hits;
static volatile greg_t want_rip, want_rsp, want_flags;
static volatile int change;
enum { KEEP, RIP, RSP, FLAGS, SEGMENTS, FPSTATE, FPSTATE_BITS, MASK, CONTEXT_STACK };

static void spoil_fpu(void)
{
    static const uint8_t junk[16] = { 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    __asm__ volatile("movdqu %0, %%xmm0\n movdqu %0, %%xmm7\n movdqu %0, %%xmm15\n fninit\n fldpi" : : "m"(junk)
                     : "xmm0", "xmm7", "xmm15");
}

static void on_signal(int signo, siginfo_t *info, void *opaque)
{
    ucontext_t *context = opaque;
    greg_t *regs = context->uc_mcontext.gregs;
    (void)signo, (void)info;
    hits++;
    spoil_fpu();
    switch (change) {
    case RIP: regs[REG_RIP] = want_rip; break;
    case RSP: regs[REG_RSP] = want_rsp; break;
    case FLAGS: regs[REG_EFL] = want_flags; break;
    case SEGMENTS: regs[REG_CSGSFS] = want_rip; break;
    case FPSTATE: context->uc_mcontext.fpregs = (void *)want_rip; break;
    case FPSTATE_BITS: memset(context->uc_mcontext.fpregs, 0xff, 512); break;
    case MASK: memset(&context->uc_sigmask, 0xff, 8); break;
    case CONTEXT_STACK: context->uc_stack = (stack_t){ (void *)want_rip, 7, 1 }; break;
    default: break;
    }
}

static void arm(int what, unsigned long value)
{
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    change = what;
    want_rip = want_rsp = want_flags = (greg_t)value;
}

/* Every register and the FPU hold a pattern while kill() delivers; the sum of what changed. */
static unsigned registers_across(void)
{
    uint64_t x[6] = { 0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666 }, y[6], st_in = 0, st_out = 0;
    uint32_t mxcsr_in = 0x1f80 | 0x6000, mxcsr_out = 0;
    uint16_t cw_in = 0x0f7f, cw_out = 0;
    double number = 1.2345;
    unsigned long result, pid = (unsigned long)getpid();
    __asm__ volatile("ldmxcsr %[mi]\n fninit\n fldcw %[ci]\n fldl %[n]\n"
                     "movdqu (%[x]), %%xmm0\n movdqu 16(%[x]), %%xmm7\n movdqu 32(%[x]), %%xmm15\n"
                     "movl $62, %%eax\n movq %[pid], %%rdi\n movl $10, %%esi\n syscall\n"
                     "movdqu %%xmm0, (%[y])\n movdqu %%xmm7, 16(%[y])\n movdqu %%xmm15, 32(%[y])\n"
                     "fstpl %[so]\n fnstcw %[co]\n stmxcsr %[mo]\n fninit\n"
                     : "=&a"(result), [mo] "=m"(mxcsr_out), [co] "=m"(cw_out), [so] "=m"(st_out)
                     : [x] "r"(x), [y] "r"(y), [pid] "r"(pid), [mi] "m"(mxcsr_in), [ci] "m"(cw_in), [n] "m"(number)
                     : "rdi", "rsi", "rcx", "r11", "xmm0", "xmm7", "xmm15", "memory");
    uint32_t usual = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(usual));
    memcpy(&st_in, &number, 8);
    return (result != 0) + 2u * (memcmp(x, y, 48) != 0) + 4u * (st_in != st_out) + 8u * (mxcsr_in != mxcsr_out) + 16u * (cw_in != cw_out);
}

static void check_state_kept(void)
{
    arm(KEEP, 0);
    unsigned wrong = 0;
    for (int i = 0; i < 1000; i++)
        wrong |= registers_across();
    SHOW(wrong);
    SHOW(hits);
}

/* What a child comes to whose handler returns through a frame changed at one place. */
static int child_with(int what, unsigned long value)
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        hits = 0;
        arm(what, value);
        raise(SIGUSR1);
        raise(SIGUSR1);
        _exit(40 + hits);
    }
    return waitpid(pid, &raw, 0) == pid ? raw & 0xff7f : -1; /* without the core flag */
}

static void check_frames(void)
{
    SHOW(child_with(KEEP, 0));
    SHOW(child_with(RIP, 0));
    SHOW(child_with(RIP, 0xffffffff80000000UL));
    SHOW(child_with(RIP, 0x8000000000000000UL));
    SHOW(child_with(RIP, 0x800000000000UL));
    SHOW(child_with(RIP, 0x7ffffffff000UL));
    SHOW(child_with(RSP, 0));
    SHOW(child_with(RSP, 0xffffffff80000000UL));
    int lost = child_with(RSP, 0x8000000000000000UL); /* #SS is SIGBUS; emulators raise #GP instead */
    CHECK(lost == 7 || lost == 11);
    SHOW(child_with(FPSTATE, 0));
    SHOW(child_with(FPSTATE, 1));
    SHOW(child_with(FPSTATE, 0xffffffff80000000UL));
    SHOW(child_with(FPSTATE, 0x8000000000000000UL));
    SHOW(child_with(FPSTATE, 0x7fffffffffffUL));
    int odd = child_with(FPSTATE_BITS, 0); /* refused, or every exception unmasked: by CPU */
    CHECK(odd == SIGSEGV || odd == SIGFPE || odd == 42 << 8);
    SHOW(child_with(FLAGS, 0x246));
    SHOW(child_with(FLAGS, 0x3000 | 0x202));  /* IOPL is not for programs */
    SHOW(child_with(FLAGS, 0x2));             /* nor is IF: still interrupted */
    SHOW(child_with(FLAGS, 0x40202));         /* AC */
    SHOW(child_with(FLAGS, 0x4202));          /* NT */
    SHOW(child_with(FLAGS, 0x20202));         /* VM */
    SHOW(child_with(MASK, 0));
    SHOW(child_with(CONTEXT_STACK, 0xffffffff80000000UL));
}

static void return_without_frame(void)
{
    syscall(SYS_rt_sigreturn);
}

static void return_on_kernel_stack(void)
{
    __asm__ volatile("movq $0xffffffff80001000, %%rsp\n movl $15, %%eax\n syscall" : : : "memory");
}

static void return_on_zeroes(void)
{
    static char zeroes[8192];
    __asm__ volatile("movq %0, %%rsp\n movl $15, %%eax\n syscall" : : "r"(zeroes + 1024) : "memory");
}

static void return_on_ones(void)
{
    static char ones[8192];
    memset(ones, 0xff, sizeof ones);
    __asm__ volatile("movq %0, %%rsp\n movl $15, %%eax\n syscall" : : "r"(ones + 1024) : "memory");
}

static void deliver_on(void *where, size_t size)
{
    stack_t stack = { .ss_sp = where, .ss_size = size };
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaction(SIGUSR1, &action, NULL);
    if (sigaltstack(&stack, NULL) == 0)
        raise(SIGUSR1);
}

static void altstack_in_kernel(void)
{
    deliver_on((void *)0xffffffff80000000UL, 65536);
}

static void altstack_unmapped(void)
{
    deliver_on((void *)0x10000, 8192);
}

static void altstack_wraps(void)
{
    deliver_on((void *)0x10000, ~0UL);
}

static void altstack_read_only(void)
{
    deliver_on(mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536);
}

static void stack_pointer_lost(void)
{
    arm(KEEP, 0);
    __asm__ volatile("movq $0x8000, %%rsp\n movl $39, %%eax\n syscall\n movl %%eax, %%edi\n movl $10, %%esi\n movl $62, %%eax\n syscall\n"
                     : : : "memory");
}

static void handler_in_kernel(void)
{
    struct sigaction action = { .sa_handler = (void (*)(int))0xffffffff80000000UL };
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

static void endless_nesting(void)
{
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, NULL);
    __asm__ volatile("xorl %%esp, %%esp\n pushq %%rax" : : : "memory");
}

static void check_hostile(void)
{
    SHOW(status_of(return_without_frame) & 0x7f);
    SHOW(status_of(return_on_kernel_stack) & 0x7f);
    SHOW(status_of(return_on_zeroes) & 0x7f);
    SHOW(status_of(return_on_ones) & 0x7f);
    SHOW(status_of(altstack_in_kernel) & 0x7f);
    SHOW(status_of(altstack_unmapped) & 0x7f);
    SHOW(status_of(altstack_wraps) & 0x7f);
    SHOW(status_of(altstack_read_only) & 0x7f);
    SHOW(status_of(stack_pointer_lost) & 0x7f);
    SHOW(status_of(handler_in_kernel) & 0x7f);
    SHOW(status_of(endless_nesting) & 0x7f);
}

static volatile int traps;
static void on_trap(int signo, siginfo_t *info, void *opaque)
{
    (void)signo;
    if (traps++ == 0)
        printf("trap code %d\n", info->si_code);
    if (traps > 50)
        ((ucontext_t *)opaque)->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
}

static void trap_flag_alone(void)
{
    __asm__ volatile("subq $128, %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n addq $128, %%rsp" : : : "memory", "cc");
}

static void trap_flag_syscall(void)
{
    __asm__ volatile("subq $128, %%rsp\n pushfq\n orq $0x100, (%%rsp)\n movl $39, %%eax\n popfq\n syscall\n nop\n addq $128, %%rsp"
                     : : : "memory", "cc", "rax", "rcx", "r11");
}

static void odd_flags_syscall(void)
{
    int wrong = 0;
    unsigned long flags;
    for (int i = 0; i < 1000; i++) {
        __asm__ volatile("subq $128, %%rsp\n pushfq\n orq $0x40400, (%%rsp)\n popfq\n movl $39, %%eax\n syscall\n"
                         "pushfq\n popq %0\n pushfq\n andq $~0x40400, (%%rsp)\n popfq\n addq $128, %%rsp"
                         : "=&r"(flags) : : "memory", "cc", "rax", "rcx", "r11");
        wrong += (flags & 0x40400) != 0x40400;
    }
    _exit(wrong ? 1 : 0);
}

static void check_trap_flag(void)
{
    SHOW(status_of(trap_flag_alone) & 0x7f);
    SHOW(status_of(trap_flag_syscall) & 0x7f);
    SHOW(status_of(odd_flags_syscall));
    struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
    sigaction(SIGTRAP, &action, NULL);
    __asm__ volatile("subq $128, %%rsp\n pushfq\n orq $0x100, (%%rsp)\n popfq\n movl $60, %%ecx\n 1: decl %%ecx\n jnz 1b\n addq $128, %%rsp"
                     : : : "memory", "cc", "rcx");
    SHOW(traps);
}

static volatile struct { int signo, code; void *addr; } fault;
static void on_fault(int signo, siginfo_t *info, void *opaque)
{
    greg_t *regs = ((ucontext_t *)opaque)->uc_mcontext.gregs;
    fault.signo = signo, fault.code = info->si_code, fault.addr = info->si_addr;
    regs[REG_RIP] = regs[REG_RBX]; /* where to go on */
}

#define FAULT(instructions, operand)                                                              \
    do {                                                                                          \
        fault.signo = 0;                                                                          \
        __asm__ volatile("leaq 9f(%%rip), %%rbx\n " instructions "\n 9:" : : "a"(operand) : "rbx", "rcx", "rdx", "memory", "cc"); \
        printf("%s: signal %d code %d\n", instructions, fault.signo, fault.code);                \
    } while (0)

static void check_fault_codes(void)
{
    int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    for (int i = 0; i < 5; i++)
        sigaction(numbers[i], &action, NULL);
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    FAULT("movb $1, (%%rax)", page);
    CHECK(fault.addr == page);
    FAULT("movb (%%rax), %%cl", none);
    FAULT("movb (%%rax), %%cl", 16);
    CHECK(fault.addr == (void *)16);
    FAULT("movb (%%rax), %%cl", 0xffffffff80000000UL);
    FAULT("movb (%%rax), %%cl", 0x8000000000000000UL);
    FAULT("jmp *%%rax", page);
    FAULT("xorl %%edx, %%edx\n xorl %%ecx, %%ecx\n divl %%ecx", 1);
    FAULT("ud2", 0);
    FAULT("int3", 0);
    FAULT("hlt", 0);
    FAULT("cli", 0);
    FAULT("movq %%cr3, %%rcx", 0);
    FAULT("inb $0x60, %%al", 0);
    FAULT("int $3", 0);
    FAULT("int $0x20", 0);
    FAULT("int $0xff", 0);
    FAULT("int $8", 0);
    FAULT("rdmsr", 0);
    FAULT("movw %%ax, %%fs", 0xfff8);
}

int main(void)
{
    check_state_kept();
    check_frames();
    check_hostile();
    check_trap_flag();
    check_fault_codes();
    return check_result();
}
