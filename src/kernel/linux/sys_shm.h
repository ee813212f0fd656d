/* What others know of shared memory segments. Private to linux/. */
#pragma once
#include "vm/vmo.h"

/* Is the object a segment's: its key, for /proc/PID/maps. For whoever maps it. */
bool lx_shm_key_of(struct vmo *vmo, i32 *key);
