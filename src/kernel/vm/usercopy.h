/* The only door to user memory. The current thread's address space is meant; pages are faulted in
 * as needed, so callers hold no spinlock, no aspace lock and no vmo lock. */
#pragma once
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "arch/user_copy.h"
#include "lib/errno.h"
#include "lib/types.h"

static inline uptr_t uptr(u64 v) { return (uptr_t)v; }

/* 0 or -EFAULT. n may be 0. Wrapping and kernel ranges are -EFAULT. */
static inline bool user_range_ok(uptr_t p, size_t n) { return n <= USER_TOP && (u64)p <= USER_TOP - n; }
static inline MUST_CHECK int copy_from_user(void *dst, uptr_t src, size_t n)
{
    return !n || (user_range_ok(src, n) && !user_copy_raw(dst, src, n)) ? 0 : -EFAULT;
}
static inline MUST_CHECK int copy_to_user(uptr_t dst, const void *src, size_t n)
{
    return !n || (user_range_ok(dst, n) && !user_copy_raw(dst, src, n)) ? 0 : -EFAULT;
}
int clear_user(uptr_t dst, size_t n) MUST_CHECK;
/* Bytes done before the first fault; for read/write that may be short. */
size_t copy_from_user_partial(void *dst, uptr_t src, size_t n);
size_t copy_to_user_partial(uptr_t dst, const void *src, size_t n);
/* The same without faulting pages in, so that who holds a lock of this room's may call it: a fault with preemption
 * off is not resolved (vm/fault.c). Ranges that user_range_ok() has passed. */
static inline size_t copy_from_user_present(void *dst, uptr_t src, size_t n)
{
    preempt_disable();
    size_t left = user_copy_raw(dst, src, n);
    preempt_enable_no_resched();
    preempt_check();
    return n - left;
}
static inline size_t copy_to_user_present(uptr_t dst, const void *src, size_t n)
{
    preempt_disable();
    size_t left = user_copy_raw(dst, src, n);
    preempt_enable_no_resched();
    preempt_check();
    return n - left;
}
/* Of n elements of eight bytes only the last two of each: poll's answers. 0 or -EFAULT. */
int copy_tails_to_user(uptr_t dst, const void *src, size_t n) MUST_CHECK;
/* Length without the terminator; -EFAULT; -ENAMETOOLONG if no terminator within size bytes. */
long strncpy_from_user(char *dst, uptr_t src, size_t size) MUST_CHECK;
