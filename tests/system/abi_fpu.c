/* Vector registers stay with their thread: across switches and CPUs, with handlers that use them too,
 * into the child of fork, and not into what execve starts. As wide as the processor has them. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define REGISTERS 16
#define WIDTH 32 /* bytes of a YMM register */
#define PROCESSES 3
#define THREADS 3
#define ROUNDS 300

struct bank { uint8_t of[REGISTERS][WIDTH]; } __attribute__((aligned(32)));
static bool wide; /* AVX: else the lower halves only */

#define EACH(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)
#define LOAD_Y(n) "vmovdqu 32*" #n "(%[in]), %%ymm" #n "\n"
#define KEEP_Y(n) "vmovdqu %%ymm" #n ", 32*" #n "(%[out])\n"
#define LOAD_X(n) "movdqu 32*" #n "(%[in]), %%xmm" #n "\n"
#define KEEP_X(n) "movdqu %%xmm" #n ", 32*" #n "(%[out])\n"
#define ALL_XMM "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
/* A system call, then some time in ring 3, and again. */
#define CALLS "1:\n movq %[nr], %%rax\n syscall\n movl $3000, %%ecx\n 2:\n decl %%ecx\n jnz 2b\n decq %[times]\n jnz 1b\n"
#define HOLD(LOAD, KEEP)                                                                                      \
    __asm__ volatile(EACH(LOAD) CALLS EACH(KEEP) "movq %%rax, %[result]\n"                                      \
                     : [times] "+r"(times), [result] "=m"(result)                                              \
                     : [in] "r"(in), [out] "r"(out), [nr] "r"(nr)                                              \
                     : "rax", "rcx", "r11", "memory", ALL_XMM)

/* `in` is in the registers while the call is made so many times; `out` is what is there afterwards. */
static long hold(const struct bank *in, struct bank *out, long nr, long times)
{
    long result = -1;
    if (wide)
        HOLD(LOAD_Y, KEEP_Y);
    else
        HOLD(LOAD_X, KEEP_X);
    return result;
}

static void fill(struct bank *b, unsigned seed)
{
    for (unsigned i = 0; i < sizeof b->of; i++)
        b->of[i / WIDTH][i % WIDTH] = (uint8_t)(seed * 37 + i * 11 + i / 256);
}

static bool same(const struct bank *a, const struct bank *b)
{
    bool all = true;
    for (int r = 0; r < REGISTERS; r++)
        all &= memcmp(a->of[r], b->of[r], wide ? WIDTH : WIDTH / 2) == 0;
    return all;
}

static volatile int handled;
static void on_alarm(int signo)
{
    struct bank junk, out;
    memset(&junk, 0xa5 + signo, sizeof junk);
    hold(&junk, &out, SYS_getpid, 1);
    if (!same(&junk, &out))
        _exit(3);
    handled++;
}

static void *keep_for_a_while(void *seed)
{
    struct bank in, out;
    for (unsigned i = 0; i < ROUNDS; i++) {
        fill(&in, (unsigned)(uintptr_t)seed + i);
        memset(&out, 0, sizeof out);
        hold(&in, &out, SYS_sched_yield, 3);
        if (!same(&in, &out))
            _exit(1);
    }
    return NULL;
}

static int process(unsigned number)
{
    pthread_t t[THREADS];
    struct itimerval often = { { 0, 500 }, { 0, 500 } };
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &often, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, keep_for_a_while, (void *)(uintptr_t)(number * 1000 + i * 100));
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    while (!handled)
        keep_for_a_while((void *)5);
    return 0;
}

static void side_by_side(void)
{
    int wrong = 0, raw;
    fflush(stdout);
    for (unsigned i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            _exit(process(i + 1));
    while (wait(&raw) > 0)
        wrong |= raw;
    SHOW(wrong);
}

static void into_the_child(void)
{
    struct bank in, out;
    int raw = -1, wrong = 0;
    for (unsigned i = 0; i < 20; i++) {
        fill(&in, i);
        fflush(stdout);
        pid_t pid = (pid_t)hold(&in, &out, SYS_fork, 1);
        if (pid == 0)
            _exit(same(&in, &out) ? 0 : 1);
        wrong |= pid < 0 || waitpid(pid, &raw, 0) != pid || raw != 0 || !same(&in, &out);
    }
    SHOW(wrong);
}

/* Nothing in a C library's start touches the upper registers. */
static int started_clean(void)
{
    struct bank now = { 0 }, zero = { 0 };
    struct bank *out = &now;
    if (wide)
        __asm__ volatile(KEEP_Y(12) KEEP_Y(13) KEEP_Y(14) KEEP_Y(15) : : [out] "r"(out) : "memory");
    else
        __asm__ volatile(KEEP_X(12) KEEP_X(13) KEEP_X(14) KEEP_X(15) : : [out] "r"(out) : "memory");
    return same(&now, &zero) ? 0 : 1;
}

static char *self;
static void into_the_next_program(void)
{
    struct bank in, out;
    fill(&in, 77);
    hold(&in, &out, SYS_getpid, 1);
    execl(self, self, "clean", (char *)NULL);
    _exit(98);
}

int main(int argc, char **argv)
{
    self = argv[0];
    __builtin_cpu_init();
    wide = __builtin_cpu_supports("avx");
    if (argc > 1)
        return started_clean();
    side_by_side();
    into_the_child();
    for (int i = 0; i < 3; i++)
        SHOW(status_of(into_the_next_program));
    return check_result();
}
