/* Vectors of buffers: readv, writev and theirs (sys_rw.c). Checking is pure. Private to linux/. */
#pragma once
#include "linux/abi/fcntl.h"

/* Bytes one call moves at most, as Linux's MAX_RW_COUNT: the largest page-aligned i32. */
#define LX_RW_MAX 0x7ffff000ul

/* 0, or -EINVAL for a length that ssize_t cannot hold. Cuts the vector so that the whole is at
 * most LX_RW_MAX; *total gets the sum. */
int lx_iovec_check(struct lx_iovec *iov, size_t n, u64 *total) MUST_CHECK;
/* The same of one that names the caller's own memory: -EFAULT if any of it, as it was given, cannot be a program's
 * (sys_rw.c). */
int lx_iovec_import(struct lx_iovec *iov, u64 n, u64 *total) MUST_CHECK;
