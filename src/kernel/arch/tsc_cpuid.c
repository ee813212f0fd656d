/* The TSC's frequency, asked for: the crystal and its ratio (CPUID 15h, SDM vol. 2), the hypervisors'
 * common leaf 40000010h, or Hyper-V's MSR. */
#include "arch/cpu.h"
#include "arch/msr.h"
#include "arch/tsc.h"

#define HYPERVISOR_BASE 0x40000000u
#define HYPERVISOR_TIMING 0x40000010u /* VMware, KVM, VirtualBox: EAX = TSC in kHz */
#define HYPERV_FEATURES 0x40000003u
#define HYPERV_FREQUENCY_MSRS (1u << 11) /* Hyper-V TLFS, 2.4.4: AccessFrequencyMsrs */

static u64 ask_crystal(void)
{
    if (cpuid(0, 0).eax < 0x15)
        return 0;
    struct cpuid_regs r = cpuid(0x15, 0);
    return r.eax ? (u64)r.ecx * r.ebx / r.eax / 1000 : 0;
}

static bool is_hyperv(const struct cpuid_regs *base)
{
    return base->ebx == 0x7263694d && base->ecx == 0x666f736f && base->edx == 0x76482074; /* "Microsoft Hv" */
}

static u64 ask_hypervisor(void)
{
    if (!(cpuid(1, 0).ecx >> 31))
        return 0;
    struct cpuid_regs base = cpuid(HYPERVISOR_BASE, 0);
    if (is_hyperv(&base)) {
        bool readable = base.eax >= HYPERV_FEATURES && (cpuid(HYPERV_FEATURES, 0).eax & HYPERV_FREQUENCY_MSRS);
        return readable ? rdmsr(MSR_HYPERV_TSC_HZ) / 1000 : 0;
    }
    return base.eax >= HYPERVISOR_TIMING ? cpuid(HYPERVISOR_TIMING, 0).eax : 0;
}

u64 tsc_khz_told(const char **by)
{
    *by = "CPUID";
    u64 khz = ask_crystal();
    if (khz)
        return khz;
    *by = "the hypervisor";
    return ask_hypervisor();
}

u64 tsc_khz_nominal(void)
{
    return cpuid(0, 0).eax >= 0x16 ? (u64)(cpuid(0x16, 0).eax & 0xffff) * 1000 : 0;
}
