/* User and group identities (credentials(7)). Of the whole process, as POSIX has them; C libraries
 * that set them thread by thread only repeat what is already so. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define KEEP ((u32)-1) /* "leave as it is" */

struct ids { u32 real, effective, saved; };

static struct ids uids(const struct lx_process *lx) { return (struct ids){ lx->uid, lx->euid, lx->suid }; }
static struct ids gids(const struct lx_process *lx) { return (struct ids){ lx->gid, lx->egid, lx->sgid }; }

static void set_uids(struct lx_process *lx, struct ids n)
{
    lx->uid = n.real, lx->euid = lx->fsuid = n.effective, lx->suid = n.saved;
}

static void set_gids(struct lx_process *lx, struct ids n)
{
    lx->gid = n.real, lx->egid = lx->fsgid = n.effective, lx->sgid = n.saved;
}

static bool is_one_of(u32 id, struct ids has)
{
    return id == KEEP || id == has.real || id == has.effective || id == has.saved;
}

/* setuid: the superuser sets all three, others only the effective one. */
static int change_one(struct ids *has, u32 id)
{
    if (id == KEEP)
        return -EINVAL;
    if (lx_is_root()) {
        *has = (struct ids){ id, id, id };
        return 0;
    }
    if (id != has->real && id != has->saved)
        return -EPERM;
    has->effective = id;
    return 0;
}

static int change_two(struct ids *has, u32 real, u32 effective)
{
    bool real_ok = real == KEEP || real == has->real || real == has->effective;
    if (!lx_is_root() && (!real_ok || !is_one_of(effective, *has)))
        return -EPERM;
    struct ids n = *has;
    if (real != KEEP)
        n.real = real;
    if (effective != KEEP)
        n.effective = effective;
    if (real != KEEP || (effective != KEEP && effective != has->real))
        n.saved = n.effective;
    *has = n;
    return 0;
}

static int change_three(struct ids *has, u32 real, u32 effective, u32 saved)
{
    if (!lx_is_root() && !(is_one_of(real, *has) && is_one_of(effective, *has) && is_one_of(saved, *has)))
        return -EPERM;
    if (real != KEEP)
        has->real = real;
    if (effective != KEEP)
        has->effective = effective;
    if (saved != KEEP)
        has->saved = saved;
    return 0;
}

static int put_three(struct ids n, u64 real, u64 effective, u64 saved)
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

long sys_setuid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct ids n = uids(lx_current());
    int r = change_one(&n, (u32)id);
    if (r == 0)
        set_uids(lx_current(), n);
    return r;
}

long sys_setgid(u64 id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct ids n = gids(lx_current());
    int r = change_one(&n, (u32)id);
    if (r == 0)
        set_gids(lx_current(), n);
    return r;
}

long sys_setreuid(u64 real, u64 effective, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct ids n = uids(lx_current());
    int r = change_two(&n, (u32)real, (u32)effective);
    if (r == 0)
        set_uids(lx_current(), n);
    return r;
}

long sys_setregid(u64 real, u64 effective, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct ids n = gids(lx_current());
    int r = change_two(&n, (u32)real, (u32)effective);
    if (r == 0)
        set_gids(lx_current(), n);
    return r;
}

long sys_setresuid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    struct ids n = uids(lx_current());
    int r = change_three(&n, (u32)real, (u32)effective, (u32)saved);
    if (r == 0)
        set_uids(lx_current(), n);
    return r;
}

long sys_setresgid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    struct ids n = gids(lx_current());
    int r = change_three(&n, (u32)real, (u32)effective, (u32)saved);
    if (r == 0)
        set_gids(lx_current(), n);
    return r;
}

long sys_getresuid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return put_three(uids(lx_current()), real, effective, saved);
}

long sys_getresgid(u64 real, u64 effective, u64 saved, u64 a3, u64 a4, u64 a5)
{
    return put_three(gids(lx_current()), real, effective, saved);
}

long sys_getgroups(u64 size, u64 list, u64 a2, u64 a3, u64 a4, u64 a5)
{
    const struct lx_process *lx = lx_current();
    int room = (int)size;
    if (room < 0)
        return -EINVAL;
    if (room == 0)
        return lx->ngroups;
    if ((unsigned)room < lx->ngroups)
        return -EINVAL;
    if (copy_to_user(uptr(list), lx->groups, lx->ngroups * sizeof(u32)))
        return -EFAULT;
    return lx->ngroups;
}

long sys_setgroups(u64 size, u64 list, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    u32 groups[LX_NGROUPS];
    if (!lx_is_root())
        return -EPERM;
    if (size > LX_NGROUPS)
        return -EINVAL;
    if (copy_from_user(groups, uptr(list), size * sizeof(u32)))
        return -EFAULT;
    memcpy(lx->groups, groups, size * sizeof(u32));
    lx->ngroups = (unsigned)size;
    return 0;
}

/* linux/capability.h, version 3: two words a set. The superuser has all, others none. */
#define CAP_VERSION_3 0x20080522u
#define CAP_LAST 40

struct cap_header { u32 version; i32 pid; };
struct cap_data { u32 effective, permitted, inheritable; };

long sys_capget(u64 uheader, u64 udata, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct cap_header h;
    struct cap_data d[2] = { 0 };
    if (copy_from_user(&h, uptr(uheader), sizeof h))
        return -EFAULT;
    if (h.version != CAP_VERSION_3) {
        h.version = CAP_VERSION_3;
        return copy_to_user(uptr(uheader), &h, sizeof h) ? -EFAULT : udata ? -EINVAL : 0;
    }
    if (h.pid < 0)
        return -EINVAL;
    struct process *p = process_find(h.pid ? h.pid : process_current()->pid);
    if (!p)
        return -ESRCH;
    if (p->lx->euid == 0) {
        d[0].effective = d[0].permitted = UINT32_MAX;
        d[1].effective = d[1].permitted = (1u << (CAP_LAST - 31)) - 1;
    }
    kobject_put(&p->obj);
    return udata ? copy_to_user(uptr(udata), d, sizeof d) : 0;
}
