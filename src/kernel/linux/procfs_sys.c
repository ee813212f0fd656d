/* /proc's files about the whole machine. Only numbers that the kernel knows: a line that could
 * only be invented is left out. */
#include "arch/paging.h"
#include "arch/percpu.h"
#include "dev/console.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/ipc.h"
#include "linux/procfs.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "vm/vmo_pager.h"

typedef unsigned long long ull; /* for %llu */

static ull kib(u64 npages) { return npages * (PAGE_SIZE / 1024); }

static int make_uptime(struct proc_text *t, const struct proc_key *k)
{
    u64 up = clock_now_ns() / 10000000, idle = sched_idle_ns() / 10000000; /* hundredths */
    proc_printf(t, "%llu.%02llu %llu.%02llu\n", (ull)up / 100, (ull)up % 100, (ull)idle / 100, (ull)idle % 100);
    return 0;
}

static int make_meminfo(struct proc_text *t, const struct proc_key *k)
{
    struct pmm_stats s = pmm_stats();
    struct heap_stats heap = heap_stats();
    u64 files = vfs_pages_kept(), copies = page_cache_pages();
    proc_printf(t, "MemTotal:       %8llu kB\n", kib(s.total - s.reserved));
    proc_printf(t, "MemFree:        %8llu kB\n", kib(s.free));
    proc_printf(t, "MemAvailable:   %8llu kB\n",
                kib(s.free + kstacks_kept() * KSTACK_PAGES + pt_kept_pages() + copies));
    proc_printf(t, "Buffers:        %8u kB\n", 0u); /* there is no block device and no cache of one */
    proc_printf(t, "Cached:         %8llu kB\n", kib(files + copies));
    proc_printf(t, "Shmem:          %8llu kB\n", kib(files)); /* none of it has a copy on a disk */
    proc_printf(t, "SwapTotal:      %8u kB\n", 0u);
    proc_printf(t, "SwapFree:       %8u kB\n", 0u);
    proc_printf(t, "Slab:           %8llu kB\n", kib(heap.pages));
    return 0;
}

/* Of the processes that are there, and of their dead children. */
static void sum_faults(struct process *p, void *ctx)
{
    struct task_counts counts;
    process_counts(p, &counts);
    *(u64 *)ctx += counts.faults + p->children_counts.faults;
}

static int make_version(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Linux version %s (Rustica) (gcc %s)\n", LX_RELEASE, __VERSION__);
    return 0;
}

static char cmdline[2048]; /* set once before programs run */

void procfs_set_cmdline(const char *text) { str_copy(cmdline, text, sizeof(cmdline)); }

static int make_cmdline(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%s\n", cmdline);
    return 0;
}

static int make_filesystems(struct proc_text *t, const struct proc_key *k)
{
    const char *name;
    for (unsigned i = 0; (name = fs_type_name(i)); i++)
        proc_printf(t, "nodev\t%s\n", name);
    return 0;
}

static int make_swaps(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    return 0;
}

static int make_vmstat(struct proc_text *t, const struct proc_key *k)
{
    struct pmm_stats s = pmm_stats();
    u64 faults = 0;
    process_for_each(sum_faults, &faults);
    proc_printf(t, "nr_free_pages %llu\nnr_file_pages %llu\nnr_slab_unreclaimable %llu\n", (ull)s.free,
                (ull)vfs_pages_kept(), (ull)heap_stats().pages);
    proc_printf(t, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault %llu\npgmajfault 0\n", (ull)faults);
    return 0;
}

/* The numbers of the drivers in this kernel: devices(5) is what makes nodes of them. */
static int make_devices(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n%s\nBlock devices:\n",
                console_exists("hvc0") ? "229 hvc\n" : "");
    return 0;
}

/* Who gets the log (E) or is /dev/console (C); linux/Documentation/filesystems/proc.rst. */
static int make_consoles(struct proc_text *t, const struct proc_key *k)
{
    static const struct { const char *name; unsigned major, minor; } numbers[] = {
        { "tty0", 4, 1 }, { "ttyS0", 4, 64 }, { "hvc0", 229, 0 },
    };
    const char *name;
    bool log, tty;
    for (unsigned i = 0; console_describe(i, &name, &log, &tty); i++) {
        unsigned n = 0;
        while (n < ARRAY_SIZE(numbers) && strcmp(numbers[n].name, name) != 0)
            n++;
        if (n < ARRAY_SIZE(numbers) && (log || tty))
            proc_printf(t, "%-20s -WU (E%c  p  ) %4u:%u\n", name, tty ? 'C' : ' ', numbers[n].major, numbers[n].minor);
    }
    return 0;
}

