/* The rules of capabilities(7): "Transformation of capabilities during execve()", "Effect of user ID
 * changes on capabilities", "The securebits flags". Names as there: P the process before, P' after. */
#include "linux/capability.h"
#include "lib/errno.h"

/* What fsuid 0 stands for. */
#define FS_CAPS (LX_CAP_BIT(LX_CAP_CHOWN) | LX_CAP_BIT(LX_CAP_DAC_OVERRIDE) | LX_CAP_BIT(LX_CAP_DAC_READ_SEARCH) | \
                 LX_CAP_BIT(LX_CAP_FOWNER) | LX_CAP_BIT(LX_CAP_FSETID) | LX_CAP_BIT(LX_CAP_LINUX_IMMUTABLE) |      \
                 LX_CAP_BIT(LX_CAP_MKNOD) | LX_CAP_BIT(LX_CAP_MAC_OVERRIDE))

static bool any_root(struct lx_users u) { return !u.real || !u.effective || !u.saved; }

void lx_caps_change_users(struct lx_caps *c, struct lx_users old, struct lx_users now)
{
    if (c->securebits & LX_SECBIT_NO_SETUID_FIXUP)
        return;
    if (any_root(old) && !any_root(now)) {
        if (!(c->securebits & LX_SECBIT_KEEP_CAPS))
            c->permitted = c->effective = 0;
        c->ambient = 0;
    }
    if (!old.effective && now.effective)
        c->effective = 0;
    if (old.effective && !now.effective)
        c->effective = c->permitted;
}

void lx_caps_change_fsuid(struct lx_caps *c, u32 old, u32 now)
{
    if (c->securebits & LX_SECBIT_NO_SETUID_FIXUP)
        return;
    if (!old && now)
        c->effective &= ~FS_CAPS;
    if (old && !now)
        c->effective |= c->permitted & FS_CAPS;
}

/* P'(permitted) = P(inheritable) | P(bounding) for user 0, as if the file had all capabilities. */
void lx_caps_exec(struct lx_caps *c, u32 uid, u32 euid, bool set_id, bool grants)
{
    bool rooted = !(c->securebits & LX_SECBIT_NOROOT);
    u64 permitted = rooted && (!uid || !euid) ? c->bounding | c->inheritable : 0;
    if (!grants)
        permitted &= c->permitted;
    if (set_id)
        c->ambient = 0;
    c->permitted = permitted | c->ambient;
    c->effective = rooted && !euid ? c->permitted : c->ambient;
    c->securebits &= ~LX_SECBIT_KEEP_CAPS;
}

int lx_caps_set(struct lx_caps *c, u64 effective, u64 permitted, u64 inheritable)
{
    bool inherits = lx_caps_have(c, LX_CAP_SETPCAP) || lx_caps_within(inheritable, c->inheritable | c->permitted);
    if (!inherits || !lx_caps_within(inheritable, c->inheritable | c->bounding))
        return -EPERM;
    if (!lx_caps_within(permitted, c->permitted) || !lx_caps_within(effective, permitted))
        return -EPERM;
    c->effective = effective;
    c->permitted = permitted;
    c->inheritable = inheritable;
    c->ambient &= permitted & inheritable;
    return 0;
}

int lx_caps_drop_bound(struct lx_caps *c, unsigned cap)
{
    if (!lx_caps_have(c, LX_CAP_SETPCAP))
        return -EPERM;
    c->bounding &= ~LX_CAP_BIT(cap);
    return 0;
}

int lx_caps_raise_ambient(struct lx_caps *c, unsigned cap)
{
    if (!(c->permitted & c->inheritable & LX_CAP_BIT(cap)) || (c->securebits & LX_SECBIT_NO_CAP_AMBIENT_RAISE))
        return -EPERM;
    c->ambient |= LX_CAP_BIT(cap);
    return 0;
}

int lx_caps_set_keep(struct lx_caps *c, bool keep)
{
    if (c->securebits & LX_SECBIT_KEEP_CAPS_LOCKED)
        return -EPERM;
    c->securebits = (c->securebits & ~LX_SECBIT_KEEP_CAPS) | (keep ? LX_SECBIT_KEEP_CAPS : 0);
    return 0;
}

int lx_caps_set_securebits(struct lx_caps *c, u64 bits)
{
    u32 locks = c->securebits & LX_SECBIT_LOCKS;
    if (bits & ~(u64)(LX_SECBITS | LX_SECBIT_LOCKS))
        return -EPERM;
    if ((locks >> 1 & (c->securebits ^ bits)) || (locks & ~bits) || !lx_caps_have(c, LX_CAP_SETPCAP))
        return -EPERM;
    c->securebits = (u32)bits;
    return 0;
}
