/* See dates.h. A text is read from left to right into a broken-down time; mktime() makes sense of a 31st of
 * February and of "13 months ago". */
#include "dates.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct date {
    const char *at;
    struct tm tm;
    long nanoseconds;
    bool has_zone, behind_clock, has_day;
    int weekday, which; /* 0: Sunday; -1: none. which: 1 the next, -1 the last, 0 the one that comes */
    long zone_s; /* east of Greenwich */
};

static void skip_space(struct date *d)
{
    while (isspace((unsigned char)*d->at))
        d->at++;
}

static bool take_word(struct date *d, const char *word)
{
    size_t len = strlen(word);
    if (strncasecmp(d->at, word, len) != 0 || isalpha((unsigned char)d->at[len]))
        return false;
    d->at += len;
    return true;
}

static void take_fraction(struct date *d)
{
    if (*d->at != '.' && *d->at != ',')
        return;
    d->nanoseconds = 0;
    d->at++;
    for (long digit = 100000000; isdigit((unsigned char)*d->at); d->at++, digit /= 10)
        d->nanoseconds += (*d->at - '0') * digit;
}

static void set_clock(struct date *d, int hour, int minute, int second)
{
    d->tm.tm_hour = hour, d->tm.tm_min = minute, d->tm.tm_sec = second;
    d->nanoseconds = 0;
}

/* One of a table's names, whole or its first three letters: its index, or -1. */
static int take_name(struct date *d, const char *const names[], int n)
{
    size_t len = 0;
    while (isalpha((unsigned char)d->at[len]))
        len++;
    for (int i = 0; i < n; i++)
        if ((len == 3 || len == strlen(names[i])) && strncasecmp(d->at, names[i], len) == 0) {
            d->at += len;
            d->at += *d->at == '.' || *d->at == ',';
            return i;
        }
    return -1;
}

static int take_month_name(struct date *d)
{
    static const char *const names[] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                         "September", "October", "November", "December" };
    return take_name(d, names, 12) + 1;
}

static bool take_number(struct date *d, int *out, size_t digits_max)
{
    size_t len = strspn(d->at, "0123456789");
    if (len == 0 || len > digits_max)
        return false;
    *out = (int)strtol(d->at, NULL, 10);
    d->at += len;
    return true;
}

static void skip_between(struct date *d)
{
    d->at += *d->at == ',' || *d->at == '-';
    skip_space(d);
}

/* "3 Feb 2021", "3-Feb-2021", "Feb 3, 2021"; the year may be left out, and then is this one. False: nothing is taken. */
static bool take_named_month(struct date *d, int *year, int *month, int *day)
{
    const char *start = d->at;
    bool day_first = take_number(d, day, 2);
    skip_between(d);
    *month = take_month_name(d);
    skip_between(d);
    if (!*month || (!day_first && !take_number(d, day, 2))) {
        d->at = start;
        return false;
    }
    const char *rest = d->at;
    skip_between(d);
    if (strspn(d->at, "0123456789") != 4 || !take_number(d, year, 4)) {
        *year = d->tm.tm_year + 1900;
        d->at = rest;
    }
    return true;
}

/* 69 to 99 are the last century's (XCU, date). */
static int whole_year(int year, size_t digits) { return digits > 2 ? year : year + (year < 69 ? 2000 : 1900); }

/* YYYY-MM-DD, YYYY/MM/DD, MM/DD/YYYY, YYYYMMDD; the first and the third also with two digits of the year. */
static bool take_numbers(struct date *d, int *year, int *month, int *day)
{
    size_t digits = strspn(d->at, "0123456789");
    int len = 0, at = 0;
    if (sscanf(d->at, "%4d-%2d-%2d%n", year, month, day, &len) == 3 && len)
        *year = whole_year(*year, digits);
    else if (digits == 4 && sscanf(d->at, "%4d/%2d/%2d%n", year, month, day, &len) == 3 && len)
        ;
    else if (digits < 3 && sscanf(d->at, "%2d/%2d/%n%4d%n", month, day, &at, year, &len) == 3 && len)
        *year = whole_year(*year, (size_t)(len - at));
    else if (digits != 8 || sscanf(d->at, "%4d%2d%2d%n", year, month, day, &len) != 3)
        return false;
    d->at += len;
    return true;
}

