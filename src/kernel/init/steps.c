/* Steps of kernel_main that need a few lines. */
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "arch/tsc.h"
#include "dev/boot_device.h"
#include "init/init.h"
#include "init/selftest.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "mm/pmm.h"
#include "sched/watchdog.h"
#include "sched/clock.h"
#include "vfs/mount.h"
#include "vfs/path.h"

#define WATCHDOG_SECONDS 20u

extern u8 user_copy_smap;

void choose_log_level(void)
{
    const char *v = boot_option("loglevel"), *end;

    if (v)
        log_set_console_level((int)parse_u64(v, &end, false));
    else if (boot_option("quiet"))
        log_set_console_level(LOG_WARN); /* errors and worse */
}


void user_copy_init(void) { user_copy_smap = cpu_features.smap; }

void start_clock(void)
{
    const char *v = boot_option("tsc_khz"), *end;
    const char *by = tsc_calibrate(v ? parse_u64(v, &end, false) : 0);

    kinfo("clock: TSC %lu.%03lu MHz by %s", tsc_khz / 1000, tsc_khz % 1000, by);
}

unsigned current_cpu_id(void) { return this_cpu()->id; }

/* Without a source the machine works, but nothing in it ever times out. */
static void log_clock_event(void)
{
    const struct clock_event *e = clock_event_of(0);

    if (e)
        kinfo("clock: interrupts by %s", e->name);
    else
        kerr("clock: no timer that could interrupt: sleeps will not end");
}

void log_machine(void)
{
    char brand[49];
    const struct cpu_features *f = &cpu_features;
    struct pmm_stats s = pmm_stats();

    cpu_brand(brand);
    kinfo("cpu: %s, tsc %lu kHz,%s%s%s%s%s%s", brand, tsc_khz, f->nx ? " NX" : "", f->smep ? " SMEP" : "",
          f->smap ? " SMAP" : "", f->umip ? " UMIP" : "", f->xsave ? " XSAVE" : "", f->gb_pages ? " 1G" : "");
    log_clock_event();
    kinfo("memory: %lu KiB free of %lu KiB", s.free * 4, s.total * 4);
}

/* watchdog=SECONDS; 0: none. */
void watchdog_from_cmdline(void)
{
    const char *v = boot_option("watchdog"), *end;

    watchdog_start(v ? (unsigned)MIN(parse_u64(v, &end, false), 3600ul) : WATCHDOG_SECONDS);
}

void selftest_from_cmdline(void)
{
    const char *list = boot_option("selftest");

    if (list)
        selftest_run(list);
}

/* Process 1 needs /dev/console before it can mount anything itself. */
void mount_dev(void)
{
    struct walk w = { .root = vfs_root(), .cwd = vfs_root(), .cred = NULL };
    int r = vfs_mkdir(&w, w.root, "/dev", 0755);

    if (r == 0 || r == -EEXIST)
        r = vfs_mount(&w, "devtmpfs", w.root, "/dev", "devtmpfs", "", MOUNT_NOSUID);
    if (r != 0)
        kerr("init: cannot mount /dev: error %d", -r);
}
