/* Memory that runs out on request: a self-test sets alloc_fault and decides, allocation by
 * allocation, which one fails. NULL, and never anything else, outside of tests. */
#pragma once
#include "lib/types.h"

extern bool (*alloc_fault)(void);

static inline bool alloc_shall_fail(void)
{
    bool (*fault)(void) = __atomic_load_n(&alloc_fault, __ATOMIC_RELAXED);
    return unlikely(fault != NULL) && fault();
}
