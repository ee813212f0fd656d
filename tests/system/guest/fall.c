/* Dies in a way that its first argument chooses, five calls deep: what the log says of it is tested.
 * Each caller says its name and where it is, so that the test knows what must be in the log. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone, optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")))

static const char *how;
static void on_signal(int signo) { (void)signo; }

KEEP static void fall(void)
{
    void (*volatile nowhere)(void) = (void (*)(void))16;
    volatile long *volatile null = (long *)8;
    if (!strcmp(how, "null"))
        *null = 1;
    else if (!strcmp(how, "jump"))
        nowhere();
    else if (!strcmp(how, "spoil"))
        __asm__ volatile("movq %rsp, %rbp\n movq %rsp, (%rsp)\n movq $-1, 8(%rsp)\n ud2"); /* a circle */
    else if (!strcmp(how, "lost"))
        __asm__ volatile("movq $-8, %rbp\n movq $-8, %rsp\n ud2");
    else if (!strcmp(how, "quit"))
        kill(getpid(), SIGQUIT);
}

KEEP static void third(void) { fall(); __asm__ volatile("" : : : "memory"); }
KEEP static void second(void) { third(); __asm__ volatile("" : : : "memory"); }
KEEP static void first(void) { second(); __asm__ volatile("" : : : "memory"); }

int main(int argc, char **argv)
{
    how = argc > 1 ? argv[1] : "null";
    signal(SIGUSR1, on_signal);
    printf("functions %p %p %p %p\n", (void *)fall, (void *)third, (void *)second, (void *)first);
    fflush(stdout);
    first();
    return 0;
}
