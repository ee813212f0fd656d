/* Model-specific registers. (SDM vol. 4, table 2-2) */
#pragma once

#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_HYPERV_TSC_HZ 0x40000022u /* Hyper-V TLFS, 12.3 */
#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_CSTAR 0xc0000083u
#define MSR_SFMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u

#define EFER_SCE (1ul << 0)
#define EFER_LME (1ul << 8)
#define EFER_NXE (1ul << 11)
