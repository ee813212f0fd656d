/* /sys/devices/system/cpu: which CPUs run, and which of them share a core and a package.
 *
 * Only CPUs that run are shown: those that were kept from starting are not possible either. Who shares what is
 * read off the APIC ids, whose bits the processor divides into package, core and thread. */
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linux/procfs.h"

static u64 running_mask(void)
{
    u32 n = cpus_running();
    return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/* "0-3,8", as bitmaps are listed in /sys. */
static void put_list(struct proc_text *t, u64 mask)
{
    const char *comma = "";
    for (unsigned i = 0; i < 64; i++) {
        if (!(mask >> i & 1))
            continue;
        unsigned last = i;
        while (last + 1 < 64 && mask >> (last + 1) & 1)
            last++;
        proc_printf(t, last > i ? "%s%u-%u" : "%s%u", comma, i, last);
        comma = ",";
        i = last;
    }
    proc_printf(t, "\n");
}

/* Hexadecimal in pieces of 32 bits, as wide as the number of CPUs. */
static void put_mask(struct proc_text *t, u64 mask)
{
    u32 n = cpus_running();
    if (n > 32)
        proc_printf(t, "%0*x,%08x\n", (int)(n - 32 + 3) / 4, (u32)(mask >> 32), (u32)mask);
    else
        proc_printf(t, "%0*x\n", (int)(n + 3) / 4, (u32)mask);
}

/* --- topology --- */

struct apic_bits { u32 thread, package; }; /* how many low bits of the APIC id tell threads, and all below packages */

static u32 bits_for(u32 count)
{
    u32 bits = 0;
    while (bits < 31 && 1u << bits < count)
        bits++;
    return bits;
}

/* SDM vol. 2, CPUID leaf 0BH: EAX[4:0] is the shift to the next level, ECX[15:8] the kind of this one. */
static bool read_levels(struct apic_bits *b)
{
    for (u32 level = 0; level < 4; level++) {
        struct cpuid_regs r = cpuid(0x0b, level);
        u32 kind = r.ecx >> 8 & 0xff;
        if (!kind || !(r.ebx & 0xffff))
            return level > 0;
        if (kind == 1)
            b->thread = r.eax & 31;
        b->package = r.eax & 31;
    }
    return true;
}

/* The older leaves: 1 (EDX[28]: EBX[23:16] ids a package), 4 (EAX[31:26]: cores), AMD's 80000008H (ECX[7:0]: cores
 * less one). */
static struct apic_bits read_counts(u32 max_leaf)
{
    struct apic_bits b = { 0, 0 };
    struct cpuid_regs one = cpuid(1, 0);
    if (!(one.edx >> 28 & 1))
        return b;
    u32 ids = MAX(one.ebx >> 16 & 0xff, 1u), cores = 1;
    if (max_leaf >= 4 && (cpuid(4, 0).eax & 31))
        cores = (cpuid(4, 0).eax >> 26) + 1;
    else if (cpuid(0x80000000, 0).eax >= 0x80000008)
        cores = (cpuid(0x80000008, 0).ecx & 0xff) + 1;
    b.package = bits_for(ids);
    b.thread = b.package - MIN(bits_for(cores), b.package);
    return b;
}

static struct apic_bits read_apic_bits(void)
{
    struct apic_bits b = { 0, 0 };
    u32 max_leaf = cpuid(0, 0).eax;
    return max_leaf >= 0x0b && read_levels(&b) ? b : read_counts(max_leaf);
}

static u32 apic_of(const struct proc_key *k) { return cpus[k->id[SYS_CPU]].lapic_id; }

/* Who has the same APIC id but for so many low bits. */
static u64 sharing_mask(u32 apic, u32 bits)
{
    u64 mask = 0;
    for (u32 i = 0; i < cpus_running(); i++)
        if (cpus[i].lapic_id >> bits == apic >> bits)
            mask |= 1ull << i;
    return mask;
}

static int make_core_id(struct proc_text *t, const struct proc_key *k)
{
    struct apic_bits b = read_apic_bits();
    proc_printf(t, "%u\n", (apic_of(k) & ((1u << b.package) - 1)) >> b.thread);
    return 0;
}
static int make_package_id(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", apic_of(k) >> read_apic_bits().package);
    return 0;
}
static int make_core_mask(struct proc_text *t, const struct proc_key *k)
{
    put_mask(t, sharing_mask(apic_of(k), read_apic_bits().thread));
    return 0;
}
static int make_core_list(struct proc_text *t, const struct proc_key *k)
{
    put_list(t, sharing_mask(apic_of(k), read_apic_bits().thread));
    return 0;
}
static int make_package_mask(struct proc_text *t, const struct proc_key *k)
{
    put_mask(t, sharing_mask(apic_of(k), read_apic_bits().package));
    return 0;
}
static int make_package_list(struct proc_text *t, const struct proc_key *k)
{
    put_list(t, sharing_mask(apic_of(k), read_apic_bits().package));
    return 0;
}

/* --- the whole --- */

static int make_running(struct proc_text *t, const struct proc_key *k)
{
    put_list(t, running_mask());
    return 0;
}
static int make_none(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "\n");
    return 0;
}
static int make_kernel_max(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", MAX_CPUS - 1);
    return 0;
}

/* --- the tables --- */

#define FILE_ROW(n, fn) { .name = n, .mode = MODE_REG | 0444, .generate = fn }
#define DIR_ROW(n, d) { .name = n, .mode = MODE_DIR | 0755, .dir = d }

static const struct proc_entry topology_rows[] = {
    FILE_ROW("core_cpus", make_core_mask), FILE_ROW("core_cpus_list", make_core_list), FILE_ROW("core_id", make_core_id),
    FILE_ROW("core_siblings", make_package_mask), FILE_ROW("core_siblings_list", make_package_list),
    FILE_ROW("package_cpus", make_package_mask), FILE_ROW("package_cpus_list", make_package_list),
    FILE_ROW("physical_package_id", make_package_id), FILE_ROW("thread_siblings", make_core_mask),
    FILE_ROW("thread_siblings_list", make_core_list),
};
static const struct proc_dir topology_dir = { .rows = topology_rows, .nrows = ARRAY_SIZE(topology_rows) };
static const struct proc_entry one_rows[] = { DIR_ROW("topology", &topology_dir) };
static const struct proc_dir one_dir = { .rows = one_rows, .nrows = ARRAY_SIZE(one_rows) };
static const struct proc_entry one_entry = DIR_ROW("cpu", &one_dir);

static int cpu_find(const char *name, size_t len)
{
    int n = 0;
    if (len < 4 || len > 6 || memcmp(name, "cpu", 3) != 0 || (name[3] == '0' && len > 4))
        return -1;
    for (size_t i = 3; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        n = n * 10 + (name[i] - '0');
    }
    return n;
}
static int cpu_show(int number, char *buf, size_t size) { return format(buf, size, "cpu%d", number); }
static int cpu_next(const struct proc_key *dir, int from) { return (u32)from < cpus_running() ? from : -1; }

static const struct proc_names cpu_names = { cpu_find, cpu_show };
static const struct proc_entry rows[] = {
    FILE_ROW("isolated", make_none), FILE_ROW("kernel_max", make_kernel_max), FILE_ROW("offline", make_none),
    FILE_ROW("online", make_running), FILE_ROW("possible", make_running), FILE_ROW("present", make_running),
};
const struct proc_dir sys_cpu_dir = {
    .rows = rows, .nrows = ARRAY_SIZE(rows), .member = &one_entry, .member_id = SYS_CPU, .next = cpu_next, .names = &cpu_names,
};
