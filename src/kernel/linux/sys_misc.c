/* The machine and small things of a process: uname, sysinfo, arch_prctl, umask. */
#include "arch/context.h"
#include "lib/errno.h"
#include "lib/random.h"
#include "lib/string.h"
#include "linux/missing.h"
#include "linux/procfs.h"
#include "linux/syscall.h"
#include "linux/lx.h"
#include "mm/pmm.h"

#define UTS_BYTES 65
struct utsname {
    char sysname[UTS_BYTES], nodename[UTS_BYTES], release[UTS_BYTES], version[UTS_BYTES], machine[UTS_BYTES],
        domain[UTS_BYTES];
};

static struct { struct mutex lock; char name[UTS_BYTES]; } host = { MUTEX_INIT(host.lock, "hostname"), "rustica" };

void lx_hostname(char *buf, size_t size)
{
    mutex_lock(&host.lock);
    str_copy(buf, host.name, size);
    mutex_unlock(&host.lock);
}

long sys_uname(u64 uout, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct utsname u = { .sysname = "Linux", .release = LX_RELEASE, .version = "#1 SMP", .machine = "x86_64",
                         .domain = "(none)" };
    lx_hostname(u.nodename, sizeof u.nodename);
    if ((lx_current()->personality & LX_PER_MASK) == LX_PER_LINUX32)
        str_copy(u.machine, "i686", sizeof u.machine);
    return copy_to_user(uptr(uout), &u, sizeof u);
}

long sys_sethostname(u64 uname, u64 len, u64 a2, u64 a3, u64 a4, u64 a5)
{
    char name[UTS_BYTES] = { 0 };
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if (len >= UTS_BYTES)
        return -EINVAL;
    if (copy_from_user(name, uptr(uname), len))
        return -EFAULT;
    mutex_lock(&host.lock);
    memcpy(host.name, name, sizeof name);
    mutex_unlock(&host.lock);
    return 0;
}

struct sysinfo {
    i64 uptime;
    u64 loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
    u16 procs, pad;
    u32 pad2;
    u64 totalhigh, freehigh;
    u32 mem_unit, pad3;
};
_Static_assert(sizeof(struct sysinfo) == 112, "struct sysinfo");

long sys_sysinfo(u64 uout, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct pmm_stats m = pmm_stats();
    struct sysinfo s = {
        .uptime = (i64)(clock_now_ns() / NSEC_PER_SEC),
        .totalram = m.total * PAGE_SIZE,
        .freeram = m.free * PAGE_SIZE,
        .sharedram = vfs_pages_kept() * PAGE_SIZE, /* as /proc/meminfo's Shmem */
        .procs = (u16)MIN(process_count(), UINT16_MAX),
        .mem_unit = 1,
    };
    lx_loadavg(s.loads);
    return copy_to_user(uptr(uout), &s, sizeof s);
}

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

static long fs_set(u64 base)
{
    if (base >= USER_TOP) /* WRMSR faults on a non-canonical base (SDM vol. 2, WRMSR) */
        return -EPERM;
    preempt_disable();
    thread_current()->fs_base = base;
    fs_base_set(base);
    preempt_enable();
    return 0;
}

static long fs_get(u64 user)
{
    u64 base = fs_base_get();
    return copy_to_user(uptr(user), &base, sizeof base);
}

long sys_arch_prctl(u64 option, u64 arg, u64 a2, u64 a3, u64 a4, u64 a5)
{
    switch ((int)option) {
    case ARCH_SET_FS: return fs_set(arg);
    case ARCH_GET_FS: return fs_get(arg);
    default: return lx_missing((u32)option, -EINVAL); /* GS belongs to the kernel's own entry code */
    }
}

long sys_umask(u64 mask, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_fs *fs = lx_current()->fs;
    mutex_lock(&fs->lock);
    u32 old = fs->umask;
    fs->umask = mask & 0777;
    mutex_unlock(&fs->lock);
    return old;
}

/* 0xffffffff asks; the answer is the old one. What would not be kept is refused. */
long sys_personality(u64 persona, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    u32 wish = (u32)persona, who = wish & LX_PER_MASK;
    if (wish == UINT32_MAX)
        return __atomic_load_n(&lx->personality, __ATOMIC_RELAXED);
    if ((who != 0 && who != LX_PER_LINUX32) || (wish & ~(LX_PER_MASK | LX_ADDR_NO_RANDOMIZE)))
        return lx_missing(wish, -EINVAL);
    return __atomic_exchange_n(&lx->personality, wish, __ATOMIC_RELAXED);
}

#define GRND_NONBLOCK 1u
#define GRND_RANDOM 2u
#define GRND_INSECURE 4u
#define RANDOM_CHUNK 256u

long sys_getrandom(u64 ubuf, u64 len, u64 flags, u64 a3, u64 a4, u64 a5)
{
    u8 chunk[RANDOM_CHUNK];
    size_t n = MIN(len, INT32_MAX), done = 0;
    if ((u32)flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    while (done < n && !(done && lx_signal_pending())) {
        size_t part = MIN(n - done, sizeof chunk);
        kernel_random(chunk, part);
        if (copy_to_user(uptr(ubuf + done), chunk, part))
            break;
        done += part;
    }
    memset(chunk, 0, sizeof chunk);
    return done || !n ? (long)done : -EFAULT;
}
