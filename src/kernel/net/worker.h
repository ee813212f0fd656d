/* The stack's own thread. Private to net/. */
#pragma once
#include "lib/types.h"

int net_worker_start(void) MUST_CHECK; /* once; -ENOMEM */
void net_worker_wake(void);            /* any context: something is due, or left in the queue */
