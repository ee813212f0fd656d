/* The list of mappings that several files of /proc/PID begin their lines with. Private to linux/. */
#pragma once
#include "lib/errno.h"
#include "linux/procfs_snapshot.h"

/* What a file says below the line of a mapping; no lock held. m->vmo is not to be used any more. */
typedef void (*proc_mapping_fn)(struct proc_text *t, struct aspace *as, const struct mapping_info *m);
/* more NULL: nothing. -ESRCH, -EACCES, -ENOMEM. */
int proc_maps_with(struct proc_text *t, const struct proc_key *k, proc_mapping_fn more) MUST_CHECK;
