/* The kernel's last words: cause, registers, call chain, the same on every console. Assumes
 * nothing works: locks are ignored, nothing is allocated, a panic inside a panic stops at once. */
#include "init/panic.h"
#include "arch/cpu.h"
#include "arch/debug.h"
#include "arch/lock_check.h"
#include "arch/smp_nmi.h"
#include "dev/boot_device.h"
#include "dev/console.h"
#include "dev/power.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "mm/kmem.h"
#include "sched/thread.h"
#include <stdarg.h>

#define LINE 256

static u32 panicking;
void (*panic_more)(void (*say)(const char *line));

static void say(const char *line)
{
    debug_raw(line);
    debug_raw("\n");
}

static cpu_mask stopped;

static void begin(void)
{
    irq_disable();
    if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQ_REL))
        cpu_halt_forever();
    lock_debug_stop();
    stopped = smp_stop_others();
    console_panic_mode();
    log_set_console_level(LOG_DEBUG + 1);
    say("");
    say("*** KERNEL PANIC ***");
}

/* What the others were doing: often the other half of the story. */
static void say_other(u32 cpu)
{
    const struct cpu_where *w = smp_stopped_where(cpu);
    struct symbol_name buf;
    char line[LINE];
    u64 offset = 0;

    if (!(stopped & cpu_bit(cpu))) {
        format(line, sizeof line, "cpu %u does not stop", cpu);
    } else {
        const struct thread *t = w->thread;
        const char *in = w->in_user ? "its program" : symbol_lookup(w->pc[0], &offset, &buf);
        format(line, sizeof line, "cpu %u, thread '%s', was in %s+0x%lx", cpu, t ? t->name : "(none yet)",
               in ? in : "?", offset);
    }
    say(line);
}

static NORETURN void end(void)
{
    char line[LINE];
    struct thread *t = thread_current();

    format(line, sizeof line, "cpu %u, thread '%s'", this_cpu()->id, t ? t->name : "(none yet)");
    say(line);
    for (u32 cpu = 0; cpu < cpus_running(); cpu++)
        if (cpu != this_cpu()->id)
            say_other(cpu);
    say("System halted. This is a bug of the kernel: please report the lines above.");
    const char *then = boot_option("panic");
    if (then && then[0] == 'r') /* panic=reboot */
        power_do(POWER_REBOOT);
    cpu_halt_forever();
}

void panic(const char *fmt, ...)
{
    char line[LINE];
    va_list ap;

    begin();
    va_start(ap, fmt);
    format_v(line, sizeof line, fmt, ap);
    va_end(ap);
    debug_raw("cause: ");
    say(line);
    if (panic_more)
        panic_more(say);
    say("call chain:");
    dump_backtrace(0, (vaddr_t)__builtin_frame_address(0), say);
    end();
}

static NORETURN void end_with_frame(struct trap_frame *f)
{
    dump_registers(f, say);
    say("call chain:");
    dump_backtrace(f->rip, f->rbp, say);
    end();
}

static void say_where(const char *what, struct trap_frame *f)
{
    char line[LINE];
    struct symbol_name buf;
    u64 offset = 0;
    const char *name = symbol_lookup(f->rip, &offset, &buf);

    format(line, sizeof line, "cause: %s in %s+0x%lx", what, name ? name : "?", name ? offset : 0);
    say(line);
}

/* A double fault is most often the guard page below the stack: the CPU could not push the page
 * fault's own frame. Says whose stack it was. */
static bool say_overflow(struct trap_frame *f)
{
    vaddr_t base, near[] = { read_cr2(), f->rsp };
    char line[LINE];

    for (unsigned i = 0; i < ARRAY_SIZE(near); i++) {
        const char *owner = kstack_guard_owner(near[i], &base);
        if (!owner)
            continue;
        format(line, sizeof line, "cause: kernel stack overflow: thread=%s guard=%016lx rip=%016lx", owner,
               base - PAGE_SIZE, f->rip);
        say(line);
        return true;
    }
    return false;
}

void panic_exception(struct trap_frame *f)
{
    begin();
    if (f->vector != VEC_DF || !say_overflow(f))
        say_where(trap_name(f->vector), f);
    end_with_frame(f);
}

void panic_page_fault(struct trap_frame *f, vaddr_t addr)
{
    char what[LINE];

    begin();
    format(what, sizeof what, "#PF page fault: %s %016lx (%s)",
           f->error & PF_FETCH ? "executing" : f->error & PF_WRITE ? "writing" : "reading", addr,
           f->error & PF_PRESENT ? "not allowed" : "not mapped");
    say_where(what, f);
    end_with_frame(f);
}
