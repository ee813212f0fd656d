/* Which way to clear a page. Processors with fast string operations (ERMS) clear fastest by them;
 * an emulator that interprets them word by word offers the bit all the same, so its own name
 * decides first. (SDM vol. 2, CPUID leaf 7; hypervisor leaf: QEMU, target/i386) */
#include "arch/page_ops.h"
#include "arch/cpu.h"
#include "arch/spinlock.h"
#include "lib/string.h"

void page_zero_sse(void *from, u32 rounds);
void page_zero_string(void *from, u32 rounds);

#define HYPERVISOR_LEAF 0x40000000u

static bool use_string;

static bool is_interpreted(void)
{
    if (!(cpuid(1, 0).ecx >> 31))
        return false;
    return cpuid(HYPERVISOR_LEAF, 0).ebx == 0x54474354; /* "TCGT..." */
}

void page_ops_init(void)
{
    bool erms = cpuid(0, 0).eax >= 7 && (cpuid(7, 0).ebx >> 9 & 1);
    use_string = erms && !is_interpreted();
}

static inline void rounds_zero(void *from, u32 rounds)
{
    if (use_string) {
        page_zero_string(from, rounds);
        return;
    }
    preempt_disable(); /* the FPU must not change hands meanwhile */
    page_zero_sse(from, rounds);
    preempt_enable_no_resched();
    preempt_check();
}

void page_fill_zero(void *page) { rounds_zero(page, PAGE_SIZE / PAGE_ROUND); }

void page_fill_zero_from(void *page, size_t from)
{
    ASSERT(from <= PAGE_SIZE);
    size_t whole = ROUND_UP(from, PAGE_ROUND);
    memset((u8 *)page + from, 0, whole - from);
    if (whole < PAGE_SIZE)
        rounds_zero((u8 *)page + whole, (u32)(PAGE_SIZE - whole) / PAGE_ROUND);
}
