/* What the kernel must leave alone: registers and flags over every call, over faults, and over a
 * hundred thousand switches between processes; and what a program finds when it starts. */
#include "check.h"

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* In the order in which check_call stores them. */
struct registers { uint64_t rbx, rbp, r12, r13, r14, r15, rdi, rsi, rdx, r10, r8, r9, rsp, flags; uint64_t xmm[32]; };

/* Loads all registers from in, makes the call in rax, stores them into out. */
__asm__(".text\n.globl check_call\ncheck_call:\n"
        "pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
        "pushq %rsi\n" /* out */
        "movq %rdx, %rax\n movq %rdi, %r11\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movdqu 112+16*\\n(%r11), %xmm\\n\n .endr\n"
        "movq 0(%r11), %rbx\n movq 8(%r11), %rbp\n movq 16(%r11), %r12\n movq 24(%r11), %r13\n"
        "movq 32(%r11), %r14\n movq 40(%r11), %r15\n movq 48(%r11), %rdi\n movq 56(%r11), %rsi\n"
        "movq 64(%r11), %rdx\n movq 72(%r11), %r10\n movq 80(%r11), %r8\n movq 88(%r11), %r9\n"
        "pushq 104(%r11)\n popfq\n"
        "syscall\n"
        "pushfq\n popq %r11\n movq (%rsp), %rcx\n"
        "movq %r11, 104(%rcx)\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movdqu %xmm\\n, 112+16*\\n(%rcx)\n .endr\n"
        "movq %rbx, 0(%rcx)\n movq %rbp, 8(%rcx)\n movq %r12, 16(%rcx)\n movq %r13, 24(%rcx)\n"
        "movq %r14, 32(%rcx)\n movq %r15, 40(%rcx)\n movq %rdi, 48(%rcx)\n movq %rsi, 56(%rcx)\n"
        "movq %rdx, 64(%rcx)\n movq %r10, 72(%rcx)\n movq %r8, 80(%rcx)\n movq %r9, 88(%rcx)\n movq %rsp, 96(%rcx)\n"
        "pushq $0x202\n popfq\n cld\n"
        "popq %rsi\n popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n ret\n");
long check_call(const struct registers *in, struct registers *out, long number);

static uint64_t seed = 88172645463325252u;
static uint64_t random_next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void fill(struct registers *r)
{
    uint64_t *words = (uint64_t *)r;
    for (size_t i = 0; i < sizeof *r / 8; i++)
        words[i] = random_next();
}

static bool same(const struct registers *in, const struct registers *out)
{
    return memcmp(in, out, offsetof(struct registers, rsp)) == 0 && memcmp(in->xmm, out->xmm, sizeof in->xmm) == 0 &&
           in->flags == out->flags;
}

/* Calls without effect, and calls that do not exist, with any arguments at all. */
static void check_calls(void)
{
    static const int numbers[] = { SYS_getpid, SYS_gettid, SYS_getuid, SYS_getppid, SYS_sched_yield, SYS_umask, SYS_close,
                                   SYS_lseek, SYS_fsync, SYS_fchmod, 999, 5000, -1, SYS_getpgid, SYS_dup, SYS_sync };
    /* CF PF AF ZF SF DF OF AC ID on top of IF and bit 1 */
    static const uint64_t flags[] = { 0x202, 0x203, 0xad7, 0x602, 0x40202, 0x200202, 0x240ed7 };
    int bad = 0;
    struct registers in, out;
    for (int i = 0; i < 100000; i++) {
        fill(&in);
        in.flags = flags[(unsigned)i % 7];
        int number = numbers[(unsigned)i % 16];
        if (number == SYS_close || number == SYS_lseek || number == SYS_fsync || number == SYS_fchmod || number == SYS_dup)
            in.rdi |= 1u << 30;
        check_call(&in, &out, number);
        bad += !same(&in, &out);
    }
    umask(022);
    SHOW(bad);
}

/* Page faults and interrupts in the middle of a computation. */
static void check_faults(void)
{
    int bad = 0;
    enum { PAGES = 3000 };
    char *area = mmap(NULL, PAGES * 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < PAGES; i++) {
        uint64_t x[2] = { random_next(), random_next() }, y[2], mark = random_next(), kept;
        __asm__ volatile("movdqu (%2), %%xmm5\n movq %4, %%r11\n movb $1, (%3)\n movdqu %%xmm5, (%1)\n movq %%r11, %0\n"
                         : "=&r"(kept) : "r"(y), "r"(x), "r"(area + i * 4096), "r"(mark) : "memory", "xmm5", "r11");
        bad += kept != mark || x[0] != y[0] || x[1] != y[1];
    }
    SHOW(bad);
    munmap(area, PAGES * 4096L);
}

/* Holds a pattern in every register and yields, over and over; how often one was not as it was. */
static long switch_often(int rounds)
{
    long bad = 0;
    struct registers in, out;
    for (int i = 0; i < rounds; i++) {
        fill(&in);
        in.flags = i & 1 ? 0x203 : 0x602;
        check_call(&in, &out, SYS_sched_yield);
        bad += !same(&in, &out);
    }
    return bad;
}

