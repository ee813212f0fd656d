/* poweroff, reboot, halt: one program, told apart by its name. It asks init by a signal, so that
 * programs can end; -f asks the kernel at once. */
#include "../lib/util.h"

#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    tool_init(argv, "usage: poweroff [-f]\n"
                    "       reboot [-f]\n"
                    "       halt [-f]\n"
                    "End the system. -f: at once, without asking the programs to end.\n");
    bool halt = strcmp(program, "halt") == 0, restart = strcmp(program, "reboot") == 0;
    if (parse_flags(argc, argv, "f", have) < argc)
        die_usage();
    if (have['f']) {
        sync();
        reboot(restart ? RB_AUTOBOOT : halt ? RB_HALT_SYSTEM : RB_POWER_OFF);
        die(program);
    }
    if (kill(1, restart ? SIGTERM : halt ? SIGUSR1 : SIGUSR2) < 0)
        die("init");
    signal(SIGTERM, SIG_IGN); /* stay to the end, so that no prompt comes between: init ends us all */
    sleep(10);
    return 0;
}
