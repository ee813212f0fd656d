/* The instructions that touch user memory from the kernel, with their fix-up table. Only
 * vm/usercopy calls these, and its inline functions, after a look at the range. A fault inside resolves like any user
 * fault; if it cannot, the function returns early. */
#pragma once
#include "lib/types.h"

/* Bytes NOT copied: 0 is success. */
size_t user_copy_raw(void *dst, const void *src, size_t n);
/* Bytes NOT cleared. */
size_t user_clear_raw(void *dst, size_t n);
/* Length of the string without terminator if it ends within max bytes; max if it does not;
 * -EFAULT. */
long user_strncpy_raw(char *dst, const char *src, size_t max);
/* Compare-and-swap of an aligned u32; *old gets the value seen. 0 or -EFAULT. */
int user_cmpxchg32_raw(u32 *addr, u32 expect, u32 value, u32 *old);

/* Stores the last two bytes of each of n elements of eight bytes, nothing else (poll's answers).
 * Elements NOT stored. */
size_t user_store_tails_raw(void *dst, const void *src, size_t n);

/* For the page-fault path: where to continue if rip is one of the above, else 0. */
vaddr_t user_copy_fixup(vaddr_t rip);
