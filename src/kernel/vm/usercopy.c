/* Checked copies to and from the running program's memory. The raw routines (arch/user_copy) do
 * the access and stop at a fault that vm/fault could not resolve; here the range is judged: a
 * pointer that reaches USER_TOP or wraps never gets that far. */
#include "vm/usercopy.h"
#include "arch/paging.h"
#include "arch/user_copy.h"
#include "lib/errno.h"

size_t copy_from_user_partial(void *dst, uptr_t src, size_t n)
{
    if (!n || !user_range_ok(src, n))
        return 0;
    return n - user_copy_raw(dst, src, n);
}

size_t copy_to_user_partial(uptr_t dst, const void *src, size_t n)
{
    if (!n || !user_range_ok(dst, n))
        return 0;
    return n - user_copy_raw(dst, src, n);
}

int copy_tails_to_user(uptr_t dst, const void *src, size_t n)
{
    if (n > USER_TOP / 8 || !user_range_ok(dst, n * 8))
        return -EFAULT;
    return user_store_tails_raw(dst, src, n) == 0 ? 0 : -EFAULT;
}

int clear_user(uptr_t dst, size_t n)
{
    if (!n)
        return 0;
    return user_range_ok(dst, n) && user_clear_raw(dst, n) == 0 ? 0 : -EFAULT;
}

long strncpy_from_user(char *dst, uptr_t src, size_t size)
{
    if ((u64)src >= USER_TOP)
        return -EFAULT;
    size_t max = MIN(size, USER_TOP - (u64)src);
    long len = user_strncpy_raw(dst, (const char *)src, max);
    if (len < 0)
        return -EFAULT;
    if ((size_t)len < max)
        return len;
    return max < size ? -EFAULT : -ENAMETOOLONG;
}
