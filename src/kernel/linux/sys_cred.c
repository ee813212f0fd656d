/* User and group identities (credentials(7)). Of the whole process, as POSIX has them; C libraries
 * that set them thread by thread only repeat what is already so.
 *
 * They change under the signal lock, from the look at what they are on, so that of two threads that
 * drop rights at once the second one has lost them. Who needs several that belong together takes the
 * lock too (lx_ids_get, inherit, /proc); a single number is read without. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define KEEP ((u32)-1) /* "leave as it is" */

enum which { USER, GROUP };

static struct lx_users ids_of_locked(const struct lx_process *lx, enum which w)
{
    return w == USER ? (struct lx_users){ lx->uid, lx->euid, lx->suid } : (struct lx_users){ lx->gid, lx->egid, lx->sgid };
}

static struct lx_users ids_of(enum which w)
{
    struct lx_process *lx = lx_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_users ids = ids_of_locked(lx, w);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return ids;
}

struct lx_ids lx_ids_get(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_ids ids = { lx->uid, lx->euid, lx->suid, lx->fsuid, lx->gid, lx->egid, lx->sgid, lx->fsgid };
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return ids;
}

/* Who changes what it may do is no longer to be looked into, and its parent's death is no longer its
 * business (prctl(2), PR_SET_DUMPABLE and PR_SET_PDEATHSIG). */
static int ids_set_locked(struct lx_process *lx, enum which w, struct lx_users n)
{
    if (n.effective != (w == USER ? lx->euid : lx->egid)) {
        lx->dumpable = false;
        lx->pdeath_signal = 0;
    }
    if (w == USER) {
        lx_caps_change_users(&lx->caps, ids_of_locked(lx, w), n);
        lx->uid = n.real, lx->euid = lx->fsuid = n.effective, lx->suid = n.saved;
    } else {
        lx->gid = n.real, lx->egid = lx->fsgid = n.effective, lx->sgid = n.saved;
    }
    return 0;
}

static bool is_one_of(u32 id, struct lx_users has)
{
    return id == KEEP || id == has.real || id == has.effective || id == has.saved;
}

static bool may_set(const struct lx_process *lx, enum which w)
{
    return lx_caps_have(&lx->caps, w == USER ? LX_CAP_SETUID : LX_CAP_SETGID);
}

/* With CAP_SETUID (CAP_SETGID) all three, otherwise only the effective one. */
static int change_one_locked(struct lx_process *lx, enum which w, u32 id)
{
    struct lx_users has = ids_of_locked(lx, w);
    if (id == KEEP)
        return -EINVAL;
    if (may_set(lx, w))
        return ids_set_locked(lx, w, (struct lx_users){ id, id, id });
    if (id != has.real && id != has.saved)
        return -EPERM;
    has.effective = id;
    return ids_set_locked(lx, w, has);
}

static int change_two_locked(struct lx_process *lx, enum which w, u32 real, u32 effective)
{
    struct lx_users has = ids_of_locked(lx, w), n = has;
    bool real_ok = real == KEEP || real == has.real || real == has.effective;
    if (!may_set(lx, w) && (!real_ok || !is_one_of(effective, has)))
        return -EPERM;
    if (real != KEEP)
        n.real = real;
    if (effective != KEEP)
        n.effective = effective;
    if (real != KEEP || (effective != KEEP && effective != has.real))
        n.saved = n.effective;
    return ids_set_locked(lx, w, n);
}

static int change_three_locked(struct lx_process *lx, enum which w, u32 real, u32 effective, u32 saved)
{
    struct lx_users has = ids_of_locked(lx, w);
    if (!may_set(lx, w) && !(is_one_of(real, has) && is_one_of(effective, has) && is_one_of(saved, has)))
        return -EPERM;
    if (real != KEEP)
        has.real = real;
    if (effective != KEEP)
        has.effective = effective;
    if (saved != KEEP)
        has.saved = saved;
    return ids_set_locked(lx, w, has);
}

