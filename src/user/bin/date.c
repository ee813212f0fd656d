/* date: the time (strftime's letters behind a +). */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
    char text[512];
    bool utc = false;
    const char *format = "%a %b %e %H:%M:%S %Z %Y";
    tool_init(argv, "usage: date [-u] [+FORMAT]\nShow the time. Example: date +%Y-%m-%d\n");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-u") == 0)
            utc = true;
        else if (argv[i][0] == '+')
            format = argv[i] + 1;
        else
            die_usage();
    }
    time_t now = time(NULL);
    struct tm *tm = utc ? gmtime(&now) : localtime(&now);
    if (!tm)
        die("clock");
    text[strftime(text, sizeof text, format, tm)] = 0;
    puts(text);
    return flush_output();
}
