/* Numbers from text, as the command line has them. Pure; saturates instead of wrapping. */
#include "lib/format.h"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static u64 times_saturated(u64 a, u64 b)
{
    u64 r;
    return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

static unsigned suffix_shift(char c)
{
    switch (c) {
    case 'k': case 'K': return 10;
    case 'm': case 'M': return 20;
    case 'g': case 'G': return 30;
    }
    return 0;
}

u64 parse_u64(const char *s, const char **end, bool suffix)
{
    int base = 10;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
        base = 16;
        s += 2;
    }
    u64 value = 0;
    for (; digit_value(*s) < base; s++) {
        value = times_saturated(value, (u64)base);
        if (__builtin_add_overflow(value, (u64)digit_value(*s), &value))
            value = UINT64_MAX;
    }
    if (suffix && suffix_shift(*s))
        value = times_saturated(value, 1ull << suffix_shift(*s++));
    if (end)
        *end = s;
    return value;
}
