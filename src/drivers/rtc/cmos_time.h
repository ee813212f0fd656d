/* The registers of the CMOS clock, made into a time. Pure. */
#pragma once
#include "lib/types.h"

struct cmos_regs { u8 second, minute, hour, day, month, year, status_b; };

/* Seconds since 1970-01-01 00:00 UTC, or -EINVAL if that is no date. Years 70..99 are 19xx. */
int cmos_time_decode(const struct cmos_regs *r, u64 *unix_seconds) MUST_CHECK;
