/* Segments and the task state segment: what long mode still wants of them. One GDT and TSS per CPU.
 * The TSS gives the kernel stack for entries from ring 3 and stacks of their own (IST) for the
 * exceptions that may strike when the current stack is unusable. (SDM vol. 3, 3.4 and 8.7) */
#include "arch/gdt.h"
#include "arch/percpu.h"
#include "arch/trap.h"

struct PACKED tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3, iomap;
};
_Static_assert(sizeof(struct tss) == 104, "SDM vol. 3, figure 8-11");

#define DESC_USER_READ 0x0040f10000000000ul /* data of ring 3, read only, accessed; base 0 */
#define IST_STACK_SIZE 8192 /* a panic formats and unwinds on it */

struct cpu_tables {
    u64 gdt[9];
    struct tss tss;
    char ist_stack[IST_COUNT][IST_STACK_SIZE] ALIGNED(16);
};
static struct cpu_tables boot_cpu_tables;

static void load(const u64 *gdt, size_t bytes)
{
    struct PACKED { u16 limit; u64 base; } p = { (u16)(bytes - 1), (u64)gdt };

    __asm__ volatile("lgdt %0\n"
                     "pushq %1\n"
                     "leaq 1f(%%rip), %%rax\n"
                     "pushq %%rax\n"
                     "lretq\n"
                     "1: movw %w2, %%ds\n"
                     "movw %w2, %%es\n"
                     "movw %w2, %%ss\n"
                     : : "m"(p), "i"(SEL_KCODE), "r"(SEL_KDATA) : "rax", "memory");
    __asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}

size_t cpu_tables_size(void) { return sizeof(struct cpu_tables); }

void gdt_init(u32 cpu, void *tables)
{
    struct cpu_tables *t = tables ? tables : &boot_cpu_tables;
    struct tss *tss = &t->tss;
    u64 base = (u64)tss;

    *tss = (struct tss){ .iomap = sizeof *tss };
    for (unsigned i = 0; i < IST_COUNT; i++)
        tss->ist[i] = (u64)t->ist_stack[i] + IST_STACK_SIZE;

    t->gdt[0] = 0;
    t->gdt[SEL_KCODE / 8] = 0x00af9a000000ffff;
    t->gdt[SEL_KDATA / 8] = 0x00cf92000000ffff;
    t->gdt[3] = 0; /* SYSRET's 32-bit code segment: we never return to 32-bit code */
    t->gdt[SEL_UDATA / 8] = 0x00cff2000000ffff;
    t->gdt[SEL_UCODE / 8] = 0x00affa000000ffff;
    t->gdt[SEL_TSS / 8] = (sizeof *tss - 1) | (base & 0xffffff) << 16 | 0x89ul << 40 | (base >> 24 & 0xff) << 56;
    t->gdt[SEL_TSS / 8 + 1] = base >> 32;
    t->gdt[SEL_CPU / 8] = DESC_USER_READ | cpu;
    load(t->gdt, sizeof t->gdt);
    cpus[cpu].gdt = t->gdt;
    cpus[cpu].tss = tss;
}

void gdt_set_kernel_stack(vaddr_t top)
{
    ((struct tss *)this_cpu()->tss)->rsp[0] = top;
}