/* Names for numbers of terminals: how ps and w call them. As Linux prints them (drivers/tty/tty_io.c). */
static int make_tty_drivers(struct proc_text *t, const struct proc_key *k)
{
    if (console_exists("hvc0"))
        proc_printf(t, "hvc                  /dev/hvc      229       0 system\n");
    proc_printf(t, "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
                   "/dev/console         /dev/console    5       1 system:console\n"
                   "/dev/ptmx            /dev/ptmx       5       2 system\n"
                   "serial               /dev/ttyS       4 64-67 serial\n"
                   "pty_slave            /dev/pts      136 0-1048575 pty:slave\n"
                   "pty_master           /dev/ptm      128 0-1048575 pty:master\n"
                   "unknown              /dev/tty        4 1-63 console\n");
    return 0;
}

static int make_partitions(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "major minor  #blocks  name\n\n");
    return 0;
}

static int text_readlink(const char *text, char *buf, size_t size)
{
    memcpy(buf, text, MIN(size, strlen(text)));
    return (int)strlen(text);
}

static int mounts_readlink(const struct proc_key *k, char *buf, size_t size)
{
    return text_readlink("self/mounts", buf, size);
}

static int net_readlink(const struct proc_key *k, char *buf, size_t size)
{
    return text_readlink("self/net", buf, size);
}

/* --- the tables --- */

#define FILE_ROW(n, fn) { .name = n, .mode = MODE_REG | 0444, .generate = fn }
#define EMPTY_ROW(n) { .name = n, .mode = MODE_REG | 0444, .text = "" } /* what it lists is not there */
#define DIR_ROW(n, d) { .name = n, .mode = MODE_DIR | 0555, .dir = d }
#define LINK_ROW(n, fn) { .name = n, .mode = MODE_LNK | 0777, .readlink = fn }

static const struct proc_entry sysvipc_rows[] = { FILE_ROW("msg", proc_sysv_msg), FILE_ROW("sem", proc_sysv_sem),
                                                  FILE_ROW("shm", proc_sysv_shm) };
static const struct proc_dir sysvipc_dir = { .rows = sysvipc_rows, .nrows = ARRAY_SIZE(sysvipc_rows) };

static const struct proc_entry tty_rows[] = { FILE_ROW("drivers", make_tty_drivers) };
static const struct proc_dir tty_dir = { .rows = tty_rows, .nrows = ARRAY_SIZE(tty_rows) };

static const struct proc_entry root_rows[] = {
    FILE_ROW("cmdline", make_cmdline), FILE_ROW("compat", proc_compat), FILE_ROW("consoles", make_consoles),
    FILE_ROW("cpuinfo", proc_cpuinfo), FILE_ROW("devices", make_devices), EMPTY_ROW("diskstats"),
    FILE_ROW("filesystems", make_filesystems),
    FILE_ROW("interrupts", proc_interrupts), FILE_ROW("loadavg", proc_loadavg),
    FILE_ROW("locks", proc_locks), FILE_ROW("meminfo", make_meminfo), EMPTY_ROW("modules"),
    LINK_ROW("mounts", mounts_readlink), LINK_ROW("net", net_readlink), LINK_ROW("self", proc_self_readlink),
    FILE_ROW("partitions", make_partitions), FILE_ROW("stat", proc_stat), FILE_ROW("swaps", make_swaps),
    DIR_ROW("sys", &proc_sys_dir), DIR_ROW("sysvipc", &sysvipc_dir),
    LINK_ROW("thread-self", proc_thread_self_readlink), DIR_ROW("tty", &tty_dir),
    FILE_ROW("uptime", make_uptime), FILE_ROW("version", make_version), FILE_ROW("vmstat", make_vmstat),
    FILE_ROW("lock_graph", LOCK_DEBUG ? proc_lock_graph : NULL), /* the last: others do not show it */
};

struct least { int from, found; };

static void note_pid(struct process *p, void *ctx)
{
    struct least *l = ctx;
    if (p->pid >= l->from && (l->found < 0 || p->pid < l->found))
        l->found = p->pid;
}

static int next_pid(const struct proc_key *dir, int from)
{
    struct least l = { from, -1 };
    process_for_each(note_pid, &l);
    return l.found;
}

/* A thread other than its process's first has a directory too (proc(5)): tracers know it by that number alone. */
static bool find_thread(int tid, struct proc_key *k)
{
    struct process *p = process_find_thread(tid);
    if (!p)
        return false;
    k->id[PROC_PID] = p->pid;
    k->id[PROC_TID] = tid;
    kobject_put(&p->obj);
    return true;
}

const struct proc_dir proc_root_dir = {
    .rows = root_rows, .nrows = ARRAY_SIZE(root_rows) - !LOCK_DEBUG, .member = &proc_pid_entry, .member_id = PROC_PID,
    .next = next_pid, .hidden = find_thread,
};
