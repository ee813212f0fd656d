/* What several self-tests need. */
#pragma once
#include "lib/types.h"

/* What may leak. Pages: free ones and those that heap and arena keep. */
struct resources { u64 pages, heap_objects, addresses, kobjects; };
struct resources resources_now(void);
/* Waits a moment for the reaper, then panics unless everything is as it was. */
void resources_expect(const struct resources *before, const char *test);

void sleep_ms(unsigned ms);
