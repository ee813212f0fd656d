/* What programs asked for and did not get, for /proc/compat and the tool of that name. */
#pragma once
#include "lib/types.h"

/* The current system call, which is there, was asked for something that is not: `what` is the request, command,
 * option, flags or (level << 32 | name) that it did not know. Counts it for the calling program, says it once in
 * the log, and returns answer. May not be called under a spinlock that "missing" is not below. */
long lx_missing(u64 what, long answer);
/* The current system call itself is not there. */
long lx_missing_call(u64 nr);
/* The current system call found no such path. Only what a kernel would have (below /proc, /sys and /dev) is
 * counted, and of a process in /proc only if it lives. Returns answer. */
long lx_missing_file(const char *path, long answer);