static int days_of(int year, int month)
{
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 ? 28 + leap : 30 + (month + (month > 7)) % 2;
}

static bool take_day(struct date *d)
{
    int year, month, day;
    const char *start = d->at;
    if ((!take_numbers(d, &year, &month, &day) && !take_named_month(d, &year, &month, &day)) || month < 1 ||
        month > 12 ||
        day < 1 || day > days_of(year, month)) {
        d->at = start;
        return false;
    }
    d->tm.tm_year = year - 1900, d->tm.tm_mon = month - 1, d->tm.tm_mday = day;
    d->has_day = true;
    set_clock(d, 0, 0, 0);
    if (*d->at == 'T' || *d->at == 't')
        d->at++;
    return true;
}

/* HH:MM[:SS[.FRACTION]] */
static bool take_clock(struct date *d)
{
    int hour, minute, second = 0, len = 0, more = 0;
    if (!isdigit((unsigned char)*d->at) || sscanf(d->at, "%2d:%2d%n", &hour, &minute, &len) != 2 || !len)
        return false;
    if (d->at[len] == ':' && (sscanf(d->at + len + 1, "%2d%n", &second, &more) != 1 || !isdigit((unsigned char)d->at[len + 1])))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    set_clock(d, hour, minute, second);
    d->at += len + (more ? more + 1 : 0);
    if (more)
        take_fraction(d);
    return true;
}

/* Z, UTC, +01:00, -0530; only behind a clock: elsewhere a sign begins a distance. */
static bool take_zone(struct date *d)
{
    int hours, minutes = 0, len = 0;
    if (take_word(d, "Z") || take_word(d, "UTC") || take_word(d, "GMT")) {
        d->has_zone = true;
        d->zone_s = 0;
        return true;
    }
    if ((*d->at != '+' && *d->at != '-') || !isdigit((unsigned char)d->at[1]) || !isdigit((unsigned char)d->at[2]))
        return false;
    if (sscanf(d->at + 1, "%2d%n", &hours, &len) != 1 || isalpha((unsigned char)d->at[len + 1]) || hours > 14)
        return false;
    const char *rest = d->at + 1 + len;
    rest += *rest == ':';
    if (isdigit((unsigned char)*rest) && (sscanf(rest, "%2d%n", &minutes, &len) != 1 || (rest += len, minutes > 59)))
        return false;
    d->zone_s = (hours * 3600L + minutes * 60L) * (*d->at == '-' ? -1 : 1);
    d->has_zone = true;
    d->at = rest;
    return true;
}

/* "+2 days", "3 hours ago", "next month", "last year" */
static bool take_distance(struct date *d)
{
    static const char *const units[] = { "second", "sec", "minute", "min", "hour", "day", "week", "fortnight",
                                         "month", "year" };
    static const int sizes[] = { 1, 1, 1, 1, 1, 1, 7, 14, 1, 1 };
    char *end;
    long count;
    if (take_word(d, "next")) {
        count = 1;
    } else if (take_word(d, "last")) {
        count = -1;
    } else {
        if (*d->at == '+' && isspace((unsigned char)d->at[1]))
            d->at++;
        count = strtol(d->at, &end, 10);
        if (end == d->at || count > 1000000000 || count < -1000000000)
            return false;
        d->at = end;
    }
    skip_space(d);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i]);
        if (strncasecmp(d->at, units[i], len) != 0)
            continue;
        len += d->at[len] == 's' || d->at[len] == 'S';
        if (isalpha((unsigned char)d->at[len]))
            continue;
        d->at += len;
        skip_space(d);
        int *const fields[] = { &d->tm.tm_sec, &d->tm.tm_sec, &d->tm.tm_min, &d->tm.tm_min, &d->tm.tm_hour,
                                &d->tm.tm_mday,
                                &d->tm.tm_mday, &d->tm.tm_mday, &d->tm.tm_mon, &d->tm.tm_year };
        long change = (take_word(d, "ago") ? -count : count) * sizes[i];
        return !__builtin_add_overflow(*fields[i], change, fields[i]);
    }
    return false;
}

