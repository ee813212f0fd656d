/* fallocate. What tmpfs does not do is -EOPNOTSUPP, as on Linux: ranges that collapse, are inserted, zeroed or
 * unshared; programs then write zeroes themselves. */
#include "linux/missing.h"
#include "linux/sys_priv.h"

#define LX_FALLOC_KEEP_SIZE 1u /* linux/falloc.h */
#define LX_FALLOC_PUNCH_HOLE 2u
#define LX_FALLOC_KNOWN 0x7fu

static int check(u32 mode, i64 pos, i64 len)
{
    i64 end;
    if (pos < 0 || len <= 0)
        return -EINVAL;
    if (mode & ~LX_FALLOC_KNOWN)
        return -EOPNOTSUPP;
    if ((mode & LX_FALLOC_PUNCH_HOLE) && !(mode & LX_FALLOC_KEEP_SIZE))
        return -EOPNOTSUPP;
    if (__builtin_add_overflow(pos, len, &end))
        return -EFBIG;
    return 0;
}

long sys_fallocate(u64 fd, u64 umode, u64 pos, u64 len, u64, u64)
{
    struct file *f;
    u32 mode = (u32)umode;
    unsigned rights;
    int r = lx_file_get_rights((int)fd, &f, &rights);
    if (r < 0)
        return r;
    r = check(mode, (i64)pos, (i64)len);
    if (r == 0 && (mode & ~(LX_FALLOC_KEEP_SIZE | LX_FALLOC_PUNCH_HOLE)))
        r = (int)lx_missing(mode, -EOPNOTSUPP);
    if (r == 0 && !(rights & RIGHT_WRITE))
        r = -EBADF;
    if (r == 0 && !mode)
        r = lx_file_size_check(f, pos + len);
    if (r == 0)
        r = file_allocate(f, pos, len, mode);
    file_put(f);
    return lx_restartable(r);
}
