/* The only C that knows how the kernel was started: turns what the loader left in memory into a
 * struct bootinfo and hands it on. Runs on the boot stack with boot's page tables: physical memory
 * below 4 GiB is visible at BOOT_DIRECT_MAP. */
#include "mb2_parse.h"
#include "lib/bootinfo.h"

#define BOOT_DIRECT_MAP 0xffff800000000000ul
#define FOUR_GIB (1ul << 32)

extern char __kernel_phys_start[], __kernel_phys_end[];

static BOOT_ONLY struct bootinfo bootinfo;

NORETURN void boot_main(u64 mbi_phys);

void boot_main(u64 mbi_phys)
{
    struct bootinfo *bi = &bootinfo;

    if (mb2_parse((const void *)(BOOT_DIRECT_MAP + mbi_phys), FOUR_GIB - mbi_phys, bi) != 0)
        bi->error = "the boot loader's Multiboot2 information is damaged";
    bi->range[bi->nranges++] = (struct mem_range){
        .base = (paddr_t)__kernel_phys_start,
        .size = (u64)(__kernel_phys_end - __kernel_phys_start),
        .kind = MEM_KERNEL,
    };
    kernel_main(bi);
}
