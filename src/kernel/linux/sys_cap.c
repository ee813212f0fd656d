/* Capabilities (capabilities(7)), answered as they are: all for the superuser, none for others, and no
 * way to have some. A process that tries to give part of them up is told that it cannot. */
#include "lib/errno.h"
#include "linux/capability.h"
#include "linux/syscall.h"
#include "linux/lx.h"

static u64 caps_of(const struct lx_process *lx) { return lx->euid == 0 ? LX_CAP_ALL : 0; }

/* -EINVAL for a version that is not ours; ours is written into the header then. */
static int header_get(struct lx_cap_header *h, u64 user)
{
    if (copy_from_user(h, uptr(user), sizeof *h))
        return -EFAULT;
    if (h->version == LX_CAP_VERSION_3)
        return 0;
    h->version = LX_CAP_VERSION_3;
    return copy_to_user(uptr(user), h, sizeof *h) ? -EFAULT : -EINVAL;
}

long sys_capget(u64 uheader, u64 udata, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_cap_header h;
    struct lx_cap_data d[2] = { 0 };
    int r = header_get(&h, uheader);
    if (r < 0)
        return r == -EINVAL && !udata ? 0 : r;
    if (h.pid < 0)
        return -EINVAL;
    struct process *p = process_find_thread(h.pid ? h.pid : process_current()->pid);
    if (!p)
        return -ESRCH;
    u64 caps = caps_of(p->lx);
    kobject_put(&p->obj);
    d[0].effective = d[0].permitted = (u32)caps;
    d[1].effective = d[1].permitted = (u32)(caps >> 32);
    return udata ? copy_to_user(uptr(udata), d, sizeof d) : 0;
}

static u64 both(u32 low, u32 high) { return (u64)high << 32 | low; }

long sys_capset(u64 uheader, u64 udata, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_cap_header h;
    struct lx_cap_data d[2];
    u64 caps = caps_of(lx_current());
    int r = header_get(&h, uheader);
    if (r < 0)
        return r;
    if (h.pid && h.pid != uthread_current()->tid)
        return -EPERM;
    if (copy_from_user(d, uptr(udata), sizeof d))
        return -EFAULT;
    bool same = (both(d[0].permitted, d[1].permitted) & LX_CAP_ALL) == caps &&
                (both(d[0].effective, d[1].effective) & LX_CAP_ALL) == caps &&
                (both(d[0].inheritable, d[1].inheritable) & LX_CAP_ALL) == 0;
    return same ? 0 : -EPERM;
}
