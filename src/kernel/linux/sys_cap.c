/* capget and capset: the sets of linux/capability.h as programs read and lower them. Versions 1 to 3;
 * version 1 knows only the first 32 capabilities. */
#include "lib/errno.h"
#include "linux/capability.h"
#include "linux/syscall.h"
#include "linux/lx.h"

struct lx_caps lx_caps_get(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_caps caps = lx->caps;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return caps;
}

/* -EINVAL for a version that is not known; the newest one is written into the header then. */
static int header_get(struct lx_cap_header *h, u64 user, size_t *words)
{
    const u32 newest = LX_CAP_VERSION_3;
    if (copy_from_user(h, uptr(user), sizeof *h))
        return -EFAULT;
    *words = h->version == LX_CAP_VERSION_1 ? 1 : 2;
    if (h->version == LX_CAP_VERSION_1 || h->version == LX_CAP_VERSION_2 || h->version == LX_CAP_VERSION_3)
        return 0;
    return copy_to_user(uptr(user), &newest, sizeof newest) ? -EFAULT : -EINVAL;
}

long sys_capget(u64 uheader, u64 udata, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_cap_header h;
    struct lx_cap_data d[2];
    size_t words;
    int r = header_get(&h, uheader, &words);
    if (r < 0 || !udata)
        return r == -EINVAL && !udata ? 0 : r;
    if (h.pid < 0)
        return -EINVAL;
    struct process *p = process_find_thread(h.pid ? h.pid : uthread_current()->tid);
    if (!p)
        return -ESRCH;
    struct lx_caps c = lx_caps_get(p->lx);
    kobject_put(&p->obj);
    for (unsigned i = 0; i < 2; i++)
        d[i] = (struct lx_cap_data){ (u32)(c.effective >> 32 * i), (u32)(c.permitted >> 32 * i),
                                     (u32)(c.inheritable >> 32 * i) };
    return copy_to_user(uptr(udata), d, words * sizeof d[0]);
}

static u64 both(u32 low, u32 high) { return ((u64)high << 32 | low) & LX_CAP_ALL; }

/* Of the caller alone. */
long sys_capset(u64 uheader, u64 udata, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_cap_header h;
    struct lx_cap_data d[2] = { 0 };
    struct lx_process *lx = lx_current();
    size_t words;
    int r = header_get(&h, uheader, &words);
    if (r < 0)
        return r;
    if (h.pid && h.pid != uthread_current()->tid)
        return -EPERM;
    if (copy_from_user(d, uptr(udata), words * sizeof d[0]))
        return -EFAULT;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    r = lx_caps_set(&lx->caps, both(d[0].effective, d[1].effective), both(d[0].permitted, d[1].permitted),
                    both(d[0].inheritable, d[1].inheritable));
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return r;
}
