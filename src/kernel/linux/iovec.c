/* Bounds of an I/O vector, after Linux's import_iovec: a negative length is an error, a sum beyond
 * what one call may move is not, it is cut. Pure. */
#include "linux/iovec.h"
#include "lib/errno.h"

int lx_iovec_check(struct lx_iovec *iov, size_t n, u64 *total)
{
    u64 sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (iov[i].len > INT64_MAX)
            return -EINVAL;
        iov[i].len = MIN(iov[i].len, LX_RW_MAX - sum);
        sum += iov[i].len;
    }
    *total = sum;
    return 0;
}
