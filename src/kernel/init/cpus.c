/* The machine's CPUs: how many may run, and bringing them up.
 *
 * maxcpus=N lets N run. maxcpus=0, or nosmp, leaves even the boot CPU's local APIC as it was: the
 * 8259 and one CPU, which every PC can do. */
#include "arch/lapic.h"
#include "arch/paging.h"
#include "dev/boot_device.h"
#include "init/init.h"
#include "lib/format.h"
#include "mm/kmem.h"

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
}
