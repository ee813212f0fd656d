/* Lazy FPU: CR0.TS is set whenever no program's registers are loaded. (SDM vol. 1, 10.5 and 13)
 *
 * cpu->fpu_owner is the save area whose contents are in the registers now; then TS is clear. All
 * functions run with interrupts off or turn them off, so a switch cannot come in between. */
#include "arch/fpu.h"
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "lib/string.h"

#define CR0_TS (1ul << 3)
#define FXSAVE_SIZE 512
#define XFEATURES 7u /* x87, SSE, AVX */

size_t fpu_area_bytes = FXSAVE_SIZE;
static u64 xcr0;

static void clear_ts(void) { __asm__ volatile("clts" : : : "memory"); }
static void set_ts(void) { write_cr0(read_cr0() | CR0_TS); }

void fpu_init_cpu(void)
{
    if (cpu_features.xsave) {
        xcr0 = cpuid(0xd, 0).eax & XFEATURES;
        __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)xcr0), "d"(0));
        fpu_area_bytes = ROUND_UP(cpuid(0xd, 0).ebx, 64); /* for what XCR0 enables now */
    }
    set_ts();
}

void fpu_area_init(void *area)
{
    memset(area, 0, fpu_area_size());
    *(u16 *)area = 0x37f;               /* FCW */
    *(u32 *)((char *)area + 24) = 0x1f80; /* MXCSR */
    if (xcr0)
        *(u64 *)((char *)area + FXSAVE_SIZE) = xcr0 & 3; /* XSTATE_BV: x87 and SSE are given */
}

static void save(void *area)
{
    if (xcr0)
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
