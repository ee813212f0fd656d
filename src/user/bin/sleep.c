/* sleep: wait; fractions and the suffixes s m h d. */
#include "../lib/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_from(const char *text)
{
    static const char units[] = "smhd";
    static const double factors[] = { 1, 60, 3600, 86400 };
    char *end;
    double value = strtod(text, &end);
    const char *unit = *end ? strchr(units, *end) : units;
    if (end == text || !(value >= 0) || !unit || (*end && end[1]))
        die_usage();
    return value * factors[unit - units];
}

int main(int argc, char **argv)
{
    double total = 0;
    tool_init(argv, "usage: sleep NUMBER[smhd]...\n"
                    "Wait so many seconds (minutes, hours, days); 0.5 is half a second.\n");
    if (argc < 2)
        die_usage();
    for (int i = 1; i < argc; i++)
        total += seconds_from(argv[i]);
    if (total > 1e9)
        total = 1e9;
    struct timespec left = { .tv_sec = (time_t)total };
    left.tv_nsec = (long)((total - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) < 0)
        if (errno != EINTR)
            die("nanosleep");
    return 0;
}
