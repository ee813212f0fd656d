/* Decoding the MC146818's registers: BCD or binary, 12 or 24 hours, as register B says.
 * (Motorola MC146818A data sheet, "Time, calendar and alarm locations") */
#include "cmos_time.h"
#include "lib/errno.h"

#define B_24_HOURS 0x02u
#define B_BINARY 0x04u
#define HOUR_PM 0x80u

/* BCD digits above 9 become something above 99, which no field allows. */
static unsigned field(const struct cmos_regs *r, u8 raw)
{
    if (r->status_b & B_BINARY)
        return raw;
    unsigned high = raw >> 4, low = raw & 15;
    return high > 9 || low > 9 ? 255 : high * 10 + low;
}

static unsigned hour_decode(const struct cmos_regs *r)
{
    if (r->status_b & B_24_HOURS)
        return field(r, r->hour);
    unsigned hour = field(r, (u8)(r->hour & ~HOUR_PM));
    if (hour < 1 || hour > 12)
        return 255;
    return hour % 12 + (r->hour & HOUR_PM ? 12 : 0);
}

static bool is_leap(unsigned y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const u8 days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && is_leap(year));
}

static u64 days_since_1970(unsigned year, unsigned month, unsigned day)
{
    u64 days = 0;
    for (unsigned y = 1970; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (unsigned m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days + day - 1;
}

int cmos_time_decode(const struct cmos_regs *r, u64 *unix_seconds)
{
    unsigned second = field(r, r->second), minute = field(r, r->minute), hour = hour_decode(r);
    unsigned day = field(r, r->day), month = field(r, r->month), year = field(r, r->year);
    if (second > 60 || minute > 59 || hour > 23 || month < 1 || month > 12 || year > 99)
        return -EINVAL;
    year += year < 70 ? 2000 : 1900;
    if (day < 1 || day > days_in_month(year, month))
        return -EINVAL;
    *unix_seconds = days_since_1970(year, month, day) * 86400 + hour * 3600ul + minute * 60ul + second;
    return 0;
}
