/* Single instructions of x86-64 that C cannot say. Names are the instructions'. (SDM vol. 2) */
#pragma once
#include "arch/lock_check.h"
#include "lib/types.h"

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static inline void outw(u16 port, u16 v) { __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port)); }
static inline void outl(u16 port, u32 v) { __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline u16 inw(u16 port) { u16 v; __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline u32 inl(u16 port) { u32 v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port)); return v; }

static inline u64 rdmsr(u32 msr)
{
    u32 lo, hi;
    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 v)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}
static inline u64 rdtsc(void)
{
    u32 lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (u64)hi << 32 | lo;
}
struct cpuid_regs { u32 eax, ebx, ecx, edx; };
static inline struct cpuid_regs cpuid(u32 leaf, u32 sub)
{
    struct cpuid_regs r;
    __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(sub));
    return r;
}

#define CR_ACCESSORS(n)                                                                      \
    static inline u64 read_cr##n(void) { u64 v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)); return v; } \
    static inline void write_cr##n(u64 v) { __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); }
CR_ACCESSORS(0)
CR_ACCESSORS(2)
CR_ACCESSORS(3)
CR_ACCESSORS(4)

static inline void invlpg(vaddr_t va) { __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory"); }
static inline void cpu_relax(void) { __asm__ volatile("pause" : : : "memory"); }

#define RFLAGS_IF (1ul << 9)

/* The instructions alone; what they do is no news to the lock checker. */
static inline void irq_disable_raw(void) { __asm__ volatile("cli" : : : "memory"); }
static inline void irq_enable_raw(void) { __asm__ volatile("sti" : : : "memory"); }
static inline u64 read_rflags(void)
{
    u64 f;
    __asm__ volatile("pushfq; popq %0" : "=r"(f) : : "memory");
    return f;
}
static inline bool irqs_enabled(void) { return read_rflags() & RFLAGS_IF; }
static inline void irq_disable(void)
{
    bool news = LOCK_DEBUG && irqs_enabled();
    irq_disable_raw();
    if (news)
        irqs_went_off();
}
static inline void irq_enable(void)
{
    irqs_go_on();
    irq_enable_raw();
}
/* Returns the state to give to irq_restore(). */
static inline u64 irq_save(void)
{
    u64 f = read_rflags();
    irq_disable_raw();
    if (f & RFLAGS_IF)
        irqs_went_off();
    return f;
}
static inline void irq_restore(u64 state)
{
    if (state & RFLAGS_IF)
        irq_enable();
}
/* Wait for the next interrupt: enables interrupts and halts without a gap between the two. */
static inline void cpu_idle_wait(void)
{
    irqs_go_on();
    __asm__ volatile("sti; hlt" : : : "memory");
}
static inline NORETURN void cpu_halt_forever(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* Turns on what this CPU has of NX, SMEP, SMAP, UMIP, WP, global pages, SSE, and SYSCALL.
 * Sets the control registers absolutely: loaders leave them in many states. Once per CPU. */
void cpu_features_init(void);
/* The same for a CPU that started later. False: it lacks something that the boot CPU has, and
 * nothing was switched on. */
bool cpu_features_init_like_boot(void);
struct cpu_features { bool nx, smep, smap, umip, pge, gb_pages, fsgsbase, xsave, rdrand, rdtscp; };
extern struct cpu_features cpu_features;
/* Writes the brand string (49 bytes with terminator). */
void cpu_brand(char out[49]);
