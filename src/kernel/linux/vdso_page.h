/* The page with the clock in every program (linux/vdso). */
#pragma once
#include "vm/aspace.h"

/* Before the first program. Without memory for it programs do with system calls. */
void vdso_init(void);
/* Maps it, readable and executable, at a place of its own; *at 0 if there is no page. -ENOMEM. */
int vdso_map(struct aspace *as, vaddr_t *at) MUST_CHECK;
bool vdso_is(const struct vmo *vmo);
/* The real-time clock was set. */
void vdso_clock_set(void);
