/* Segments and the task state segment: what long mode still wants of them. One GDT and TSS per CPU, and beside them
 * what else traps need for each CPU.
 * The TSS gives the kernel stack for entries from ring 3 and stacks of their own (IST) for the
 * exceptions that may strike when the current stack is unusable. (SDM vol. 3, 3.4 and 8.7)
 *
 * The processor reads the TSS anew at each of them, so trap_set_stacks() may change it while it runs. */
#include "arch/gdt.h"
#include "arch/percpu.h"
#include "arch/trap.h"
#include "lib/string.h"

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

struct cpu_tables {
    u64 gdt[GDT_ENTRIES];
    struct tss tss;
    u32 interrupts[256]; /* each CPU writes its own */
};
static struct cpu_tables boot_cpu_tables;
static BOOT_ONLY char boot_stacks[TRAP_STACKS][TRAP_STACK_PAGES * PAGE_SIZE] ALIGNED(16); /* until there is memory */

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

void trap_set_stacks(const struct trap_stacks *s)
{
    struct tss *tss = this_cpu()->tss;

    for (unsigned i = 0; i < TRAP_STACKS; i++)
        tss->ist[i] = s->top[i];
}

vaddr_t trap_stack_top(enum trap_stack which) { return ((struct tss *)this_cpu()->tss)->ist[which - 1]; }

static void boot_stacks_use(void)
{
    struct trap_stacks s;

    for (unsigned i = 0; i < TRAP_STACKS; i++)
        s.top[i] = (vaddr_t)boot_stacks[i] + sizeof boot_stacks[i];
    trap_set_stacks(&s);
}

void gdt_init(u32 cpu, void *tables, const struct trap_stacks *stacks)
{
    struct cpu_tables *t = tables ? tables : &boot_cpu_tables;
    struct tss *tss = &t->tss;
    u64 base = (u64)tss;

    *tss = (struct tss){ .iomap = sizeof *tss };
    cpus[cpu].tss = tss;
    memset(t->interrupts, 0, sizeof t->interrupts);
    __atomic_store_n(&cpus[cpu].interrupts, t->interrupts, __ATOMIC_RELEASE);
    if (stacks)
        trap_set_stacks(stacks);
    else
        boot_stacks_use();

    memset(t->gdt, 0, sizeof t->gdt); /* also SYSRET's 32-bit code segment: we never return to 32-bit code */
    t->gdt[SEL_KCODE / 8] = 0x00af9a000000ffff;
    t->gdt[SEL_KDATA / 8] = 0x00cf92000000ffff;
    t->gdt[SEL_UDATA / 8] = 0x00cff2000000ffff;
    t->gdt[SEL_UCODE / 8] = 0x00affa000000ffff;
    t->gdt[SEL_TSS / 8] = (sizeof *tss - 1) | (base & 0xffffff) << 16 | 0x89ul << 40 | (base >> 24 & 0xff) << 56;
    t->gdt[SEL_TSS / 8 + 1] = base >> 32;
    t->gdt[SEL_CPU / 8] = DESC_USER_READ | cpu;
    load(t->gdt, sizeof t->gdt);
    cpus[cpu].gdt = t->gdt;
}

void gdt_set_kernel_stack(vaddr_t top)
{
    ((struct tss *)this_cpu()->tss)->rsp[0] = top;
}
