/* The machine's CPUs: how many may run, and bringing them up.
 *
 * maxcpus=N lets N run. maxcpus=0, or nosmp, leaves even the boot CPU's local APIC as it was: the
 * 8259 and one CPU, which every PC can do. What is missing or broken costs CPUs, never the boot. */
#include "arch/lapic.h"
#include "arch/paging.h"
#include "arch/smp.h"
#include "arch/trap.h"
#include "dev/boot_device.h"
#include "dev/lapic_clock.h"
#include "dev/madt.h"
#include "init/init.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/kmem.h"
#include "mm/slab.h"
#include "sched/cpu.h"

#define LOW_PAGE_LIMIT 0x9f000u /* what lies above is firmware's, whatever its map says */
#define PATIENCE_MS 1000u       /* for a CPU that a busy host does not run at once */
#define PATIENCE_MIN_MS 10u

static u64 cpus_wanted(void)
{
    const char *v = boot_option("maxcpus"), *end;

    if (boot_option("nosmp"))
        return 0;
    return v ? parse_u64(v, &end, false) : ~0ull;
}

void lapic_bring_up(void)
{
    paddr_t where;

    if (cpus_wanted() == 0)
        return;
    enum lapic_mode mode = lapic_probe(&where);
    if (mode == LAPIC_NONE)
        return;
    void *window = mode == LAPIC_MMIO ? kmem_map_phys(where, PAGE_SIZE, PT_UNCACHED) : NULL;
    if (window || mode == LAPIC_MSR)
        lapic_init(window);
    this_cpu()->lapic_id = lapic_in_use() ? lapic_id() : 0;
}

paddr_t cpus_low_page(void)
{
    const struct memmap *map = boot_memmap();
    paddr_t best = 0;

    for (unsigned i = 0; i < map->n; i++) {
        const struct mem_range *r = &map->range[i];
        paddr_t end = MIN(r->base + r->size, LOW_PAGE_LIMIT);
        if (r->kind == MEM_USABLE && r->base < end && end - r->base >= PAGE_SIZE)
            best = MAX(best, end - PAGE_SIZE);
    }
    return best;
}

/* Each CPU ends here when it has been started. */
static void cpu_run(void)
{
    lapic_clock_init_cpu();
    sched_cpu_run();
}

/* Kept from one CPU that did not start for the next, which has the same number. */
static void *tables;
static struct trap_stacks stacks;
static bool have_stacks;

/* Without one it shares: no reason to do without the CPU. */
static void prepare_log(u32 id)
{
    void *ring = log_wants_ring(id) ? kmem_alloc(LOG_RING_SIZE / PAGE_SIZE) : NULL;

    if (ring)
        log_give_ring(id, memset(ring, 0, LOG_RING_SIZE));
}

static int prepare(u32 id, vaddr_t *stack_top)
{
    if (!tables)
        tables = kmem_alloc((cpu_tables_size() + PAGE_SIZE - 1) / PAGE_SIZE);
    if (!have_stacks)
        have_stacks = trap_stacks_make(id, &stacks) == 0;
    prepare_log(id);
    return !tables || !have_stacks || heap_prepare_cpu(id) || sched_cpu_prepare(id, stack_top) ? -ENOMEM : 0;
}

static int start_one(u32 apic_id, paddr_t low_page, u32 patience_ms)
{
    struct cpu_start s = { .id = ncpus, .apic_id = apic_id, .low_page = low_page, .run = cpu_run,
                           .patience_ms = patience_ms };
    int r = prepare(s.id, &s.stack_top);

    if (r)
        return r;
    s.tables = tables;
    s.stacks = &stacks;
    r = cpu_start(&s);
    if (r == 0) {
        tables = NULL;
        have_stacks = false;
    }
    return r;
}

/* A firmware that lists many CPUs which are not there must not cost minutes. */
static u32 patience_after(unsigned failures) { return MAX(PATIENCE_MS >> MIN(failures, 31u), PATIENCE_MIN_MS); }

static void start_others(const struct madt_info *m, paddr_t low_page, u64 wanted)
{
    u32 self = lapic_id();
    unsigned failures = 0;

    for (unsigned i = 0; i < m->ncpus && ncpus < MIN(wanted, (u64)MAX_CPUS); i++) {
        if (m->cpu[i] == self || (m->cpu[i] > lapic_id_max() && lapic_use_msr()))
            continue;
        int r = start_one(m->cpu[i], low_page, patience_after(failures));
        if (r == 0)
            continue;
        failures++;
        kwarn("smp: the CPU with APIC id %u does not %s", m->cpu[i],
              r == -ENODEV ? "have what the first one has" : r == -ENOMEM ? "get memory" :
              r == -EDOM ? "agree on the time" : "start");
    }
}

void cpus_start(void)
{
    const struct madt_info *m = madt_get();
    u64 wanted = cpus_wanted();
    paddr_t low_page = cpus_low_page();

    if (lapic_clock_works() && m && low_page && wanted > 1)
        start_others(m, low_page, wanted);
    kinfo("smp: %u of %u CPUs run", ncpus, m ? MAX(m->ncpus + m->cpus_dropped, ncpus) : 1);
}
