/* One start at a time: what the new CPU needs lies in static variables, a ticket lets one CPU use
 * them, and a stage says how far it came.
 *
 *   NONE --ap_main--> ALIVE --its registers, tables, local APIC--> READY --its clock--> RUNNING --run()
 *                      |`-- unlike the boot CPU --> UNLIKE          `-- clocks disagree --> GIVEN_UP
 *                      `--- cpu_start lost patience --> GIVEN_UP
 *
 * INIT, STARTUP, and a second STARTUP if there is no answer (SDM vol. 3, 9.4.4); all of it once more,
 * with the long pauses that old CPUs need; then INIT again, which stops the CPU wherever it is. */
#include "arch/smp.h"
#include "arch/cpu.h"
#include "arch/fpu.h"
#include "arch/lapic.h"
#include "arch/paging.h"
#include "arch/tlb.h"
#include "arch/trap.h"
#include "arch/tsc.h"
#include "arch/tsc_sync.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"

#define SECOND_STARTUP_US 300
#define INIT_PAUSE_OLD_US 10000 /* SDM vol. 3, 9.4.4.1 */
#define POLL_US 10

enum stage { STAGE_NONE, STAGE_ALIVE, STAGE_READY, STAGE_RUNNING, STAGE_UNLIKE, STAGE_GIVEN_UP };

extern const char ap_real_mode[], ap_real_mode_end[]; /* boot/ap_entry.asm; physical addresses */
void ap_main(void);

/* For ap_start.asm. */
u32 ap_ticket;
u64 ap_root;
vaddr_t ap_stack_top;

static const struct cpu_start *starting;
static u32 stage; /* atomic; enum stage */

static void stage_set(enum stage s) { __atomic_store_n(&stage, s, __ATOMIC_RELEASE); }
static enum stage stage_get(void) { return __atomic_load_n(&stage, __ATOMIC_ACQUIRE); }
/* Both sides may want to leave ALIVE: one of them does. */
static bool stage_leave_alive(enum stage to)
{
    u32 from = STAGE_ALIVE;
    return __atomic_compare_exchange_n(&stage, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* The new CPU, on its own stack. */
void ap_main(void)
{
    void (*run)(void) = starting->run;

    percpu_init(starting->id);
    stage_set(STAGE_ALIVE);
    if (!cpu_features_init_like_boot()) {
        (void)stage_leave_alive(STAGE_UNLIKE);
        cpu_halt_forever();
    }
    trap_init_cpu(starting->id, starting->tables, starting->stacks);
    fpu_init_cpu();
    lapic_init_cpu();
    this_cpu()->lapic_id = lapic_id();
    this_cpu()->pagetable = &kernel_pagetable;
    if (!stage_leave_alive(STAGE_READY))
        cpu_halt_forever();
    tsc_sync_answer();
    while (stage_get() == STAGE_READY)
        cpu_relax();
    percpu_set_running();
    tlb_flush_all_here(); /* nobody told this CPU of changes before */
    run();
}

static bool wait_beyond(enum stage s, u64 us)
{
    for (u64 waited = 0; stage_get() <= s; waited += POLL_US) {
        if (waited >= us)
            return false;
        tsc_delay_us(POLL_US);
    }
    return true;
}

static bool wake(const struct cpu_start *s, u64 init_pause_us)
{
    u8 page = (u8)(s->low_page / PAGE_SIZE);

    lapic_send_init(s->apic_id);
    stage_set(STAGE_NONE);
    __atomic_store_n(&ap_ticket, 1, __ATOMIC_SEQ_CST);
    tsc_delay_us(init_pause_us);
    lapic_send_startup(s->apic_id, page);
    if (wait_beyond(STAGE_NONE, SECOND_STARTUP_US))
        return true;
    lapic_send_startup(s->apic_id, page);
    return wait_beyond(STAGE_NONE, s->patience_ms * 1000ull);
}

static void prepare(const struct cpu_start *s)
{
    const void *code = phys_to_virt((paddr_t)ap_real_mode);

    memcpy(phys_to_virt(s->low_page), code, (size_t)(ap_real_mode_end - ap_real_mode));
    starting = s;
    tsc_sync_begin();
    ap_root = kernel_pagetable.root;
    ap_stack_top = s->stack_top;
}

/* It waits in READY: for good, if its clock would contradict this one's. */
static int admit(const struct cpu_start *s)
{
    i64 ahead;

    u64 irq = irq_save();
    bool agree = tsc_sync_ask(&ahead);
    irq_restore(irq);
    if (!agree) {
        kwarn("smp: the time stamp counter of APIC id %u is %ld cycles ahead and cannot be set", s->apic_id,
              (long)ahead);
        return -EDOM;
    }
    stage_set(STAGE_RUNNING);
    while (!cpu_online(s->id))
        cpu_relax();
    return 0;
}

int cpu_start(const struct cpu_start *s)
{
    ASSERT(s->id == ncpus && s->low_page && s->low_page < (1ul << 20) && IS_ALIGNED(s->low_page, PAGE_SIZE));
    prepare(s);
    if (wake(s, 0) || wake(s, INIT_PAUSE_OLD_US))
        (void)wait_beyond(STAGE_ALIVE, s->patience_ms * 1000ull);
    __atomic_store_n(&ap_ticket, 0, __ATOMIC_SEQ_CST);
    if (stage_get() == STAGE_ALIVE)
        (void)stage_leave_alive(STAGE_GIVEN_UP);
    int r = stage_get() == STAGE_READY ? admit(s) : stage_get() == STAGE_UNLIKE ? -ENODEV : -ETIMEDOUT;
    if (r)
        lapic_send_init(s->apic_id);
    return r;
}
