/* The first module GRUB loaded becomes the root file system. */
#include "arch/paging.h"
#include "dev/boot_device.h"
#include "init/init.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "vfs/initrd.h"

/* CRC-32 (IEEE 802.3) of the module, to tell a damaged copy from a damaged archive: only if asked
 * for, for it costs more than everything else at boot. Four bits at a time: the table stays small. */
static u32 crc32(const u8 *p, u64 n)
{
    static const u32 table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    u32 crc = ~0u;

    for (; n; n--, p++) {
        crc = crc >> 4 ^ table[(crc ^ *p) & 15];
        crc = crc >> 4 ^ table[(crc ^ *p >> 4) & 15];
    }
    return ~crc;
}

void initrd_load(const struct bootinfo *bi)
{
    struct initrd_result result = { 0 };

    if (bi->nmodules == 0) {
        kerr("initrd: none: the boot loader loaded no module ('module2 /boot/initrd.tar' in grub.cfg)");
        return;
    }
    const struct boot_module *m = &bi->module[0];
    kinfo("initrd: module '%s' at %#lx, %lu bytes", m->cmdline, m->start, m->size);
    if (boot_option("initrd_crc"))
        kinfo("initrd: crc %08x", crc32(phys_to_virt(m->start), m->size));
    int r = initrd_unpack(m->start, m->size, &result);
    if (r != 0)
        kerr("initrd: damaged: %s (error %d)", result.error, -r);
    kinfo("initrd: %lu files, %lu directories, %lu links, %lu bytes", result.files, result.dirs, result.links,
          result.bytes);
}
