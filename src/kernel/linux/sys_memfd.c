/* memfd_create, and the seals that fcntl adds and asks for. */
#include "linux/sys_memfd.h"
#include "linux/sys_priv.h"
#include "vfs/memfd.h"

#define LX_MFD_CLOEXEC 1u /* linux/memfd.h */
#define LX_MFD_ALLOW_SEALING 2u
#define LX_MFD_HUGETLB 4u
#define LX_MFD_NOEXEC_SEAL 8u
#define LX_MFD_EXEC 16u
#define PREFIX "memfd:"
#define NAME_BYTES 250u /* NAME_MAX without "memfd:" and with the terminator */

long sys_memfd_create(u64 uname, u64 uflags, u64, u64, u64, u64)
{
    u32 flags = (u32)uflags;
    char name[NAME_BYTES + sizeof PREFIX - 1] = PREFIX;
    struct file *f;
    if (flags & ~(LX_MFD_CLOEXEC | LX_MFD_ALLOW_SEALING | LX_MFD_EXEC))
        return lx_missing(flags, flags & LX_MFD_HUGETLB ? -ENOSYS : -EINVAL);
    long n = strncpy_from_user(name + sizeof PREFIX - 1, uptr(uname), NAME_BYTES);
    if (n < 0)
        return n == -ENAMETOOLONG ? -EINVAL : n;
    struct lx_process *me = lx_current();
    int r = memfd_create(name, me->fsuid, me->fsgid, 0777, flags & LX_MFD_ALLOW_SEALING, &f);
    if (r < 0)
        return r;
    r = lx_fd_install(f, flags & LX_MFD_CLOEXEC ? HANDLE_CLOEXEC : 0);
    file_put(f);
    return r;
}

long lx_seals_get(struct file *f)
{
    u32 seals;
    int r = memfd_seals_get(f, &seals);
    return r < 0 ? r : (long)seals;
}

long lx_seals_add(struct file *f, u64 seals)
{
    return seals >> 32 ? -EINVAL : memfd_seals_add(f, (u32)seals);
}
