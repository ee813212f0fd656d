/* The memory room on a host: included before its sources, which the test includes after it. What
 * is below them (locks, CPUs, the direct map, page operations) is replaced by name. Physical
 * memory is one sparse file: pages that nobody touches cost nothing, and the same page can be
 * mapped again elsewhere, as page tables do. */
#pragma once
#define _GNU_SOURCE
#include "arch/page_ops.h"
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static u8 *ram; /* physical 0 */
static u64 ram_size;
static int ram_file = -1;
static inline void *host_phys_to_virt(paddr_t pa) { return ram + pa; }
static inline paddr_t host_virt_to_phys(const void *p) { return (paddr_t)((const u8 *)p - ram); }

static void host_ram_map(u64 size)
{
    if (ram)
        munmap(ram, ram_size), close(ram_file);
    ram_size = size;
    ram_file = memfd_create("ram", 0);
    assert_int_equal(ftruncate(ram_file, (off_t)size), 0);
    ram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, ram_file, 0);
    assert_true(ram != MAP_FAILED);
}

/* The CPU that code runs on: a test changes it between two calls. */
struct cpu cpus[MAX_CPUS] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };
static unsigned host_cpu;
#define this_cpu() (&cpus[host_cpu])
#define preempt_disable() ((void)0)
#define preempt_enable_no_resched() ((void)0)
#define preempt_check() ((void)0)
#undef KEEPS_REGISTERS /* an attribute for code without SSE */
#define KEEPS_REGISTERS
#include "mm/cpu_lock.h"
void cpu_lock_wait(struct cpu_lock *l) { fail_msg("a CPU's lock is taken twice"); }

/* A lock that is taken twice would hang a machine; a lock left behind by an expected panic is
 * freed by host_locks_forget. */
static struct spinlock *host_held[16];
static unsigned host_nheld;
static inline void host_lock(struct spinlock *l)
{
    assert_int_equal(l->locked, 0);
    assert_true(host_nheld < ARRAY_SIZE(host_held));
    l->locked = 1;
    host_held[host_nheld++] = l;
}
static inline void host_unlock(struct spinlock *l)
{
    assert_int_equal(l->locked, 1);
    assert_true(host_nheld > 0);
    l->locked = 0;
    unsigned i = host_nheld - 1;
    while (host_held[i] != l)
        assert_true(i-- > 0);
    host_held[i] = host_held[--host_nheld];
}
static inline void host_locks_forget(void)
{
    while (host_nheld > 0)
        host_held[--host_nheld]->locked = 0;
}
#define spin_lock(l) host_lock(l)
#define spin_unlock(l) host_unlock(l)
#define spin_lock_irqsave(l) (host_lock(l), 0)
#define spin_unlock_irqrestore(l, s) ((void)(s), host_unlock(l))

void page_ops_init(void) {}
void page_fill_zero(void *page) { memset(page, 0, PAGE_SIZE); }
void page_copy_words(void *dst, const void *src) { memcpy(dst, src, PAGE_SIZE); }

#define phys_to_virt host_phys_to_virt
#define virt_to_phys host_virt_to_phys
#undef DIRECT_MAP_BASE
#undef DIRECT_MAP_END
#define DIRECT_MAP_BASE ((vaddr_t)ram)
#define DIRECT_MAP_END ((vaddr_t)ram + ram_size)

/* EXPECT_PANIC, and the locks that the panic would have left to a halted machine are free. */
#define EXPECT_PANIC_WITH(text, statement)                                                   \
    do {                                                                                     \
        EXPECT_PANIC(statement);                                                             \
        host_locks_forget();                                                                 \
        if (!strstr(host_panic_text, text))                                                  \
            fail_msg("panic \"%s\" does not say \"%s\"", host_panic_text, text);             \
    } while (0)
