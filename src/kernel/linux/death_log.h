/* What the log says of a program that a signal with the default action "core" ends: in place of the
 * core file that this system does not write. */
#pragma once
#include "arch/trap.h"
#include "linux/abi/signal.h"

/* Of the calling thread, on its way to its end by sig; may sleep, no locks held. */
void lx_death_log(const struct trap_frame *f, int sig, const struct lx_siginfo *info);