/* "friday", "next friday", "last fri": a day from its beginning. What is beside a date ("Wed, 3 Feb 2021") says
 * nothing. */
static bool take_weekday(struct date *d)
{
    static const char *const names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
    const char *start = d->at;
    int which = take_word(d, "next") ? 1 : take_word(d, "last") ? -1 : 0;
    skip_space(d);
    int weekday = take_name(d, names, 7);
    if (weekday < 0) {
        d->at = start;
        return false;
    }
    d->weekday = weekday, d->which = which;
    if (!d->has_day)
        set_clock(d, 0, 0, 0);
    return true;
}

static void go_to_weekday(struct date *d)
{
    struct tm day = d->tm;
    day.tm_isdst = 0;
    timegm(&day);
    int ahead = (d->weekday - day.tm_wday + 7) % 7;
    d->tm.tm_mday += ahead + 7 * (d->which - (d->which > 0 && ahead > 0));
}

static bool take_item(struct date *d)
{
    static const struct {
        const char *name;
        int days;
    } words[] = { { "now", 0 }, { "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 } };
    bool behind_clock = d->behind_clock;
    d->behind_clock = false;
    if (behind_clock && take_zone(d))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (take_word(d, words[i].name)) {
            d->tm.tm_mday += words[i].days;
            return true;
        }
    if (take_day(d) || take_weekday(d))
        return true;
    d->behind_clock = take_clock(d);
    return d->behind_clock || take_distance(d);
}

static bool finish(struct date *d, struct timespec *out)
{
    if (d->weekday >= 0 && !d->has_day)
        go_to_weekday(d);
    d->tm.tm_isdst = -1;
    out->tv_sec = d->has_zone ? timegm(&d->tm) - d->zone_s : mktime(&d->tm);
    out->tv_nsec = d->nanoseconds;
    return true;
}

static bool parse_seconds(const char *text, struct timespec *out)
{
    struct date d = { 0 };
    char *end;
    out->tv_sec = strtoll(text, &end, 10);
    d.at = end;
    take_fraction(&d);
    out->tv_nsec = d.nanoseconds;
    return end != text && !*d.at;
}

bool date_parse(const char *text, struct timespec *out)
{
    struct date d = { .at = text, .weekday = -1 };
    if (*text == '@')
        return parse_seconds(text + 1, out);
    clock_gettime(CLOCK_REALTIME, out);
    d.nanoseconds = out->tv_nsec;
    localtime_r(&out->tv_sec, &d.tm);
    for (skip_space(&d); *d.at; skip_space(&d))
        if (!take_item(&d))
            return false;
    return finish(&d, out);
}

bool date_parse_digits(const char *text, struct timespec *out)
{
    size_t len = strcspn(text, ".");
    struct date d = { .at = text, .weekday = -1 };
    time_t now = time(NULL);
    int field[6], n = 0; /* century, year, month, day, hour, minute */
    if ((len != 8 && len != 10 && len != 12) || strspn(text, "0123456789") != len)
        return false;
    for (size_t i = 0; i < len; i += 2)
        field[n++] = (text[i] - '0') * 10 + text[i + 1] - '0';
    localtime_r(&now, &d.tm);
    const int *f = field + n - 4;
    if (n == 5)
        d.tm.tm_year = field[0] + (field[0] < 69 ? 100 : 0);
    else if (n == 6)
        d.tm.tm_year = field[0] * 100 + field[1] - 1900;
    d.tm.tm_mon = f[0] - 1, d.tm.tm_mday = f[1];
    set_clock(&d, f[2], f[3], 0);
    if (text[len] == '.' && (strspn(text + len + 1, "0123456789") != 2 || text[len + 3]))
        return false;
    if (text[len])
        d.tm.tm_sec = atoi(text + len + 1);
    if (f[0] < 1 || f[0] > 12 || f[1] < 1 || f[1] > 31 || f[2] > 23 || f[3] > 59 || d.tm.tm_sec > 60)
        return false;
    return finish(&d, out);
}
