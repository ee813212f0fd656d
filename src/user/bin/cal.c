/* cal: a month, or a year. Weeks begin on Monday (-s: on Sunday). The calendar is the Gregorian one
 * throughout, also for years before it was made. */
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                      "September", "October", "November", "December" };
static bool from_sunday;
static struct tm today;

static int days_in(int month, int year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 1 && leap);
}

/* Of the first day of a month; 0 is the first column. Sakamoto's rule. */
static int column_of(int month, int year)
{
    static const int shift[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
    int y = year - (month < 2), weekday = (y + y / 4 - y / 100 + y / 400 + shift[month] + 1) % 7;
    return from_sunday ? weekday : (weekday + 6) % 7;
}

/* One of the 8 lines of a month, 20 columns wide. */
static void put_line(int line, int month, int year, bool with_year)
{
    char title[32];
    if (line == 0) {
        int n = with_year ? snprintf(title, sizeof title, "%s %d", months[month], year)
                          : snprintf(title, sizeof title, "%s", months[month]);
        printf("%*s%s%*s", (20 - n) / 2, "", title, 20 - n - (20 - n) / 2, "");
        return;
    }
    if (line == 1) {
        fputs(from_sunday ? "Su Mo Tu We Th Fr Sa" : "Mo Tu We Th Fr Sa Su", stdout);
        return;
    }
    for (int column = 0; column < 7; column++) {
        int day = (line - 2) * 7 + column - column_of(month, year) + 1;
        bool is_today = day == today.tm_mday && month == today.tm_mon && year == today.tm_year + 1900 && isatty(1);
        if (day < 1 || day > days_in(month, year))
            fputs("  ", stdout);
        else
            printf(is_today ? "\033[7m%2d\033[0m" : "%2d", day);
        if (column < 6)
            putchar(' ');
    }
}

static void put_month(int month, int year)
{
    for (int line = 0; line < 8; line++) {
        put_line(line, month, year, true);
        putchar('\n');
    }
}

static void put_year(int year)
{
    printf("%34d\n\n", year);
    for (int row = 0; row < 12; row += 3) {
        for (int line = 0; line < 8; line++) {
            for (int i = 0; i < 3; i++) {
                put_line(line, row + i, year, false);
                fputs(i < 2 ? "  " : "\n", stdout);
            }
        }
    }
}

static int number(const char *text, int least, int most)
{
    uint64_t value;
    if (!parse_u64(text, &value) || value < (uint64_t)least || value > (uint64_t)most) {
        warn_text(text, "not a month (1 to 12) or year (1 to 9999)");
        exit(1);
    }
    return (int)value;
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    time_t now = time(NULL);
    tool_init(argv, "usage: cal [-sy] [[MONTH] YEAR]\n"
                    "Show this month, or another, or a year (-y: this one). -s: weeks begin on Sunday.\n");
    int index = parse_flags(argc, argv, "sy", have), n = argc - index;
    today = *localtime(&now);
    from_sunday = have['s'];
    if (n > 2)
        die_usage();
    int year = n ? number(argv[argc - 1], 1, 9999) : today.tm_year + 1900;
    if (n == 2)
        put_month(number(argv[index], 1, 12) - 1, year);
    else if (n == 1 || have['y'])
        put_year(year);
    else
        put_month(today.tm_mon, year);
    return flush_output();
}
