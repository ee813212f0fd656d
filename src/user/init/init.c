/* PID 1. It prepares what every program expects to find, does what /etc/inittab says, reaps orphans,
 * and ends the system when asked by a signal:
 *
 *   SIGUSR1 halt    SIGUSR2 power off    SIGTERM reboot    SIGINT (ctrl-alt-del) reboot
 *   SIGHUP read /etc/inittab again
 *
 * Signals only set a flag; one loop does everything, so nothing here runs at two places at once.
 * `single` on the kernel's command line passes the table over: one shell, nothing else. */
#include "init.h"

#include <string.h>
#include <unistd.h>

#define INITTAB "/etc/inittab"

volatile sig_atomic_t ending, reload;

static void note_ending(int signo)
{
    ending = signo;
}

static void note_reload(int signo)
{
    reload = signo;
}

static void note_nothing(int signo)
{
    (void)signo; /* SIGCHLD: only so that a wait for signals ends */
}

static void catch_one(int signo, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };
    sigfillset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

/* Blocked but while we wait for them: no signal is lost between check and wait. */
static void catch_signals(void)
{
    static const int end_signals[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGINT };
    sigset_t all;
    for (size_t i = 0; i < sizeof end_signals / sizeof *end_signals; i++)
        catch_one(end_signals[i], note_ending);
    catch_one(SIGHUP, note_reload);
    catch_one(SIGCHLD, note_nothing);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static bool wants_single(int argc, char **argv)
{
    static const char *const names[] = { "single", "s", "S", "1" };
    for (int i = 1; i < argc; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strcmp(argv[i], names[k]) == 0)
                return true;
    return false;
}

static void start_system(struct inittab *t, bool single)
{
    catch_signals();
    mount_usual();
    open_console();
    set_environment();
    set_name();
    load_keyboard();
    if (single) {
        say("init: single user: " INITTAB " is passed over\n");
        inittab_single(t);
        return;
    }
    mount_listed();
    inittab_read(t, INITTAB);
    run_and_wait(t, ACT_SYSINIT, 0);
    run_and_wait(t, ACT_WAIT, 0);
    print_motd();
}

int main(int argc, char **argv)
{
    static struct inittab table;
    if (getpid() != 1) {
        say("init: only the kernel starts this, as process 1 (to end the system: poweroff, reboot, halt)\n");
        return 1;
    }
    start_system(&table, wants_single(argc, argv));
    for (;;) {
        keep_until_asked(&table);
        if (ending) {
            int signo = ending;
            end_system(&table, signo);
            ending = 0; /* still here: the kernel cannot do it, so go on */
        } else {
            static struct inittab old;
            reload = 0;
            old = table;
            inittab_read(&table, INITTAB);
            keep_carry_on(&table, &old);
        }
    }
}
