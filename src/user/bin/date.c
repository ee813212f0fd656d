/* date: show a time (strftime's letters behind a +), or set the clock. */
#include "../lib/dates.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: date [-u] [-R | -I[SPEC]] [-d DATE | -r FILE] [+FORMAT]\n       date [-u] -s DATE\n"
    "Show the time, or set the clock.\n"
    "  -d DATE   that time: 2024-02-29, '2024-02-29 13:45', @SECONDS, yesterday, '2 days ago'\n"
    "  -r FILE   when FILE was changed;  -u  in UTC\n"
    "  -R        as mails have it;  -I  as ISO has it (SPEC: date, hours, minutes, seconds, ns)\n"
    "  +FORMAT   %Y-%m-%d %H:%M:%S, %A %B, %s seconds since 1970, %N nanoseconds, %j day of the year\n";

static const char *iso_format(const char *spec)
{
    static const struct { const char *name, *format; } forms[] = {
        { "date", "%Y-%m-%d" }, { "hours", "%Y-%m-%dT%H%:z" }, { "minutes", "%Y-%m-%dT%H:%M%:z" },
        { "seconds", "%Y-%m-%dT%H:%M:%S%:z" }, { "ns", "%Y-%m-%dT%H:%M:%S,%N%:z" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strncmp(forms[i].name, spec && *spec ? spec : "date", spec ? strlen(spec) : 4) == 0)
            return forms[i].format;
    die_usage();
}

/* What strftime has no letter for is written here: %N, %:z. */
static char *own_letters(const char *format, const struct tm *tm, long nanoseconds)
{
    size_t room = strlen(format) * 9 + 1, len = 0;
    char *out = malloc(room), zone[8];
    if (!out)
        die("date");
    for (const char *c = format; *c; c++) {
        if (c[0] == '%' && c[1] == 'N') {
            len += (size_t)sprintf(out + len, "%09ld", nanoseconds);
            c++;
        } else if (strncmp(c, "%:z", 3) == 0 && strftime(zone, sizeof zone, "%z", tm) == 5) {
            len += (size_t)sprintf(out + len, "%.3s:%s", zone, zone + 3);
            c += 2;
        } else {
            out[len++] = *c;
            if (*c == '%' && c[1])
                out[len++] = *++c;
        }
    }
    out[len] = 0;
    return out;
}

static int show(const struct timespec *when, const char *format)
{
    static char text[4096];
    struct tm *tm = localtime(&when->tv_sec);
    if (!tm)
        die("clock");
    char *whole = own_letters(format, tm, when->tv_nsec);
    text[strftime(text, sizeof text, whole, tm)] = 0;
    free(whole);
    puts(text);
    return flush_output();
}

int main(int argc, char **argv)
{
    struct timespec when;
    struct stat st;
    bool utc = false, set = false;
    const char *format = NULL, *text = NULL;
    static const char letters[] = "uRI::d:r:s:";
    tool_init(argv, help);
    clock_gettime(CLOCK_REALTIME, &when);
    options_arrange(argc, argv, letters, "utc=u universal=u rfc-email=R iso-8601=I date=d reference=r set=s");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        switch (c) {
        case 'u': utc = true; break;
        case 'R': format = "%a, %d %b %Y %H:%M:%S %z"; break;
        case 'I': format = iso_format(optarg); break;
        case 's': set = true; /* fall through */
        case 'd': text = optarg; break;
        case 'r':
            if (stat(optarg, &st) < 0)
                die(optarg);
            when = st.st_mtim;
            break;
        default: die_usage();
        }
    }
    if (utc)
        setenv("TZ", "UTC0", 1);
    tzset();
    if (optind < argc && argv[optind][0] == '+')
        format = argv[optind++] + 1;
    if (optind < argc)
        die_usage();
    if (text && !date_parse(text, &when)) {
        warn_text(text, "not a date");
        return 1;
    }
    if (set && clock_settime(CLOCK_REALTIME, &when) < 0)
        die("cannot set the clock");
    return show(&when, format ? format : "%a %b %e %H:%M:%S %Z %Y");
}
