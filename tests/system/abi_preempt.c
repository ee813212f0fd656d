/* Two processes that never sleep must both get on, and neither may see the other's SSE registers. */
#include "check.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOGS = 2 };

static void hog(volatile unsigned long *rounds, volatile unsigned long *wrong, double seed)
{
    for (;;) {
        volatile double start = seed;
        double value = start;
        for (int i = 0; i < 1000; i++)
            value = value * 1.0 + 1.0;
        *wrong += value != seed + 1000.0;
        ++*rounds;
    }
}

int main(void)
{
    volatile unsigned long *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[HOGS];
    CHECK(shared != MAP_FAILED);
    for (int i = 0; i < HOGS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            hog(&shared[i], &shared[HOGS + i], 1e6 * (i + 1));
    }
    struct timespec time = { .tv_sec = 1 };
    nanosleep(&time, NULL);
    for (int i = 0; i < HOGS; i++) {
        kill(pids[i], SIGKILL);
        CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
        CHECK(shared[i] > 100);
        CHECK(shared[HOGS + i] == 0);
    }
    return check_result();
}
