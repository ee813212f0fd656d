/* What a Multiboot2 loader leaves in memory, as bytes: Multiboot2 Specification 2.0, section 3.6
 * "Boot information format". Wire format only. */
#pragma once
#include "lib/types.h"

struct mb2_info { u32 total_size, reserved; } PACKED; /* tags follow, each at a multiple of 8 */
#define MB2_ALIGN 8

struct mb2_tag { u32 type, size; } PACKED; /* size counts this header, not the padding behind */

enum mb2_tag_type {
    MB2_END = 0,
    MB2_CMDLINE = 1,
    MB2_LOADER = 2,
    MB2_MODULE = 3,
    MB2_MEMINFO = 4,
    MB2_MEMORY_MAP = 6,
    MB2_FRAMEBUFFER = 8,
    MB2_EFI32_TABLE = 11,
    MB2_EFI64_TABLE = 12,
    MB2_RSDP_V1 = 14,
    MB2_RSDP_V2 = 15,
    MB2_EFI_MEMORY_MAP = 17,
    MB2_EFI_BOOT_SERVICES = 18,
    MB2_EFI32_IMAGE = 19,
    MB2_EFI64_IMAGE = 20,
};

/* Each struct below is what follows the tag's header. */
struct mb2_module { u32 start, end; } PACKED; /* then a string */
struct mb2_meminfo { u32 lower_kib, upper_kib; } PACKED; /* from 0, and from 1 MiB */
struct mb2_memory_map { u32 entry_size, entry_version; } PACKED; /* then entries */
struct mb2_memory_entry { u64 base, size; u32 type; } PACKED; /* entry_size may be larger */

enum mb2_memory_type { MB2_MEM_AVAILABLE = 1, MB2_MEM_ACPI = 3, MB2_MEM_NVS = 4, MB2_MEM_BAD = 5 };

struct mb2_framebuffer {
    u64 addr;
    u32 pitch, width, height;
    u8 bpp, type;
    u16 reserved;
} PACKED;
enum mb2_framebuffer_type { MB2_FB_INDEXED = 0, MB2_FB_RGB = 1, MB2_FB_TEXT = 2 };
struct mb2_framebuffer_rgb { u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size; } PACKED;

#define MB2_RSDP_V1_SIZE 20 /* ACPI 6.4, 5.2.5.3 */
#define MB2_RSDP_V2_SIZE 36
