/* printf-style formatting into a buffer. Pure: no allocation, no locks, no floating point.
 * Understands %% %c %s %d %i %u %x %X %o %p with flags "-0+ #", width, precision (also *), and
 * the lengths hh h l ll z t j. Anything else is copied as it stands. */
#pragma once
#include "lib/types.h"
#include <stdarg.h>

/* Writes at most size-1 characters and a terminator (size may be 0: then nothing is written).
 * Returns the length the whole text would have, as C99 snprintf does. */
int format_v(char *buf, size_t size, const char *fmt, va_list ap);
PRINTF_LIKE(3, 4) int format(char *buf, size_t size, const char *fmt, ...);

/* Decimal or 0x-prefixed number from text: *end is the first character not used. Saturates at
 * U64_MAX. Accepts the suffixes K M G of the command line when `suffix` is true. */
u64 parse_u64(const char *s, const char **end, bool suffix);
