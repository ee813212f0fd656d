/* Inside init/: the pieces of kernel_main's list that are more than one call. */
#pragma once
#include "lib/bootinfo.h"
#include "mm/memmap.h"

const struct memmap *boot_memmap(void); /* until image_trim() */
void choose_log_level(void);
void user_copy_init(void);
unsigned current_cpu_id(void);
void start_clock(void);
void lapic_bring_up(void); /* this CPU's, unless the command line wants none */
void cpus_start(void);
paddr_t cpus_low_page(void); /* the highest usable page that a CPU in real mode can start at; 0: none */
struct trap_stacks;
int trap_stacks_make(u32 cpu, struct trap_stacks *out) MUST_CHECK; /* -ENOMEM: none of them */
void guard_trap_stacks(void); /* this CPU, the boot CPU, leaves those it began on */
void watchdog_from_cmdline(void);
void log_machine(void);
void mount_dev(void);
void initrd_load(const struct bootinfo *bi);
void selftest_from_cmdline(void);
void start_first_program(const struct bootinfo *bi);
void image_trim(const struct memmap *map);
