/* uptime: since when the system runs, and how much there is to do. */
#include "../lib/util.h"

#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct timespec up;
    char load[3][16] = { "?", "?", "?" };
    (void)argc;
    tool_init(argv, "usage: uptime\n"
                    "Show how long the system has been running, and how many programs wanted to run on average\n"
                    "in the last 1, 5 and 15 minutes.\n");
    if (clock_gettime(CLOCK_BOOTTIME, &up) < 0)
        die("clock");
    FILE *f = fopen("/proc/loadavg", "r");
    if (!f || fscanf(f, "%15s %15s %15s", load[0], load[1], load[2]) != 3)
        die("/proc/loadavg");
    fclose(f);
    long seconds = (long)up.tv_sec;
    char now[16];
    time_t at = time(NULL);
    strftime(now, sizeof now, "%H:%M:%S", localtime(&at));
    printf(" %s up ", now);
    if (seconds >= 86400)
        printf("%ld days, ", seconds / 86400);
    printf("%02ld:%02ld:%02ld, load average: %s, %s, %s\n", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
           load[0], load[1], load[2]);
    return flush_output();
}
