/* What this CPU can do, and switching it on. Control registers are set absolutely. */
#include "arch/cpu.h"
#include "arch/msr.h"
#include "lib/string.h"

struct cpu_features cpu_features;

#define CR0_PE (1ul << 0)
#define CR0_MP (1ul << 1)
#define CR0_ET (1ul << 4)
#define CR0_NE (1ul << 5)
#define CR0_WP (1ul << 16)
#define CR0_PG (1ul << 31)

#define CR4_DE (1ul << 3)
#define CR4_PAE (1ul << 5)
#define CR4_MCE (1ul << 6)
#define CR4_PGE (1ul << 7)
#define CR4_OSFXSR (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP (1ul << 11)
#define CR4_OSXSAVE (1ul << 18)
#define CR4_SMEP (1ul << 20)
#define CR4_SMAP (1ul << 21)

/* PAT entry 1 (PWT alone) becomes write-combining; the others keep their reset values.
 * (SDM vol. 3, 12.12.2 and table 12-12) */
#define PAT_VALUE 0x0007040600070106ul

static void detect(struct cpu_features *f)
{
    struct cpuid_regs one = cpuid(1, 0), ext = cpuid(0x80000001, 0);
    u32 max = cpuid(0, 0).eax;
    struct cpuid_regs seven = max >= 7 ? cpuid(7, 0) : (struct cpuid_regs){ 0 };

    f->nx = ext.edx >> 20 & 1;
    f->gb_pages = ext.edx >> 26 & 1;
    f->rdtscp = ext.edx >> 27 & 1;
    f->pge = one.edx >> 13 & 1;
    f->xsave = (one.ecx >> 26 & 1) && max >= 0xd;
    f->rdrand = one.ecx >> 30 & 1;
    f->fsgsbase = seven.ebx >> 0 & 1;
    f->smep = seven.ebx >> 7 & 1;
    f->smap = seven.ebx >> 20 & 1;
    f->umip = seven.ecx >> 2 & 1;
}

static void switch_on(const struct cpu_features *f)
{
    u64 cr4 = CR4_DE | CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT;

    if (f->pge)
        cr4 |= CR4_PGE;
    if (f->umip)
        cr4 |= CR4_UMIP;
    if (f->smep)
        cr4 |= CR4_SMEP;
    if (f->smap)
        cr4 |= CR4_SMAP;
    if (f->xsave)
        cr4 |= CR4_OSXSAVE;
    write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
    write_cr4(cr4);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | (f->nx ? EFER_NXE : 0));
    wrmsr(MSR_PAT, PAT_VALUE);
}

void cpu_features_init(void)
{
    detect(&cpu_features);
    switch_on(&cpu_features);
}

bool cpu_features_init_like_boot(void)
{
    struct cpu_features mine;
    const bool *want = (const bool *)&cpu_features, *have = (const bool *)&mine;

    detect(&mine);
    for (size_t i = 0; i < sizeof mine; i++)
        if (want[i] && !have[i])
            return false;
    switch_on(&cpu_features);
    return true;
}

void cpu_brand(char out[49])
{
    memset(out, 0, 49);
    if (cpuid(0x80000000, 0).eax < 0x80000004) {
        str_copy(out, "x86-64", 49);
        return;
    }
    for (u32 i = 0; i < 3; i++) {
        struct cpuid_regs r = cpuid(0x80000002 + i, 0);
        memcpy(out + i * 16, &r, 16);
    }
    size_t lead = 0;
    while (out[lead] == ' ')
        lead++;
    memmove(out, out + lead, 49 - lead);
}
