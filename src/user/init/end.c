/* The end of the system: what the table wants done first, then everybody is asked, then told. */
#include "init.h"

#include <errno.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_TENTHS = 20, LAST_WORDS_SECONDS = 10 };

/* HUP and TERM for everybody, time to obey, then KILL; ours is the last process standing. */
static void end_processes(void)
{
    struct timespec tenth = { .tv_nsec = 100000000 };
    int raw;
    kill(-1, SIGHUP); /* an interactive shell ignores SIGTERM, and goes before it can prompt again */
    kill(-1, SIGTERM);
    kill(-1, SIGCONT);
    for (int i = 0; i < GRACE_TENTHS; i++) {
        pid_t pid;
        while ((pid = waitpid(-1, &raw, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            break;
        nanosleep(&tenth, NULL);
    }
    kill(-1, SIGKILL);
    while (waitpid(-1, &raw, WNOHANG) > 0)
        ;
}

void end_system(struct inittab *t, int signo)
{
    bool halt = signo == SIGUSR1, off = signo == SIGUSR2;
    if (signo == SIGINT)
        run_and_wait(t, ACT_CTRLALTDEL, LAST_WORDS_SECONDS);
    say(off ? "init: powering off\n" : halt ? "init: halting\n" : "init: rebooting\n");
    run_and_wait(t, ACT_SHUTDOWN, LAST_WORDS_SECONDS);
    end_processes();
    sync();
    unmount_all();
    reboot(off ? RB_POWER_OFF : halt ? RB_HALT_SYSTEM : RB_AUTOBOOT);
    complain("the kernel refused", errno);
}
