/* Files in memory that have no name, and seals: promises that a file in memory keeps for good, so
 * that who receives a descriptor need not trust who sent it (memfd_create(2), fcntl(2)). */
#pragma once
#include "vfs/file.h"

enum { /* Linux's values */
    SEAL_SEAL = 1, SEAL_SHRINK = 2, SEAL_GROW = 4, SEAL_WRITE = 8, SEAL_FUTURE_WRITE = 16,
};
#define SEALS_ALL 31u

/* An empty file for reading and writing, with one reference; name: for /proc. Not sealable: as if sealed with
 * SEAL_SEAL, like every file of a tmpfs. -ENOMEM. */
int memfd_create(const char *name, u32 uid, u32 gid, u32 mode, bool sealable, struct file **out) MUST_CHECK;
u64 memfd_pages(void); /* of all such files */

/* -EINVAL: not a file in memory. */
int memfd_seals_get(struct file *f, u32 *out) MUST_CHECK;
/* -EPERM: not open for writing, or sealed against sealing. -EBUSY: SEAL_WRITE while it is mapped
 * shared and writable. */
int memfd_seals_add(struct file *f, u32 seals) MUST_CHECK;

/* Around making a shared mapping: between the two no seal is added. *may_write says whether the
 * mapping may ever be written through; -EPERM if `write` asks for it and it may not. After an error
 * there is no end. Files that cannot be sealed pass. */
int memfd_map_begin(struct file *f, bool write, bool *may_write) MUST_CHECK;
void memfd_map_end(struct file *f);
