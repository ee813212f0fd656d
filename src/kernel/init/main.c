/* The kernel's life in one list. Each line needs those above it; who is called too early panics
 * by name (init_stage). */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/fpu.h"
#include "arch/paging.h"
#include "arch/percpu.h"
#include "arch/trap.h"
#include "arch/user_copy.h"
#include "dev/boot_device.h"
#include "dev/console.h"
#include "dev/driver.h"
#include "dev/lapic_clock.h"
#include "init/init.h"
#include "lib/assert.h"
#include "lib/bootinfo.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/linux.h"
#include "linux/procfs.h"
#include "mm/boot_alloc.h"
#include "mm/kmem.h"
#include "mm/memmap.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "task/process.h"
#include "tty/tty.h"
#include "tty/vt.h"
#include "vfs/devfs.h"
#include "vfs/mount.h"
#include "vm/vmo_pager.h"

#define RUSTICA_VERSION "0.1.0"

static BOOT_ONLY struct memmap memmap;
const struct memmap *boot_memmap(void) { return &memmap; }
static const struct bootinfo *bootinfo;

static void continue_on_own_stack(void *arg);
static void bring_up_programs(void);

static paddr_t table_page_alloc(bool for_program)
{
    paddr_t page = for_program ? pmm_alloc_for(PMM_PROGRAM_TABLE) : pmm_alloc_page();
    if (unlikely(!page) && for_program && page_cache_reclaim(PAGE_CACHE_BATCH))
        page = pmm_alloc_for(PMM_PROGRAM_TABLE);
    if (page)
        page_clear(page);
    return page;
}

static const struct pt_allocator table_pages = { .alloc = table_page_alloc, .free = pmm_free_page };

static void for_each_ram(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx)
{
    for (unsigned i = 0; i < memmap.n; i++)
        if (mem_kind_is_ram(memmap.range[i].kind))
            fn(memmap.range[i].base, memmap.range[i].size, ctx);
}

static void say_hello(const struct bootinfo *bi)
{
    debug_raw("Rustica " RUSTICA_VERSION " (x86-64), started by ");
    debug_raw(bi->loader[0] ? bi->loader : "an unnamed loader");
    debug_raw(bi->is_uefi ? " on UEFI\n" : " on BIOS\n");
    debug_raw("command line: ");
    debug_raw(bi->cmdline);
    debug_raw("\n");
}

void kernel_main(const struct bootinfo *bi)
{
    bootinfo = bi;
    percpu_init(0);                 /* per-CPU data by GS: locks work from here on */
    lock_debug_start();             /* nothing, unless this is a LOCK_DEBUG kernel */
    percpu_set_running();
    cpu_features_init();            /* control registers, NX, SMEP, SMAP */
    trap_init_cpu(0, NULL, NULL);             /* GDT, TSS, IDT: faults are explained from here on */
    boot_device_set(bi);            /* command line and framebuffer, for drivers */
    choose_log_level();             /* loglevel=, quiet */
    drivers_init(DRIVER_EARLY);     /* serial port, port 0xE9: output without memory */
    console_select_init();          /* console= */
    say_hello(bi);
    if (bi->error)
        panic("boot: %s", bi->error);

    memmap_build(&memmap, bi);      /* one sorted map of physical memory */
    memmap_log(&memmap);
    boot_alloc_init(&memmap);       /* stage 1: bump allocator */
    pmm_init(&memmap);              /* stage 2: page allocator; closes stage 1 */
    paging_set_allocator(&table_pages);
    paging_init(for_each_ram);      /* direct map, W^X image; boot's identity map is gone */
    pmm_init_rest();                /* pages above 4 GiB, which only now have addresses */
    user_copy_init();
    kmem_init();                    /* kernel address arena */
    slab_init();                    /* heap */

    void *stack = kstack_alloc(KSTACK_BOOT_PAGES, "boot");
    if (!stack)
        panic("init: no memory for the boot stack");
    /* The loader may have run in these pages. An emulator keeps what it translated of that, and takes each
     * push for a change of code, a hundred times slower, until the page has been overwritten whole. */
    memset(stack, 0, KSTACK_BOOT_PAGES * PAGE_SIZE);
    debug_raw("[STACK] switched: base=");
    debug_hex((u64)stack);
    debug_raw(" size=");
    debug_dec(KSTACK_BOOT_PAGES * PAGE_SIZE);
    debug_raw(" guard=");
    debug_hex((u64)stack - PAGE_SIZE);
    debug_raw("\n");
    context_leave((vaddr_t)stack + KSTACK_BOOT_PAGES * PAGE_SIZE, continue_on_own_stack, stack);
}

static void continue_on_own_stack(void *stack)
{
    fpu_init_cpu();
    sched_init();                     /* this context becomes the first thread, */
    thread_own_stack(stack, KSTACK_BOOT_PAGES); /* which takes its stack along at its end */
    log_set_clock(clock_now_ns, current_cpu_id);
    log_ready();                      /* formatted logging is allowed from here on */
    guard_trap_stacks();              /* double faults, NMIs: no longer on stacks of the image */
    kstack_paint(boot_option("kstack_paint") != NULL);
    drivers_init(DRIVER_PLATFORM);    /* ACPI: CPUs, interrupt controllers; counters */
    start_clock();                    /* the TSC's frequency: time begins */
    lapic_bring_up();                 /* the boot CPU's local APIC, */
    lapic_clock_init();               /* and its timer */
    drivers_init(DRIVER_IRQCHIP);     /* interrupt controller, timer */
    irq_enable();

    log_machine();
    drivers_init(DRIVER_BUS);         /* PCI: which devices there are */
    drivers_init(DRIVER_DEVICE);      /* screen, keyboard, clock, ACPI */
    vt_init();                        /* screen terminal: shows the log so far */
    cpus_start();                     /* the other CPUs run threads from here on */
    watchdog_from_cmdline();          /* watches over all of them */
    bring_up_programs();
    thread_exit();                    /* the idle thread and process 1 carry on */
}

static void bring_up_programs(void)
{
    vfs_init();                       /* empty tmpfs as root */
    devfs_init();
    process_init();
    tty_init();
    linux_init();
    procfs_set_cmdline(bootinfo->cmdline);
    initrd_load(bootinfo);            /* GRUB's module becomes the root file system */
    mount_dev();
    selftest_from_cmdline();
    start_first_program(bootinfo);
    image_trim(&memmap);              /* memmap and bootinfo end here, with all that is BOOT_ONLY */
}
