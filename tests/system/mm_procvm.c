/* process_vm_readv and process_vm_writev move all they are asked for, whatever signals come meanwhile. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include "check.h"

#define SIZE (4ul << 20)

static volatile sig_atomic_t ticks;
static void tick(int sig) { (void)sig, ticks++; }

static bool all_are(const unsigned char *p, unsigned char value)
{
    for (size_t i = 0; i < SIZE; i++)
        if (p[i] != value)
            return false;
    return true;
}

int main(void)
{
    unsigned char *a = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *b = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec here = { a, SIZE }, there = { b, SIZE };
    int whole_reads = 0, whole_writes = 0;
    CHECK(a != MAP_FAILED && b != MAP_FAILED);
    CHECK(signal(SIGALRM, tick) != SIG_ERR);
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 500 }, { 0, 500 } }, NULL) == 0);
    for (int i = 1; i <= 20; i++) {
        memset(b, i, SIZE);
        whole_reads += process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)SIZE && all_are(a, i);
        memset(a, 100 + i, SIZE);
        whole_writes += process_vm_writev(getpid(), &here, 1, &there, 1, 0) == (ssize_t)SIZE && all_are(b, 100 + i);
    }
    while (ticks == 0)
        ;
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL) == 0);
    SHOW(whole_reads);
    SHOW(whole_writes);

    /* A short one ends at the hole behind it. */
    CHECK(munmap(b + 4096, SIZE - 4096) == 0);
    SHOW(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
    CHECK(munmap(b, 4096) == 0);
    SHOW(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
    SHOW(process_vm_readv(getpid(), &here, 1, &there, 1, 1));
    return failures != 0;
}
