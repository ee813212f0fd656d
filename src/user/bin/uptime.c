/* uptime: since when the system runs. */
#include "../lib/util.h"

#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct timespec up;
    (void)argc;
    tool_init(argv, "usage: uptime\nShow how long the system has been running.\n");
    if (clock_gettime(CLOCK_BOOTTIME, &up) < 0)
        die("clock");
    long seconds = (long)up.tv_sec;
    printf("up ");
    if (seconds >= 86400)
        printf("%ld days, ", seconds / 86400);
    printf("%02ld:%02ld:%02ld\n", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    return flush_output();
}
