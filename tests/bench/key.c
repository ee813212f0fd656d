/* From a key's interrupt to its character on the screen, by way of a program that reads the terminal and writes what it
 * got, as a shell's or an editor's line does. A child that runs only when nobody else wants to (SCHED_IDLE)
 * writes down the time again and again: what it wrote last is when the key came. Run by tests/bench/key.py, which
 * presses a key at each KEY. */
#include "bench.h"
#include <fcntl.h>
#include <sched.h>
#include <termios.h>

enum { KEYS = 15, PAUSE_US = 150000 }; /* longer than any screen's pause between two pictures, and than the key is held */

static pid_t clock_start(volatile u64 *now)
{
    pid_t pid = fork_checked();
    if (pid == 0) {
        sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 });
        for (;;)
            *now = tsc();
    }
    return pid;
}

static int raw_terminal(struct termios *before)
{
    int fd = console_open(O_RDWR);
    CHECK(tcgetattr(fd, before) == 0);
    struct termios raw = *before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    CHECK(tcsetattr(fd, TCSAFLUSH, &raw) == 0);
    return fd;
}

static u64 one_key(int fd, volatile u64 *now)
{
    char key = 0;
    usleep(PAUSE_US);
    printf("KEY\n");
    fflush(stdout);
    CHECK(read(fd, &key, 1) == 1);
    u64 pressed = *now;
    CHECK(key == 'k' && write(fd, &key, 1) == 1);
    return tsc() - pressed;
}

static int in_order(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return x < y ? -1 : x > y;
}

/* The middle one: a clock's tick may come between. */
static void key_echo(void)
{
    u64 costs[KEYS];
    struct termios before;
    volatile u64 *now = map_shared(PAGE);
    int fd = raw_terminal(&before);
    pid_t clock = clock_start(now);
    for (int i = 0; i < KEYS; i++)
        costs[i] = one_key(fd, now);
    kill(clock, SIGKILL);
    tcsetattr(fd, TCSAFLUSH, &before);
    qsort(costs, KEYS, sizeof *costs, in_order);
    measure_ticks(costs[KEYS / 2], 1);
}

const struct test key_tests[] = { { "key_echo", key_echo }, { NULL, NULL } };
