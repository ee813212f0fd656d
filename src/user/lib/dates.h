/* Points in time as people write them. */
#pragma once
#include <stdbool.h>
#include <time.h>

/* "@SECONDS", "2024-02-29", "2024-02-29 13:45:10.5", with T between and Z or +01:00 behind, "13:45", "now", "today",
 * "yesterday", "tomorrow", and behind any of these or alone "+2 days", "3 hours ago", "next week". False: it is none. */
bool date_parse(const char *text, struct timespec *out);
/* touch -t: [[CC]YY]MMDDhhmm[.SS] (XCU touch) */
bool date_parse_digits(const char *text, struct timespec *out);
