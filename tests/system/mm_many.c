/* Very many mappings, and very many lives: neither may slow the machine down or use it up.
 * Usage: mm_many [mappings [lives]] */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)

static long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000l + t.tv_nsec;
}

/* Every second page gets other rights: one mapping becomes `count`. Time of the last tenth of the
 * calls over that of the first. */
static long split(char *base, long count)
{
    long tenth = count / 20, first = 0, start = now_ns();
    for (long i = 0; i < count / 2; i++) {
        if (i == tenth)
            first = now_ns() - start;
        if (i == count / 2 - tenth)
            start = now_ns();
        if (mprotect(base + (unsigned long)i * 2 * PAGE, PAGE, PROT_READ))
            return -1;
    }
    return (now_ns() - start) / (first + 1);
}

static void many_mappings(long count)
{
    char *base = mmap(NULL, (unsigned long)count * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED);
    long slower = split(base, count);
    if (slower >= 20)
        printf("%ld mappings: the last are %ld times as slow as the first\n", count, slower);
    CHECK(slower >= 0 && slower < 20);
    long start = now_ns();
    for (int i = 0; i < 1000; i++) {
        char *p = mmap(NULL, (1 + (unsigned long)i % 7) * PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        *(volatile char *)(base + (unsigned long)(i * 2 + 1) * PAGE) = 1;
        if (p == MAP_FAILED || munmap(p, (1 + (unsigned long)i % 7) * PAGE))
            CHECK(!"a place among many mappings");
    }
    CHECK(now_ns() - start < 1000000000l);
    int raw = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(base[PAGE] == 1 ? 0 : 1);
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    CHECK(mprotect(base, (unsigned long)count * PAGE, RW) == 0); /* all one again */
    CHECK(munmap(base, (unsigned long)count * PAGE) == 0);
}

static bool live(const char *self)
{
    int raw;
    pid_t pid = fork();
    if (pid == 0) {
        execl(self, self, "die", NULL);
        _exit(9);
    }
    return waitpid(pid, &raw, 0) == pid && raw == 0;
}

static long free_pages(void)
{
    struct sysinfo info;
    sysinfo(&info);
    return (long)(info.freeram * info.mem_unit / PAGE);
}

static void many_lives(const char *self, long count)
{
    long good = 0;
    for (int i = 0; i < 100; i++) /* fills what the kernel keeps ready */
        live(self);
    long before = free_pages();
    for (long i = 0; i < count; i++)
        good += live(self);
    long lost = before - free_pages();
    CHECK(good == count);
    if (count >= 10000) { /* smaller numbers drown in what else a machine does */
        printf("%ld lives: %ld pages lost\n", count, lost);
        CHECK(lost < 64);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "die") == 0)
        return 0;
    many_mappings(argc > 1 ? atol(argv[1]) : 60000); /* Linux: vm.max_map_count */
    many_lives(argv[0], argc > 2 ? atol(argv[2]) : 300);
    return check_result();
}
