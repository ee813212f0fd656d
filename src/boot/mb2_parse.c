/* Reading the Multiboot2 information structure. Pure.
 *
 * The loader is not trusted to be right: every tag is handed to its reader as a struct body, a
 * span of bytes known to lie inside the structure, and readers only see what body_read copies out
 * of it. Order and number of tags mean nothing, except that of several command lines, loaders or
 * screens the first counts. The memory map may drop entries when it is too long, but the ranges
 * that keep us from overwriting the structure, the modules and the screen always find room. */
#include "mb2_parse.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "multiboot2.h"

#define MBI_MAX (4u << 20)      /* GRUB's largest are a few KiB */
#define FB_MAX_PIXELS 32768u    /* per side: keeps pitch * height far from wrapping */
#define FB_MAX_TEXT 512u
#define PHYS_LIMIT (1ull << 52) /* SDM vol. 3, 4.1.4 */

/* The structure itself, one per module, the screen. */
#define OWN_RANGES (1 + BOOT_MAX_MODULES + 1)
#define MAP_RANGES (BOOT_MAX_RANGES - OWN_RANGES - MB2_SPARE_RANGES)

struct body { const u8 *bytes; size_t len; };

/* What cannot be decided before all tags are seen. */
struct parse {
    struct bootinfo *bi;
    unsigned nmap; /* entries of the memory map kept */
    bool has_meminfo, has_rsdp_v2;
    struct mb2_meminfo meminfo;
};

static bool body_read(const struct body *b, size_t offset, void *out, size_t size)
{
    if (offset > b->len || size > b->len - offset)
        return false;
    memcpy(out, b->bytes + offset, size);
    return true;
}

/* Copies the string at `offset`, which ends at a zero byte or with the body. True: it was cut. */
static bool body_string(const struct body *b, size_t offset, char *out, size_t size)
{
    size_t have = offset < b->len ? strnlen((const char *)b->bytes + offset, b->len - offset) : 0;
    size_t n = MIN(have, size - 1);
    memcpy(out, b->bytes + (n ? offset : 0), n);
    out[n] = '\0';
    return n < have;
}

static void add_range(struct bootinfo *bi, paddr_t base, u64 size, enum mem_kind kind)
{
    if (size && bi->nranges < BOOT_MAX_RANGES - MB2_SPARE_RANGES)
        bi->range[bi->nranges++] = (struct mem_range){ base, size, kind };
}

/* --- memory --------------------------------------------------------------------------------- */

static enum mem_kind kind_of(u32 type)
{
    switch (type) {
    case MB2_MEM_AVAILABLE: return MEM_USABLE;
    case MB2_MEM_ACPI: return MEM_ACPI_TABLES;
    case MB2_MEM_NVS: return MEM_ACPI_NVS;
    case MB2_MEM_BAD: return MEM_BAD;
    }
    return MEM_RESERVED; /* GRUB also hands on types of EFI's and its own, e.g. 20 */
}

static void read_memory_map(struct parse *p, const struct body *b)
{
    struct mb2_memory_map head;
    struct mb2_memory_entry e;
    if (!body_read(b, 0, &head, sizeof head) || head.entry_size < sizeof e)
        return;
    for (size_t at = sizeof head; at < b->len && head.entry_size <= b->len - at; at += head.entry_size) {
        if (!body_read(b, at, &e, sizeof e))
            return;
        p->bi->has_memory_map = true;
        if (p->nmap == MAP_RANGES) {
            p->bi->ranges_dropped++;
            continue;
        }
        p->nmap += e.size != 0;
        add_range(p->bi, e.base, e.size, kind_of(e.type));
    }
}

static void read_meminfo(struct parse *p, const struct body *b)
{
    if (body_read(b, 0, &p->meminfo, sizeof p->meminfo))
        p->has_meminfo = true;
}

static void use_meminfo(struct parse *p)
{
    add_range(p->bi, 0, (u64)p->meminfo.lower_kib << 10, MEM_USABLE);
    add_range(p->bi, 1 << 20, (u64)p->meminfo.upper_kib << 10, MEM_USABLE);
}

/* --- the other tags ------------------------------------------------------------------------- */

static void read_module(struct parse *p, const struct body *b)
{
    struct mb2_module m;
    if (!body_read(b, 0, &m, sizeof m) || m.end < m.start)
        return;
    if (p->bi->nmodules == BOOT_MAX_MODULES) {
        p->bi->modules_dropped++;
        return;
    }
    struct boot_module *out = &p->bi->module[p->bi->nmodules++];
    out->start = m.start;
    out->size = m.end - m.start;
    body_string(b, sizeof m, out->cmdline, sizeof out->cmdline);
    add_range(p->bi, out->start, out->size, MEM_MODULE);
}

static void read_rsdp(struct parse *p, const struct body *b, bool v2)
{
    struct bootinfo *bi = p->bi;
    if (b->len < (v2 ? MB2_RSDP_V2_SIZE : MB2_RSDP_V1_SIZE) || p->has_rsdp_v2)
        return;
    p->has_rsdp_v2 = v2;
    bi->rsdp_len = (unsigned)MIN(b->len, sizeof bi->rsdp);
    memset(bi->rsdp, 0, sizeof bi->rsdp);
    memcpy(bi->rsdp, b->bytes, bi->rsdp_len);
}

static bool field_fits(struct fb_field f, unsigned bpp) { return f.size > 0 && f.size <= 8 && f.pos + f.size <= bpp; }

