/* The contract between boot/ and the kernel: what the boot loader said, copied out of its memory
 * and checked. Nothing in here points into memory that the loader owns, except the modules
 * themselves, whose ranges are in range[] as MEM_MODULE. */
#pragma once
#include "lib/types.h"

/* Kinds of physical memory, weakest first: where two ranges overlap the higher kind wins. */
enum mem_kind {
    MEM_USABLE,      /* free RAM */
    MEM_BOOT_DATA,   /* loader's information structure; usable once the kernel is up */
    MEM_FRAMEBUFFER, /* pixels the firmware set up */
    MEM_MODULE,      /* initrd; usable once unpacked */
    MEM_KERNEL,      /* this kernel's image with its bss */
    MEM_ACPI_TABLES, /* reclaimable by ACPI's rules; we keep them */
    MEM_ACPI_NVS,
    MEM_RESERVED,    /* firmware's, devices', or a type we do not know */
    MEM_BAD,         /* broken RAM */
    MEM_KINDS,
};

struct mem_range { paddr_t base; u64 size; enum mem_kind kind; };

enum fb_kind { FB_NONE, FB_TEXT, FB_RGB };

struct fb_field { u8 pos, size; }; /* bit position and width of a colour in a pixel */

struct boot_fb {
    enum fb_kind kind;
    paddr_t addr;      /* physical address of the first byte */
    u32 pitch;         /* bytes from one line to the next */
    u32 width, height; /* pixels (FB_RGB) or characters (FB_TEXT) */
    u8 bpp;            /* 15, 16, 24 or 32; 16 for text */
    struct fb_field red, green, blue;
};

struct boot_module { paddr_t start; u64 size; char cmdline[128]; };

#define BOOT_MAX_RANGES 512 /* one is kept free for the kernel's own image */
#define BOOT_MAX_MODULES 8
#define BOOT_CMDLINE_MAX 2048
#define BOOT_RSDP_MAX 64

struct bootinfo {
    struct mem_range range[BOOT_MAX_RANGES]; /* any order, may overlap: mm/memmap sorts it out */
    unsigned nranges;
    unsigned ranges_dropped; /* map entries that did not fit; their memory stays unused */
    bool has_memory_map;     /* false: only tag 4 (basic meminfo) was there */
    bool is_uefi;            /* for the log only: nothing may depend on it */
    struct boot_fb fb;
    struct boot_module module[BOOT_MAX_MODULES];
    unsigned nmodules;
    unsigned modules_dropped;
    char cmdline[BOOT_CMDLINE_MAX];
    bool cmdline_cut;
    char loader[64];
    u8 rsdp[BOOT_RSDP_MAX]; /* the ACPI root pointer itself; tag 15 before tag 14 */
    unsigned rsdp_len;      /* 0: none */
    const char *error;      /* why boot could not read the loader's information, or NULL */
};

/* Where boot hands over; defined in init/. */
NORETURN void kernel_main(const struct bootinfo *bi);
