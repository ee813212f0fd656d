/* Memory that is writable and executable: code that writes to the page it lies in, code that changes
 * itself, code made by one thread and run by another, and what fork and mprotect leave of it. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#define PAGE 4096ul
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

/* mov byte [rip + 0x100], 42; movzx eax, byte [rip + 0xf9]; ret: both name byte 0x107 of the page */
static const unsigned char stores_beside_itself[] = { 0xc6, 0x05, 0x00, 0x01, 0x00, 0x00, 0x2a,
                                                      0x0f, 0xb6, 0x05, 0xf9, 0x00, 0x00, 0x00, 0xc3 };
/* mov eax, imm32; inc dword [rip - 11] (its own operand); ret */
static const unsigned char counts_itself[] = { 0xb8, 0, 0, 0, 0, 0xff, 0x05, 0xf6, 0xff, 0xff, 0xff, 0xc3 };

typedef int (*function)(void);

static unsigned char *map(size_t pages, int prot, int flags)
{
    unsigned char *p = mmap(NULL, pages * PAGE, prot, flags | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static int run(const void *code) { return ((function)code)(); }

static void emit(unsigned char *at, int value)
{
    at[0] = 0xb8; /* mov eax, value; ret */
    memcpy(at + 1, &value, 4);
    at[5] = 0xc3;
}

static void own_page(int flags)
{
    unsigned char *p = map(4, RWX, flags);
    memcpy(p, stores_beside_itself, sizeof stores_beside_itself);
    CHECK(run(p) == 42);
    memcpy(p + PAGE, counts_itself, sizeof counts_itself);
    int sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += run(p + PAGE);
    CHECK(sum == 499500);
    /* The instruction lies in one page and writes to the next, which it then runs. */
    emit(p + 3 * PAGE, 7);
    CHECK(run(p + 3 * PAGE) == 7);
    emit(p + 3 * PAGE, 8);
    CHECK(run(p + 3 * PAGE) == 8);
    munmap(p, 4 * PAGE);
}

static void after_fork(void)
{
    unsigned char *p = map(1, RWX, MAP_PRIVATE);
    memcpy(p, counts_itself, sizeof counts_itself);
    int first = run(p), status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(p) == 1 && run(p) == 2 ? 0 : 1);
    waitpid(pid, &status, 0);
    CHECK(first == 0 && status == 0);
    CHECK(run(p) == 1 && run(p) == 2);
    munmap(p, PAGE);
}

static void after_mprotect(void)
{
    unsigned char *p = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(p, counts_itself, sizeof counts_itself);
    CHECK(mprotect(p, PAGE, RWX) == 0 && run(p) == 0 && run(p) == 1);
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == 0);
    CHECK(p[1] == 2);
    CHECK(mprotect(p, PAGE, RWX) == 0 && run(p) == 2);
    munmap(p, PAGE);
}

/* --- as a just-in-time compiler: one writes, the other runs --- */

enum { FUNCTIONS = 2000, SLOT = 16 };
static unsigned char *code;
static int ready, wrong; /* atomic */

static void *writer(void *arg)
{
    (void)arg;
    for (int i = 0; i < FUNCTIONS; i++) {
        emit(code + i * SLOT, i);
        __atomic_store_n(&ready, i + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void *runner(void *arg)
{
    (void)arg;
    for (int done = 0; done < FUNCTIONS;) {
        int n = __atomic_load_n(&ready, __ATOMIC_ACQUIRE);
        if (n == done)
            sched_yield();
        for (; done < n; done++)
            if (run(code + done * SLOT) != done)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void two_threads(void)
{
    pthread_t thread[2];
    code = map(FUNCTIONS * SLOT / PAGE + 1, RWX, MAP_PRIVATE);
    CHECK(pthread_create(&thread[0], NULL, runner, NULL) == 0 && pthread_create(&thread[1], NULL, writer, NULL) == 0);
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    CHECK(wrong == 0);
}

int main(void)
{
    alarm(60);
    own_page(MAP_PRIVATE);
    own_page(MAP_SHARED);
    after_fork();
    after_mprotect();
    two_threads();
    return check_result();
}
