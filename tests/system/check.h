/* Programs that test the kernel's ABI. They run on Linux first: Linux is the oracle.
 *
 * CHECK states what must hold. SHOW prints what a call answered; the same binary's output on Linux
 * is what it is compared with, so nothing that differs from run to run may be printed. */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (condition) {                                                                     \
            printf("PASS %s\n", #condition);                                                 \
        } else {                                                                             \
            printf("FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);            \
            failures++;                                                                      \
        }                                                                                    \
        fflush(stdout);                                                                      \
    } while (0)

#define SHOW(call) show_result(#call, (long)(call))

static inline void show_result(const char *text, long result)
{
    if (result == -1)
        printf("%s: -1 %s\n", text, strerror(errno));
    else
        printf("%s: %ld\n", text, result);
    fflush(stdout);
}

/* The raw wait status of a child doing `what`; its normal end is status 0. */
static inline int status_of(void (*what)(void))
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        what();
        _exit(0);
    }
    return pid > 0 && waitpid(pid, &raw, 0) == pid ? raw : -1;
}

static inline unsigned long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000000 + (unsigned long)now.tv_nsec / 1000;
}

static inline void sleep_ms(long ms)
{
    struct timespec left = { ms / 1000, ms % 1000 * 1000000 };
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

/* A fresh directory that is the current one until check_result. */
static char check_dir[64];
static inline void work_in_tmp(const char *name)
{
    snprintf(check_dir, sizeof check_dir, "/tmp/%s.%d", name, (int)getpid());
    if (mkdtemp(strcat(check_dir, ".XXXXXX")) == NULL || chdir(check_dir) != 0)
        printf("FAIL no directory %s\n", check_dir), failures++;
}

static inline int check_result(void)
{
    if (check_dir[0] && (chdir("/") != 0 || rmdir(check_dir) != 0))
        printf("FAIL %s is not empty: %s\n", "the working directory", strerror(errno)), failures++;
    printf("%s\n", failures ? "FAILED" : "ALL PASS");
    return failures != 0;
}
