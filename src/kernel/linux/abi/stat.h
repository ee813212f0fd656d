/* What stat, statx and statfs give programs (asm/stat.h of x86-64, linux/stat.h, asm/statfs.h). */
#pragma once
#include "lib/types.h"

struct lx_stat {
    u64 dev, ino, nlink;
    u32 mode, uid, gid, pad0_;
    u64 rdev;
    i64 size, blksize, blocks;
    u64 atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
    i64 reserved_[3];
};
_Static_assert(sizeof(struct lx_stat) == 144, "struct stat is 144 bytes");

struct lx_statx_time { i64 sec; u32 nsec; i32 pad_; };
struct lx_statx {
    u32 mask, blksize;
    u64 attributes;
    u32 nlink, uid, gid;
    u16 mode, pad0_;
    u64 ino, size, blocks, attributes_mask;
    struct lx_statx_time atime, btime, ctime, mtime;
    u32 rdev_major, rdev_minor, dev_major, dev_minor;
    u64 mnt_id;
    u32 dio_mem_align, dio_offset_align;
    u64 spare_[12];
};
_Static_assert(sizeof(struct lx_statx) == 256, "struct statx is 256 bytes");
#define LX_STATX_BASIC_STATS 0x7ffu
#define LX_STATX_BTIME 0x800u
#define LX_STATX_MNT_ID 0x1000u
#define LX_STATX_ATTR_MOUNT_ROOT 0x2000u
#define LX_STATX_RESERVED 0x80000000u

struct lx_statfs {
    i64 type, bsize;
    u64 blocks, bfree, bavail, files, ffree;
    i32 fsid[2];
    i64 namelen, frsize, flags, spare_[4];
};
_Static_assert(sizeof(struct lx_statfs) == 120, "struct statfs is 120 bytes");