static bool rgb_is_sane(const struct boot_fb *fb)
{
    unsigned bytes = (fb->bpp + 7u) / 8;
    return (fb->bpp == 15 || fb->bpp == 16 || fb->bpp == 24 || fb->bpp == 32) &&
           fb->width && fb->width <= FB_MAX_PIXELS && fb->height && fb->height <= FB_MAX_PIXELS &&
           fb->pitch >= fb->width * bytes && fb->pitch <= FB_MAX_PIXELS * 8 &&
           fb->addr && fb->addr < PHYS_LIMIT - (u64)fb->pitch * fb->height &&
           field_fits(fb->red, fb->bpp) && field_fits(fb->green, fb->bpp) && field_fits(fb->blue, fb->bpp);
}

static void read_rgb(struct parse *p, struct boot_fb *fb, const struct body *b)
{
    struct mb2_framebuffer_rgb rgb;
    if (!body_read(b, sizeof(struct mb2_framebuffer), &rgb, sizeof rgb))
        return;
    fb->kind = FB_RGB;
    fb->red = (struct fb_field){ rgb.red_pos, rgb.red_size };
    fb->green = (struct fb_field){ rgb.green_pos, rgb.green_size };
    fb->blue = (struct fb_field){ rgb.blue_pos, rgb.blue_size };
    if (!rgb_is_sane(fb))
        return;
    p->bi->fb = *fb;
    /* Firmware may put it into RAM, and its map does not always say so. */
    add_range(p->bi, fb->addr, (u64)fb->pitch * fb->height, MEM_FRAMEBUFFER);
}

static void read_text(struct parse *p, struct boot_fb *fb)
{
    fb->kind = FB_TEXT;
    fb->bpp = 16; /* GRUB says 16, the specification allows anything: a cell is always two bytes */
    if (fb->width && fb->width <= FB_MAX_TEXT && fb->height && fb->height <= FB_MAX_TEXT &&
        fb->pitch >= fb->width * 2 && fb->pitch <= FB_MAX_TEXT * 8 && fb->addr && fb->addr < PHYS_LIMIT)
        p->bi->fb = *fb;
}

static void read_framebuffer(struct parse *p, const struct body *b)
{
    struct mb2_framebuffer w;
    if (p->bi->fb.kind != FB_NONE || !body_read(b, 0, &w, sizeof w))
        return;
    struct boot_fb fb = { .addr = w.addr, .pitch = w.pitch, .width = w.width, .height = w.height, .bpp = w.bpp };
    if (w.type == MB2_FB_RGB)
        read_rgb(p, &fb, b);
    else if (w.type == MB2_FB_TEXT)
        read_text(p, &fb);
}

static void read_tag(struct parse *p, u32 type, const struct body *b)
{
    struct bootinfo *bi = p->bi;
    switch (type) {
    case MB2_CMDLINE:
        if (!bi->cmdline[0])
            bi->cmdline_cut = body_string(b, 0, bi->cmdline, sizeof bi->cmdline);
        break;
    case MB2_LOADER:
        if (!bi->loader[0])
            body_string(b, 0, bi->loader, sizeof bi->loader);
        break;
    case MB2_MODULE: read_module(p, b); break;
    case MB2_MEMINFO: read_meminfo(p, b); break;
    case MB2_MEMORY_MAP: read_memory_map(p, b); break;
    case MB2_FRAMEBUFFER: read_framebuffer(p, b); break;
    case MB2_RSDP_V1: read_rsdp(p, b, false); break;
    case MB2_RSDP_V2: read_rsdp(p, b, true); break;
    case MB2_EFI32_TABLE:
    case MB2_EFI64_TABLE:
    case MB2_EFI_MEMORY_MAP:
    case MB2_EFI_BOOT_SERVICES:
    case MB2_EFI32_IMAGE:
    case MB2_EFI64_IMAGE: bi->is_uefi = true; break;
    }
}

/* Hands every tag to its reader. False if one leaves the structure or the end tag is missing. */
static bool walk_tags(struct parse *p, const struct body *all)
{
    struct mb2_tag tag;
    for (size_t at = sizeof(struct mb2_info); body_read(all, at, &tag, sizeof tag);
         at += ROUND_UP((size_t)tag.size, MB2_ALIGN)) {
        if (tag.size < sizeof tag || tag.size > all->len - at)
            return false;
        if (tag.type == MB2_END)
            return true;
        struct body b = { all->bytes + at + sizeof tag, tag.size - sizeof tag };
        read_tag(p, tag.type, &b);
    }
    return false;
}

int mb2_parse(const void *mbi, size_t mapped_limit, struct bootinfo *bi)
{
    struct mb2_info info;
    struct parse p = { .bi = bi };
    memset(bi, 0, sizeof *bi);
    if (mapped_limit < sizeof info || !IS_ALIGNED((uintptr_t)mbi, MB2_ALIGN))
        return -EINVAL;
    memcpy(&info, mbi, sizeof info);
    if (info.total_size < sizeof info || info.total_size > MIN(mapped_limit, (size_t)MBI_MAX))
        return -EINVAL;
    add_range(bi, (u32)(uintptr_t)mbi, info.total_size, MEM_BOOT_DATA);
    if (!walk_tags(&p, &(struct body){ mbi, info.total_size }))
        return -EINVAL;
    if (!bi->has_memory_map && p.has_meminfo)
        use_meminfo(&p);
    return bi->has_memory_map || p.has_meminfo ? 0 : -ENODATA;
}
