/* The options of a tmpfs as text: what mount(2) hands over, what /proc/mounts shows. Pure. */
#pragma once
#include "lib/types.h"

struct tmpfs_options { u64 pages, nodes; u32 mode, uid, gid; }; /* pages, nodes: UINT64_MAX is no limit */

/* Changes what text names ("size=10%,nr_inodes=1k,mode=700"); of total_pages percent are taken. -EINVAL: something
 * is not understood, and then *o means nothing. NULL is the empty text. */
int tmpfs_options_parse(const char *text, u64 total_pages, struct tmpfs_options *o) MUST_CHECK;
/* Each with a comma before it; as format(). The mode unless it is plain_mode. */
int tmpfs_options_show(const struct tmpfs_options *o, u32 plain_mode, char *buf, size_t size);