/* The same without giving the CPU away: the timer takes it. */
static long spin_long(unsigned long until_us)
{
    long bad = 0;
    do {
        uint64_t x[2] = { random_next(), random_next() }, y[2];
        double in = (double)(int)random_next(), out;
        uint32_t mxcsr = 0x1f80 | (random_next() & 0x6000), after;
        __asm__ volatile("ldmxcsr %4\n fldl %5\n movdqu (%3), %%xmm9\n movl $3000, %%ecx\n 1: decl %%ecx\n jnz 1b\n"
                         "movdqu %%xmm9, (%2)\n fstpl %0\n stmxcsr %1\n"
                         : "=m"(out), "=m"(after) : "r"(y), "r"(x), "m"(mxcsr), "m"(in) : "memory", "xmm9", "ecx", "cc");
        bad += x[0] != y[0] || x[1] != y[1] || in != out || (mxcsr & 0xffc0) != (after & 0xffc0);
    } while (now_us() < until_us);
    uint32_t usual = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(usual));
    return bad;
}

static void check_switches(void)
{
    int raw, wrong = 0;
    unsigned long until = now_us() + 400000;
    for (int i = 0; i < 4; i++) {
        fflush(stdout);
        if (fork() == 0) {
            seed += (uint64_t)i * 1234567;
            cpu_set_t *one = calloc(1, 128);
            CPU_SET_S(0, 128, one);
            sched_setaffinity(0, 128, one); /* on Linux: all on one CPU, so that they do switch */
            _exit(switch_often(25000) + spin_long(until) ? 1 : 0);
        }
    }
    while (wait(&raw) > 0)
        wrong += raw != 0;
    SHOW(wrong);
}

/* A program's first instruction, in a fresh process: see entry_program. */
extern const char entry_start[], entry_end[];
__asm__(".section .rodata\n.globl entry_start, entry_end\nentry_start:\n"
        /* OR of all registers but rsp, 0 expected; flags; rsp modulo 16; code segment */
        "orq %rbx, %rax\n orq %rcx, %rax\n orq %rdx, %rax\n orq %rsi, %rax\n orq %rdi, %rax\n orq %rbp, %rax\n"
        "orq %r8, %rax\n orq %r9, %rax\n orq %r10, %rax\n orq %r11, %rax\n orq %r12, %rax\n orq %r13, %rax\n orq %r14, %rax\n orq %r15, %rax\n"
        "xorl %edi, %edi\n testq %rax, %rax\n jz 1f\n orl $1, %edi\n1:\n"
        "testq $15, %rsp\n jz 1f\n orl $2, %edi\n1:\n"
        "movw %cs, %ax\n cmpw $0x33, %ax\n je 1f\n andw $3, %ax\n cmpw $3, %ax\n je 1f\n orl $4, %edi\n1:\n"
        "movq %xmm0, %rax\n psrldq $8, %xmm0\n movq %xmm0, %rcx\n orq %rcx, %rax\n jz 1f\n orl $8, %edi\n1:\n"
        "movq %xmm15, %rax\n psrldq $8, %xmm15\n movq %xmm15, %rcx\n orq %rcx, %rax\n jz 1f\n orl $8, %edi\n1:\n"
        "subq $16, %rsp\n stmxcsr (%rsp)\n cmpl $0x1f80, (%rsp)\n je 1f\n orl $16, %edi\n1:\n"
        "fnstcw (%rsp)\n cmpw $0x37f, (%rsp)\n je 1f\n orl $32, %edi\n1:\n"
        "cmpq $1, 16(%rsp)\n je 1f\n orl $64, %edi\n1:\n"
        "movl $60, %eax\n syscall\nentry_end:\n.text\n");

static void write_entry_program(int fd)
{
    unsigned char image[4096] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
    uint64_t base = 0x400000, code = 0x100, size = (uint64_t)(entry_end - entry_start) + code;
    uint16_t half[] = { 2, 62 }, sizes[] = { 64, 56, 1, 0, 0, 0 };
    uint32_t one = 1, load[2] = { 1, 5 };
    uint64_t entry = base + code, table = 64, header[] = { 0, base, base, size, size, 4096 };
    memcpy(image + 16, half, 4), memcpy(image + 20, &one, 4), memcpy(image + 24, &entry, 8), memcpy(image + 32, &table, 8);
    memcpy(image + 52, sizes, 12), memcpy(image + 64, load, 8), memcpy(image + 72, header, 48);
    memcpy(image + code, entry_start, (size_t)(entry_end - entry_start));
    (void)!write(fd, image, size);
}

static void check_entry(void)
{
    int raw = -1;
    FILE *file = fopen("entry", "w");
    write_entry_program(fileno(file));
    fclose(file);
    CHECK(chmod("entry", 0755) == 0);
    struct registers dirty, unused;
    fill(&dirty);
    dirty.flags = 0x602;
    dirty.rdi &= 0xff, dirty.rdi |= 1u << 30;
    check_call(&dirty, &unused, SYS_close); /* leave something in the vector registers */
    pid_t pid = fork();
    if (pid == 0) {
        execl("entry", "entry", (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &raw, 0);
    SHOW(raw);
    unlink("entry");
    CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(AT_RANDOM) != 0 && getauxval(AT_SECURE) == 0);
    CHECK(getauxval(AT_UID) == getuid() && getauxval(AT_PHNUM) > 0 && getauxval(AT_CLKTCK) == 100);
}

int main(void)
{
    work_in_tmp("registers");
    check_calls();
    check_faults();
    check_entry();
    check_switches();
    return check_result();
}
