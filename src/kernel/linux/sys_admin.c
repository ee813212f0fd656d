/* The superuser's calls on the machine: reboot and the kernel log. */
#include "dev/power.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/syscall.h"
#include "linux/lx.h"

/* linux/reboot.h */
#define REBOOT_MAGIC1 0xfee1deadu
#define REBOOT_RESTART 0x01234567u
#define REBOOT_HALT 0xcdef0123u
#define REBOOT_POWER_OFF 0x4321fedcu

static bool magic2_known(u32 magic)
{
    return magic == 672274793u || magic == 85072278u || magic == 369367448u || magic == 537993216u;
}

/* Ctrl-Alt-Del handling, suspend and kexec are not there: -EINVAL. */
long sys_reboot(u64 magic1, u64 magic2, u64 command, u64 a3, u64 a4, u64 a5)
{
    if (!lx_capable(LX_CAP_SYS_BOOT))
        return -EPERM;
    if ((u32)magic1 != REBOOT_MAGIC1 || !magic2_known((u32)magic2))
        return -EINVAL;
    switch ((u32)command) {
    case REBOOT_RESTART:
        kinfo("reboot: restarting");
        power_do(POWER_REBOOT);
    case REBOOT_POWER_OFF:
        kinfo("reboot: power off");
        power_do(POWER_OFF);
    case REBOOT_HALT:
        kinfo("reboot: system halted");
        power_halt();
    default:
        return -EINVAL;
    }
}

/* linux/syslog.h */
enum { LOG_ACTION_CLOSE, LOG_ACTION_OPEN, LOG_ACTION_READ, LOG_ACTION_READ_ALL, LOG_ACTION_READ_CLEAR,
       LOG_ACTION_CLEAR, LOG_ACTION_CONSOLE_OFF, LOG_ACTION_CONSOLE_ON, LOG_ACTION_CONSOLE_LEVEL,
       LOG_ACTION_SIZE_UNREAD, LOG_ACTION_SIZE_BUFFER };
#define CONSOLE_LEVEL_DEFAULT 7

static u64 cleared_seq; /* lines before this one were cleared away */

/* Bytes of all lines from *seq on. */
static size_t log_size(u64 seq)
{
    char line[LOG_LINE_MAX];
    size_t n, sum = 0;
    while ((n = log_read(&seq, line, sizeof line)))
        sum += n;
    return sum;
}

/* The last lines that fit. */
static long read_all(u64 ubuf, size_t size)
{
    char line[LOG_LINE_MAX];
    u64 seq = __atomic_load_n(&cleared_seq, __ATOMIC_RELAXED);
    size_t total = log_size(seq), skip = total > size ? total - size : 0, n, done = 0;
    while ((n = log_read(&seq, line, sizeof line)) && done + n <= size) {
        if (skip) {
            skip -= MIN(skip, n);
            continue;
        }
        if (copy_to_user(uptr(ubuf + done), line, n))
            return -EFAULT;
        done += n;
    }
    return (long)done;
}

static void clear_log(void)
{
    char line[LOG_LINE_MAX];
    u64 seq = __atomic_load_n(&cleared_seq, __ATOMIC_RELAXED);
    while (log_read(&seq, line, sizeof line))
        ;
    __atomic_store_n(&cleared_seq, seq, __ATOMIC_RELAXED);
}

static long change_log(int action, u64 ubuf, int len)
{
    long r = 0;
    if (!lx_capable(LX_CAP_SYSLOG) && !lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    switch (action) {
    case LOG_ACTION_READ_CLEAR:
        r = read_all(ubuf, (size_t)len);
        if (r >= 0)
            clear_log();
        return r;
    case LOG_ACTION_CLEAR: clear_log(); return 0;
    case LOG_ACTION_CONSOLE_OFF: log_set_console_level(1); return 0;
    case LOG_ACTION_CONSOLE_ON: log_set_console_level(CONSOLE_LEVEL_DEFAULT); return 0;
    case LOG_ACTION_CONSOLE_LEVEL:
        if (len < 1 || len > 8)
            return -EINVAL;
        log_set_console_level(len);
        return 0;
    default: return -EINVAL;
    }
}

long sys_syslog(u64 type, u64 ubuf, u64 alen, u64 a3, u64 a4, u64 a5)
{
    int action = (int)type, len = (int)alen;
    bool reads = action == LOG_ACTION_READ_ALL || action == LOG_ACTION_READ_CLEAR;
    if (reads && (len < 0 || !ubuf))
        return -EINVAL;
    switch (action) {
    case LOG_ACTION_CLOSE: case LOG_ACTION_OPEN: return 0;
    case LOG_ACTION_READ_ALL: return read_all(ubuf, (size_t)len);
    case LOG_ACTION_SIZE_BUFFER: return LOG_RING_SIZE;
    default: return change_log(action, ubuf, len);
    }
}