/* The call with the lock held around it. */
#define LOCKED(change, ...)                                                                  \
    ({                                                                                       \
        struct lx_process *lx_ = lx_current();                                               \
        u64 irq_ = spin_lock_irqsave(&lx_->sighand->lock);                                   \
        int r_ = change(lx_, __VA_ARGS__);                                                   \
        spin_unlock_irqrestore(&lx_->sighand->lock, irq_);                                   \
        r_;                                                                                  \
    })

static int put_three(struct lx_users n, u64 real, u64 effective, u64 saved)
{
    if (copy_to_user(uptr(real), &n.real, sizeof(u32)) || copy_to_user(uptr(effective), &n.effective, sizeof(u32)) ||
        copy_to_user(uptr(saved), &n.saved, sizeof(u32)))
        return -EFAULT;
    return 0;
}

long sys_getuid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return lx_current()->uid; }
long sys_geteuid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return lx_current()->euid; }
long sys_getgid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return lx_current()->gid; }
long sys_getegid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return lx_current()->egid; }

long sys_setuid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return LOCKED(change_one_locked, USER, (u32)id); }
long sys_setgid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return LOCKED(change_one_locked, GROUP, (u32)id); }

long sys_setreuid(u64 real, u64 effective, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return LOCKED(change_two_locked, USER, (u32)real, (u32)effective);
}

long sys_setregid(u64 real, u64 effective, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return LOCKED(change_two_locked, GROUP, (u32)real, (u32)effective);
}

long sys_setresuid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return LOCKED(change_three_locked, USER, (u32)real, (u32)effective, (u32)saved);
}

long sys_setresgid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return LOCKED(change_three_locked, GROUP, (u32)real, (u32)effective, (u32)saved);
}

/* The identity that file checks go by. The answer is the old one, whether or not it changed. */
static int change_fs_locked(struct lx_process *lx, enum which w, u32 id, u32 *old)
{
    u32 *fs = w == USER ? &lx->fsuid : &lx->fsgid;
    *old = *fs;
    if (id == KEEP || !(may_set(lx, w) || id == *fs || is_one_of(id, ids_of_locked(lx, w))))
        return 0;
    if (w == USER)
        lx_caps_change_fsuid(&lx->caps, *fs, id);
    *fs = id;
    return 0;
}

static long change_fs(enum which w, u32 id)
{
    u32 old;
    (void)LOCKED(change_fs_locked, w, id, &old);
    return old;
}

long sys_setfsuid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return change_fs(USER, (u32)id); }
long sys_setfsgid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return change_fs(GROUP, (u32)id); }

long sys_getresuid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return put_three(ids_of(USER), real, effective, saved);
}

long sys_getresgid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return put_three(ids_of(GROUP), real, effective, saved);
}

static int groups_copy_locked(struct lx_process *lx, u32 groups[LX_NGROUPS])
{
    memcpy(groups, lx->groups, lx->ngroups * sizeof(u32));
    return (int)lx->ngroups;
}

long sys_getgroups(u64 size, u64 list, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 groups[LX_NGROUPS];
    int room = (int)size, n = LOCKED(groups_copy_locked, groups);
    if (room < 0 || (room > 0 && room < n))
        return -EINVAL;
    if (room > 0 && copy_to_user(uptr(list), groups, (size_t)n * sizeof(u32)))
        return -EFAULT;
    return n;
}

/* A check of access that goes on meanwhile may see some of both lists, never more. */
static int groups_set_locked(struct lx_process *lx, const u32 *groups, unsigned n)
{
    memcpy(lx->groups, groups, n * sizeof(u32));
    __atomic_store_n(&lx->ngroups, n, __ATOMIC_RELEASE);
    return 0;
}

long sys_setgroups(u64 size, u64 list, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 groups[LX_NGROUPS];
    if (!lx_capable(LX_CAP_SETGID))
        return -EPERM;
    if (size > LX_NGROUPS)
        return -EINVAL;
    if (copy_from_user(groups, uptr(list), size * sizeof(u32)))
        return -EFAULT;
    return LOCKED(groups_set_locked, groups, (unsigned)size);
}
