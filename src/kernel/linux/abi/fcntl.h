/* open, fcntl and the *at family (asm-generic/fcntl.h, linux/fcntl.h, linux/fs.h). */
#pragma once
#include "lib/types.h"

#define LX_O_ACCMODE 03u
#define LX_O_RDONLY 00u
#define LX_O_WRONLY 01u
#define LX_O_RDWR 02u
#define LX_O_CREAT 0100u
#define LX_O_EXCL 0200u
#define LX_O_NOCTTY 0400u
#define LX_O_TRUNC 01000u
#define LX_O_APPEND 02000u
#define LX_O_NONBLOCK 04000u
#define LX_O_DSYNC 010000u
#define LX_O_ASYNC 020000u
#define LX_O_DIRECT 040000u
#define LX_O_LARGEFILE 0100000u
#define LX_O_DIRECTORY 0200000u
#define LX_O_NOFOLLOW 0400000u
#define LX_O_NOATIME 01000000u
#define LX_O_CLOEXEC 02000000u
#define LX_O_SYNC_BIT 04000000u /* O_SYNC is this with O_DSYNC */
#define LX_O_PATH 010000000u
#define LX_O_TMPFILE_BIT 020000000u /* O_TMPFILE is this with O_DIRECTORY */

#define LX_AT_SYMLINK_NOFOLLOW 0x100u
#define LX_AT_EACCESS 0x200u
#define LX_AT_REMOVEDIR 0x200u
#define LX_AT_SYMLINK_FOLLOW 0x400u
#define LX_AT_NO_AUTOMOUNT 0x800u
#define LX_AT_EMPTY_PATH 0x1000u
#define LX_AT_STATX_SYNC_TYPE 0x6000u

#define LX_RENAME_NOREPLACE 1u
#define LX_RENAME_EXCHANGE 2u

enum { LX_F_DUPFD, LX_F_GETFD, LX_F_SETFD, LX_F_GETFL, LX_F_SETFL, LX_F_GETLK, LX_F_SETLK, LX_F_SETLKW };
enum { LX_F_SETOWN = 8, LX_F_GETOWN = 9, LX_F_SETSIG = 10, LX_F_GETSIG = 11, LX_F_SETOWN_EX = 15, LX_F_GETOWN_EX = 16 };
enum { LX_F_OWNER_TID, LX_F_OWNER_PID, LX_F_OWNER_PGRP };
enum { LX_F_OFD_GETLK = 36, LX_F_OFD_SETLK, LX_F_OFD_SETLKW };
#define LX_F_DUPFD_CLOEXEC 1030
#define LX_F_SETPIPE_SZ 1031
#define LX_F_GETPIPE_SZ 1032
#define LX_F_ADD_SEALS 1033
#define LX_F_GET_SEALS 1034
#define LX_FD_CLOEXEC 1u

#define LX_CLOSE_RANGE_UNSHARE 2u
#define LX_CLOSE_RANGE_CLOEXEC 4u

enum { LX_SEEK_SET, LX_SEEK_CUR, LX_SEEK_END, LX_SEEK_DATA, LX_SEEK_HOLE };

#define LX_UTIME_NOW 0x3fffffffl
#define LX_UTIME_OMIT 0x3ffffffel

/* readv and writev (linux/uio.h). */
struct lx_iovec { u64 base, len; };
#define LX_IOV_MAX 1024u
