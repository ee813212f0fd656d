/* Unpacking the initrd into the root file system. */
#pragma once
#include "lib/types.h"

struct initrd_result { u64 files, dirs, links, bytes; char error[128]; };
/* ustar (GNU and pax long names) or newc cpio, by magic. 0; -EINVAL: damaged (result->error says
 * where and why; what came before stays); -ENOMEM; -ENOEXEC: unknown format.
 *
 * The archive lies at base in pages that were in use at boot. None is left so afterwards, whatever
 * is returned: they came into circulation as they were read, or are pages of the files now. */
int initrd_unpack(paddr_t base, u64 size, struct initrd_result *result) MUST_CHECK;

/* The readers are pure: vfs/ustar.c and vfs/newc.c walk an archive and report entries. */
struct archive_entry {
    const char *path; size_t path_len; /* without leading "/" and "./" */
    const char *link; size_t link_len; /* symlink or hard link target */
    u32 mode, uid, gid, major, minor;
    u64 mtime_s, size;
    const u8 *data;
    const u8 *behind; /* once the entry is made nothing before this is read again */
    bool hardlink;
};
/* Returns 0 to go on, else the walk ends with that value. */
typedef int (*archive_fn)(const struct archive_entry *e, void *ctx);
bool ustar_detect(const void *data, u64 size);
int ustar_walk(const void *data, u64 size, archive_fn fn, void *ctx, char error[128]) MUST_CHECK;
bool newc_detect(const void *data, u64 size);
int newc_walk(const void *data, u64 size, archive_fn fn, void *ctx, char error[128]) MUST_CHECK;
/* Room for where files with several names have their first one, and their data: a power of two of zeroes each.
 * Without, or when it is full, each such name means reading on from the first of them. */
struct newc_index { u64 *slots; u32 nslots, used; };
struct newc_indexes { struct newc_index names, data; };
int newc_walk_indexed(const void *data, u64 size, struct newc_indexes *index, archive_fn fn, void *ctx,
                      char error[128]) MUST_CHECK;
