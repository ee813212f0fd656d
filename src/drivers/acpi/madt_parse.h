/* Reading the MADT. Pure. (ACPI specification 6.4, 5.2.12) */
#pragma once
#include "dev/madt.h"

/* p: a whole table of len bytes whose header was checked. Entries that are too short, unknown or
 * repeated are passed over; one that leaves the table ends the reading. -EINVAL: no MADT. */
int madt_parse(const u8 *p, u32 len, struct madt_info *out) MUST_CHECK;
