/* The switch of alloc_fault.h. */
#include "mm/alloc_fault.h"

bool (*alloc_fault)(void);
