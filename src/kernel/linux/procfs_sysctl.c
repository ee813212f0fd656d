/* /proc/sys: what sysctl(8) shows. All of it can only be read. */
#include "lib/random.h"
#include "lib/string.h"
#include "linux/ipc.h"
#include "linux/mq.h"
#include "linux/procfs.h"
#include "linux/capability.h"
#include "net/socket.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"

typedef unsigned long long ull; /* for %llu */

static int make_hostname(struct proc_text *t, const struct proc_key *k)
{
    char name[65]; /* __NEW_UTS_LEN and its terminator */
    lx_hostname(name, sizeof(name));
    proc_printf(t, "%s\n", name);
    return 0;
}
static int make_osrelease(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%s\n", LX_RELEASE);
    return 0;
}
static int make_ostype(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Linux\n");
    return 0;
}
static int make_pid_max(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%d\n", PID_MAX);
    return 0;
}
static int make_threads_max(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", process_threads_max());
    return 0;
}
static int make_entropy(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "256\n"); /* the generator never runs dry: what Linux says since 5.18 */
    return 0;
}
static int make_ngroups_max(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%d\n", LX_NGROUPS);
    return 0;
}

static void put_uuid(struct proc_text *t, const u8 id[16])
{
    for (int i = 0; i < 16; i++)
        proc_printf(t, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", id[i]);
    proc_printf(t, "\n");
}

/* RFC 9562: version 4, random. */
static void uuid_make(u8 id[16])
{
    kernel_random(id, 16);
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
}

static int make_uuid(struct proc_text *t, const struct proc_key *k)
{
    u8 id[16];
    uuid_make(id);
    put_uuid(t, id);
    return 0;
}

static u8 boot_id[16];
static struct mutex boot_id_lock = MUTEX_INIT(boot_id_lock, "boot id");

static int make_boot_id(struct proc_text *t, const struct proc_key *k)
{
    mutex_lock(&boot_id_lock);
    if (!boot_id[6])
        uuid_make(boot_id);
    mutex_unlock(&boot_id_lock);
    put_uuid(t, boot_id);
    return 0;
}

static int make_kernel_version(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "#1 SMP Rustica\n");
    return 0;
}

/* vm: a page is promised when it is touched (overcommit 1), and nothing is ever swapped. */
static int make_overcommit(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "1\n");
    return 0;
}

/* fs/file-nr: open files, free ones, the most there may be. */
static int make_file_nr(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%llu\t0\t%llu\n", (ull)kobject_count(KOBJ_FILE), (ull)INT64_MAX);
    return 0;
}
static int make_file_max(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%llu\n", (ull)INT64_MAX);
    return 0;
}

/* What RLIMIT_NOFILE can be raised to. */
static int make_nr_open(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", (unsigned)HANDLES_MAX);
    return 0;
}

static int make_msgmni(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", ipc_msg_queues_max());
    return 0;
}

/* --- the tables --- */

#define TEXT_ROW(n, value) { .name = n, .mode = MODE_REG | 0444, .text = value "\n" }
_Static_assert(PIPE_CAPACITY_MAX == 1048576, "as below");
_Static_assert(LX_CAP_LAST == 40 && IPC_SHM_MAX == 4096 && IPC_MSG_BYTES_MAX == 8192 && IPC_MSG_QUEUE_BYTES == 16384,
               "as below");
_Static_assert(IPC_SEM_PER_SET_MAX == 32000 && IPC_SEM_ALL_MAX == 1024000 && IPC_SEM_OPS_MAX == 500, "as below");
_Static_assert(MQ_MESSAGES_MAX == 10 && MQ_BYTES_MAX == 8192 && MQ_QUEUES_MAX == 256, "as below");
_Static_assert(NOTIFY_QUEUE_MAX == 16384 && NOTIFY_INSTANCES_MAX == 1024 && NOTIFY_WATCHES_MAX == 65536, "as below");

_Static_assert(SOCK_BUFFER_DEFAULT == 212992 && SOCK_BUFFER_MAX == 2 * 212992,
               "as below: what is asked for is doubled");

#define FILE_ROW(n, fn) { .name = n, .mode = MODE_REG | 0444, .generate = fn }
#define DIR_ROW(n, ...) { .name = n, .mode = MODE_DIR | 0555, .dir = &(const struct proc_dir){ \
    .rows = (const struct proc_entry[]){ __VA_ARGS__ }, .nrows = ARRAY_SIZE(((const struct proc_entry[]){ __VA_ARGS__ })) } }

static const struct proc_entry rows[] = {
    DIR_ROW("fs", FILE_ROW("file-max", make_file_max), FILE_ROW("file-nr", make_file_nr),
            DIR_ROW("inotify", TEXT_ROW("max_queued_events", "16384"), TEXT_ROW("max_user_instances", "1024"),
                    TEXT_ROW("max_user_watches", "65536")),
            DIR_ROW("mqueue", TEXT_ROW("msg_default", "10"), TEXT_ROW("msg_max", "10"), TEXT_ROW("msgsize_default", "8192"),
                    TEXT_ROW("msgsize_max", "8192"), TEXT_ROW("queues_max", "256")),
            FILE_ROW("nr_open", make_nr_open), TEXT_ROW("overflowgid", "65534"),
            TEXT_ROW("overflowuid", "65534"), TEXT_ROW("pipe-max-size", "1048576")),
    DIR_ROW("kernel", TEXT_ROW("cap_last_cap", "40"), TEXT_ROW("domainname", "(none)"), FILE_ROW("hostname", make_hostname),
            TEXT_ROW("msgmax", "8192"), TEXT_ROW("msgmnb", "16384"), FILE_ROW("msgmni", make_msgmni),
            FILE_ROW("ngroups_max", make_ngroups_max),
            FILE_ROW("osrelease", make_osrelease), FILE_ROW("ostype", make_ostype), TEXT_ROW("overflowgid", "65534"),
            TEXT_ROW("overflowuid", "65534"), FILE_ROW("pid_max", make_pid_max),
            DIR_ROW("random", FILE_ROW("boot_id", make_boot_id), FILE_ROW("entropy_avail", make_entropy),
                    FILE_ROW("uuid", make_uuid)),
            TEXT_ROW("randomize_va_space", "2"), TEXT_ROW("sem", "32000\t1024000\t500\t32000"),
            TEXT_ROW("shmall", "18446744073692774399"), TEXT_ROW("shmmax", "18446744073692774399"), TEXT_ROW("shmmni", "4096"),
            FILE_ROW("threads-max", make_threads_max), FILE_ROW("version", make_kernel_version)),
    DIR_ROW("net", DIR_ROW("core", TEXT_ROW("rmem_default", "212992"), TEXT_ROW("rmem_max", "212992"),
                           TEXT_ROW("somaxconn", "4096"), TEXT_ROW("wmem_default", "212992"), TEXT_ROW("wmem_max", "212992")),
            DIR_ROW("ipv4", TEXT_ROW("ip_default_ttl", "64"), TEXT_ROW("ip_forward", "0"),
                    TEXT_ROW("ip_local_port_range", "32768\t60999")),
            DIR_ROW("ipv6", TEXT_ROW("bindv6only", "0"))),
    DIR_ROW("vm", TEXT_ROW("max_map_count", "2147483647"),
            FILE_ROW("overcommit_memory", make_overcommit)), /* mappings: no limit but memory */
};
const struct proc_dir proc_sys_dir = { .rows = rows, .nrows = ARRAY_SIZE(rows) };
