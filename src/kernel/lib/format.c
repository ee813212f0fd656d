/* printf-style formatting. One pass over the format; every character goes through put(), which
 * counts all and stores what fits, so that no length can overrun the buffer.
 *
 * A conversion is parsed into a struct spec first and printed second. What is not understood is
 * copied as it stands, so that a wrong format shows itself. */
#include "lib/format.h"
#include "lib/string.h"

struct out { char *buf; size_t size, len; };

struct spec {
    bool minus, zero, plus, space, alt;
    int width;
    int precision; /* -1: none given */
    int bytes;     /* of the integer argument: 1, 2, 4, 8 */
    char conv;
};

/* Wider fields than this are nonsense, and adding to them must not overflow an int. */
#define FIELD_MAX 4096

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void put_many(struct out *o, char c, int n)
{
    while (n-- > 0)
        put(o, c);
}

static int parse_number(const char **p)
{
    int n = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++)
        n = MIN(n * 10 + (**p - '0'), FIELD_MAX);
    return n;
}

static bool parse_flag(struct spec *s, char c)
{
    switch (c) {
    case '-': return s->minus = true;
    case '0': return s->zero = true;
    case '+': return s->plus = true;
    case ' ': return s->space = true;
    case '#': return s->alt = true;
    }
    return false;
}

static const char *parse_length(struct spec *s, const char *p)
{
    s->bytes = sizeof(int);
    if (p[0] == 'h') {
        s->bytes = p[1] == 'h' ? 1 : 2;
        return p + (p[1] == 'h' ? 2 : 1);
    }
    if (p[0] == 'l' || p[0] == 'z' || p[0] == 't' || p[0] == 'j') {
        s->bytes = 8;
        return p + (p[0] == 'l' && p[1] == 'l' ? 2 : 1);
    }
    return p;
}

/* p stands behind the '%'. Returns the position behind the conversion character. */
static const char *parse_spec(struct spec *s, const char *p, va_list *ap)
{
    *s = (struct spec){ .precision = -1 };
    while (parse_flag(s, *p))
        p++;
    if (*p == '*') {
        int w = va_arg(*ap, int);
        s->minus |= w < 0;
        s->width = w > -FIELD_MAX && w < FIELD_MAX ? (w < 0 ? -w : w) : FIELD_MAX;
        p++;
    } else {
        s->width = parse_number(&p);
    }
    if (*p == '.') {
        p++;
        if (*p == '*') {
            int given = va_arg(*ap, int);
            s->precision = given < 0 ? -1 : MIN(given, FIELD_MAX); /* <0: none (C17 7.21.6.1) */
            p++;
        } else {
            s->precision = parse_number(&p);
        }
    }
    p = parse_length(s, p);
    s->conv = *p;
    return *p ? p + 1 : p;
}

static void put_string(struct out *o, const struct spec *s, const char *text, size_t max)
{
    int len = (int)strnlen(text, max);
    if (!s->minus)
        put_many(o, ' ', s->width - len);
    for (int i = 0; i < len; i++)
        put(o, text[i]);
    if (s->minus)
        put_many(o, ' ', s->width - len);
}

/* prefix: sign or "0x"; digits: zero-terminated, most significant first, "" for nothing. */
static void put_digits(struct out *o, const struct spec *s, const char *prefix, const char *digits)
{
    int ndigits = (int)strlen(digits);
    int zeroes = MAX(s->precision - ndigits, 0);
    int pad = s->width - (int)strlen(prefix) - ndigits - zeroes;
    if (s->zero && !s->minus && s->precision < 0 && pad > 0) {
        zeroes = pad;
        pad = 0;
    }
    if (!s->minus)
        put_many(o, ' ', pad);
    while (*prefix)
        put(o, *prefix++);
    put_many(o, '0', zeroes);
    while (*digits)
        put(o, *digits++);
    if (s->minus)
        put_many(o, ' ', pad);
}

static const char *digits_of(char buf[24], u64 value, unsigned base, bool upper)
{
    char *p = buf + 23;
    *p = '\0';
    for (; value; value /= base)
        *--p = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value % base];
    return p;
}

static void put_unsigned(struct out *o, const struct spec *s, u64 value)
{
    char buf[24];
    unsigned base = s->conv == 'u' ? 10 : s->conv == 'o' ? 8 : 16;
    const char *digits = digits_of(buf, value, base, s->conv == 'X');
    const char *prefix = "";
    if (s->alt && value && base != 10)
        prefix = base == 8 ? "0" : s->conv == 'X' ? "0X" : "0x";
    if (!*digits && s->precision != 0)
        digits = "0";
    put_digits(o, s, prefix, digits);
}

static void put_signed(struct out *o, const struct spec *s, i64 value)
{
    char buf[24];
    const char *digits = digits_of(buf, value < 0 ? 0 - (u64)value : (u64)value, 10, false);
    if (!*digits && s->precision != 0)
        digits = "0";
    put_digits(o, s, value < 0 ? "-" : s->plus ? "+" : s->space ? " " : "", digits);
}

static void put_pointer(struct out *o, const struct spec *s, u64 value)
{
    char buf[24];
    const char *digits = digits_of(buf, value, 16, false);
    put_digits(o, s, "0x", *digits ? digits : "0");
}

static u64 arg_unsigned(const struct spec *s, va_list *ap)
{
    switch (s->bytes) {
    case 8: return va_arg(*ap, u64);
    case 2: return (u16)va_arg(*ap, unsigned);
    case 1: return (u8)va_arg(*ap, unsigned);
    }
    return va_arg(*ap, unsigned);
}

static i64 arg_signed(const struct spec *s, va_list *ap)
{
    switch (s->bytes) {
    case 8: return va_arg(*ap, i64);
    case 2: return (i16)va_arg(*ap, int);
    case 1: return (i8)va_arg(*ap, int);
    }
    return va_arg(*ap, int);
}

/* Returns false when the conversion is not known. */
static bool convert(struct out *o, struct spec *s, va_list *ap)
{
    char one[2] = { 0 };
    const char *text;
    switch (s->conv) {
    case '%':
        put(o, '%');
        return true;
    case 'c':
        one[0] = (char)va_arg(*ap, int);
        if (one[0] == '\0')
            put(o, '\0');
        else
            put_string(o, s, one, 1);
        return true;
    case 's':
        text = va_arg(*ap, const char *);
        put_string(o, s, text ? text : "(null)", s->precision < 0 ? FIELD_MAX * 16 : (size_t)s->precision);
        return true;
    case 'd':
    case 'i':
        put_signed(o, s, arg_signed(s, ap));
        return true;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(o, s, arg_unsigned(s, ap));
        return true;
    case 'p':
        put_pointer(o, s, (uintptr_t)va_arg(*ap, void *));
        return true;
    }
    return false;
}

int format_v(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct out o = { .buf = buf, .size = size };
    va_list args; /* a va_list parameter may be an array: only a copy has an address to pass on */
    va_copy(args, ap);
    while (*fmt) {
        if (*fmt != '%') {
            put(&o, *fmt++);
            continue;
        }
        struct spec s;
        const char *end = parse_spec(&s, fmt + 1, &args);
        if (!convert(&o, &s, &args))
            while (fmt < end)
                put(&o, *fmt++);
        fmt = end;
    }
    va_end(args);
    if (size)
        buf[MIN(o.len, size - 1)] = '\0';
    return (int)o.len;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = format_v(buf, size, fmt, ap);
    va_end(ap);
    return len;
}
