/* Lazy FPU: CR0.TS is set whenever no program's registers are loaded. (SDM vol. 1, 10.5 and 13)
 *
 * XSAVEOPT, where the CPU has it, leaves out of an area what is in its initial state, and what is
 * unchanged since XRSTOR loaded it from there (SDM vol. 1, 13.6 and 13.9). The latter holds here
 * because every save goes to the area that this CPU loaded last. The former means that a part of an
 * area is void while its bit in XSTATE_BV is clear: fpu_area_complete().
 *
 * cpu->fpu_owner is the save area whose contents are in the registers now; then TS is clear. All
 * functions run with interrupts off or turn them off, so a switch cannot come in between. */
#include "arch/fpu.h"
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "lib/string.h"

#define CR0_TS (1ul << 3)
#define FXSAVE_SIZE 512
#define XFEATURE_X87 1u
#define XFEATURE_SSE 2u
#define XFEATURE_AVX 4u
#define XFEATURES (XFEATURE_X87 | XFEATURE_SSE | XFEATURE_AVX)
#define FCW_INIT 0x37f
/* Within an area (SDM vol. 1, tables 10-2 and 13-1): the x87 part is what lies before MXCSR, and ST0 to
 * ST7; MXCSR is always saved. */
#define MXCSR_AT 24
#define ST_AT 32
#define XMM_AT 160
#define XMM_END 416
#define AVX_AT 576 /* behind the header: no component but AVX is enabled */

size_t fpu_area_bytes = FXSAVE_SIZE;
static u64 xcr0;
static bool has_xsaveopt;

static void clear_ts(void) { __asm__ volatile("clts" : : : "memory"); }
static void set_ts(void) { write_cr0(read_cr0() | CR0_TS); }

void fpu_init_cpu(void)
{
    if (cpu_features.xsave) {
        xcr0 = cpuid(0xd, 0).eax & XFEATURES;
        __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)xcr0), "d"(0));
        has_xsaveopt = cpuid(0xd, 1).eax & 1; /* SDM vol. 2, CPUID leaf 0DH, sub-leaf 1 */
        fpu_area_bytes = ROUND_UP(cpuid(0xd, 0).ebx, 64); /* for what XCR0 enables now */
    }
    set_ts();
}

void fpu_area_init(void *area)
{
    memset(area, 0, fpu_area_size());
    *(u16 *)area = FCW_INIT;
    *(u32 *)((char *)area + MXCSR_AT) = 0x1f80;
    if (xcr0)
        *(u64 *)((char *)area + FXSAVE_SIZE) = xcr0 & 3; /* XSTATE_BV: x87 and SSE are given */
}

void fpu_area_complete(void *area)
{
    char *a = area;
    if (!has_xsaveopt)
        return;
    u64 given = *(u64 *)(a + FXSAVE_SIZE);
    if (!(given & XFEATURE_X87)) {
        memset(a, 0, MXCSR_AT);
        *(u16 *)a = FCW_INIT;
        memset(a + ST_AT, 0, XMM_AT - ST_AT);
    }
    if (!(given & XFEATURE_SSE))
        memset(a + XMM_AT, 0, XMM_END - XMM_AT);
    if (!(given & XFEATURE_AVX) && (xcr0 & XFEATURE_AVX))
        memset(a + AVX_AT, 0, fpu_area_size() - AVX_AT);
    *(u64 *)(a + FXSAVE_SIZE) = given | XFEATURE_X87 | XFEATURE_SSE; /* who changes them means it */
}

static void save(void *area)
{
    if (has_xsaveopt)
        __asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"((u32)xcr0), "d"(0) : "memory");
    else if (xcr0)
        __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"((u32)xcr0), "d"(0) : "memory");
    else
        __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static void restore(const void *area)
{
    if (xcr0)
        __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"((u32)xcr0), "d"(0) : "memory");
    else
        __asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void fpu_switch_out(void *area)
{
    struct cpu *c = this_cpu();

    if (c->fpu_owner == area && area) {
        save(area);
        c->fpu_owner = NULL;
        set_ts();
    }
}

void fpu_load(void *area)
{
    u64 irq = irq_save();
    struct cpu *c = this_cpu();

    clear_ts();
    if (c->fpu_owner != area) {
        if (c->fpu_owner)
            save(c->fpu_owner);
        restore(area);
        c->fpu_owner = area;
    }
    irq_restore(irq);
}

void fpu_discard(void *area)
{
    u64 irq = irq_save();
    struct cpu *c = this_cpu();

    if (area && c->fpu_owner == area) {
        c->fpu_owner = NULL;
        set_ts();
    }
    irq_restore(irq);
}

void fpu_sync(void *area)
{
    u64 irq = irq_save();

    if (area && this_cpu()->fpu_owner == area)
        save(area);
    irq_restore(irq);
}
