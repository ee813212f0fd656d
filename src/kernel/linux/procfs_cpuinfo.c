/* /proc/cpuinfo: the processors as CPUID describes them, in Linux's words.
 *
 * Programs look into "flags" for what they may execute, so what this kernel has not switched on is left out: AVX where
 * there is no XSAVE, AVX-512, FSGSBASE, protection keys. All CPUs are alike (cpu_features_init_like_boot()). */
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "arch/tsc.h"
#include "lib/string.h"
#include "linux/procfs.h"

typedef unsigned long long ull; /* for %llu */

/* SDM vol. 2, CPUID, and AMD64 vol. 3, appendix E; the names are those of linux/arch/x86/include/asm/cpufeatures.h. */
static const char *const leaf_1_edx[32] = {
    "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep", "mtrr", "pge", "mca", "cmov",
    "pat", "pse36", "pn", "clflush", NULL, "dts", "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", NULL, "pbe",
};
static const char *const leaf_1_ecx[32] = {
    "pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2", "ssse3", [13] = "cx16", [17] = "pcid",
    [19] = "sse4_1", "sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes", [30] = "rdrand", "hypervisor",
};
static const char *const leaf_1_ecx_xsave[32] = { [26] = "xsave" };
static const char *const leaf_1_ecx_avx[32] = { [12] = "fma", [28] = "avx", "f16c" };
static const char *const leaf_7_ebx[32] = {
    [1] = "tsc_adjust", [3] = "bmi1", [7] = "smep", "bmi2", "erms", "invpcid", [18] = "rdseed", "adx", "smap",
    [23] = "clflushopt", "clwb", [29] = "sha_ni",
};
static const char *const leaf_7_ebx_avx[32] = { [5] = "avx2" };
static const char *const leaf_7_ecx[32] = { [2] = "umip", [8] = "gfni", [22] = "rdpid" };
static const char *const leaf_7_ecx_avx[32] = { [9] = "vaes", "vpclmulqdq" };
static const char *const extended_edx[32] = {
    [11] = "syscall", [20] = "nx", [22] = "mmxext", [25] = "fxsr_opt", "pdpe1gb", "rdtscp", [29] = "lm", "3dnowext", "3dnow",
};
static const char *const extended_ecx[32] = {
    "lahf_lm", "cmp_legacy", "svm", "extapic", "cr8_legacy", "abm", "sse4a", "misalignsse", "3dnowprefetch", "osvw",
    [22] = "topoext",
};

static void put_flags(struct proc_text *t, u32 bits, const char *const names[32])
{
    for (unsigned i = 0; i < 32; i++)
        if ((bits >> i & 1) && names[i])
            proc_printf(t, " %s", names[i]);
}

static void put_all_flags(struct proc_text *t)
{
    const struct cpuid_regs none = { 0 };
    u32 max = cpuid(0, 0).eax;
    struct cpuid_regs one = cpuid(1, 0), seven = max >= 7 ? cpuid(7, 0) : none, ext = cpuid(0x80000001, 0);
    bool avx = cpu_features.xsave && (cpuid(0xd, 0).eax & 4); /* arch/fpu.c enables it then */
    proc_printf(t, "flags\t\t:");
    put_flags(t, one.edx, leaf_1_edx);
    put_flags(t, ext.edx, extended_edx);
    put_flags(t, one.ecx, leaf_1_ecx);
    if (cpu_features.xsave)
        put_flags(t, one.ecx, leaf_1_ecx_xsave);
    if (avx)
        put_flags(t, one.ecx, leaf_1_ecx_avx);
    put_flags(t, ext.ecx, extended_ecx);
    put_flags(t, seven.ebx, leaf_7_ebx);
    if (avx)
        put_flags(t, seven.ebx, leaf_7_ebx_avx);
    put_flags(t, seven.ecx, leaf_7_ecx);
    if (avx)
        put_flags(t, seven.ecx, leaf_7_ecx_avx);
    proc_printf(t, "\n");
}

static void put_name(struct proc_text *t, u32 cpu)
{
    char brand[49], vendor[13] = { 0 };
    struct cpuid_regs id = cpuid(0, 0);
    u32 sig = cpuid(1, 0).eax, base = sig >> 8 & 15, family = base == 15 ? base + (sig >> 20 & 255) : base;
    u32 model = (sig >> 4 & 15) | (base == 6 || base == 15 ? (sig >> 16 & 15) << 4 : 0);
    memcpy(vendor, &id.ebx, 4);
    memcpy(vendor + 4, &id.edx, 4);
    memcpy(vendor + 8, &id.ecx, 4);
    cpu_brand(brand);
    proc_printf(t, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu, vendor, family, model);
    proc_printf(t, "model name\t: %s\nstepping\t: %u\n", brand, sig & 15);
    proc_printf(t, "cpu MHz\t\t: %llu.%03llu\n", (ull)tsc_khz / 1000, (ull)tsc_khz % 1000);
}

/* A turn of Linux's delay loop is two ticks. */
static void put_rest(struct proc_text *t)
{
    bool told = cpuid(0x80000000, 0).eax >= 0x80000008;
    u32 line = (cpuid(1, 0).ebx >> 8 & 255) * 8, width = told ? cpuid(0x80000008, 0).eax : 48u << 8 | 36;
    proc_printf(t, "bogomips\t: %llu.%02llu\n", (ull)tsc_khz / 500, (ull)tsc_khz / 5 % 100);
    proc_printf(t, "clflush size\t: %u\ncache_alignment\t: %u\n", line, line);
    proc_printf(t, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n", width & 255,
                width >> 8 & 255);
}

int proc_cpuinfo(struct proc_text *t, const struct proc_key *k)
{
    for (u32 i = 0; i < ncpus; i++) {
        put_name(t, i);
        proc_printf(t, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n", cpuid(0, 0).eax);
        put_all_flags(t);
        put_rest(t);
    }
    return 0;
}
