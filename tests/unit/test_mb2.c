/* Sources: src/boot/mb2_parse.c src/kernel/mm/memmap.c */
#include "mb2_parse.h"
#include "multiboot2.h"
#include "lib/errno.h"
#include "mm/memmap.h"
#include "tests/unit/host.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bootinfo bi;
static struct memmap map;

struct bytes { u8 *at; size_t len; };

static struct bytes load(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "tests/data/mbi/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static u8 buf[65536];
    size_t n = fread(buf, 1, sizeof buf, f);
    fclose(f);
    struct bytes b = { malloc(n), n };
    memcpy(b.at, buf, n);
    return b;
}

/* Parses a copy in a block of exactly n bytes, so that ASan sees one byte too many. */
static int parse_exactly(const u8 *bytes, size_t n)
{
    u8 *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    int err = mb2_parse(copy, n, &bi);
    assert_true(bi.nranges <= BOOT_MAX_RANGES - MB2_SPARE_RANGES);
    assert_true(bi.nmodules <= BOOT_MAX_MODULES && bi.rsdp_len <= BOOT_RSDP_MAX);
    assert_non_null(memchr(bi.cmdline, 0, sizeof bi.cmdline));
    assert_non_null(memchr(bi.loader, 0, sizeof bi.loader));
    free(copy);
    return err;
}

static void for_each_fixture(void (*fn)(const char *name, struct bytes b))
{
    DIR *d = opendir("tests/data/mbi");
    assert_non_null(d);
    unsigned n = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (!strstr(e->d_name, ".bin"))
            continue;
        struct bytes b = load(e->d_name);
        fn(e->d_name, b);
        free(b.at);
        n++;
    }
    closedir(d);
    assert_true(n >= 12);
}

static void check_fixture(const char *name, struct bytes b)
{
    assert_int_equal(parse_exactly(b.at, b.len), 0);
    assert_true(bi.has_memory_map);
    assert_int_equal(bi.is_uefi, strncmp(name, "uefi", 4) == 0);
    assert_memory_equal(bi.loader, "GRUB 2.", 7);
    assert_int_equal(bi.ranges_dropped, 0);
    bool acpi = !strstr(name, "acpioff");
    assert_int_equal(bi.rsdp_len, !acpi ? 0 : bi.is_uefi ? 36 : 20);
    if (acpi)
        assert_memory_equal(bi.rsdp, "RSD PTR ", 8);
    if (strstr(name, "fb2"))
        assert_int_equal(bi.fb.kind, FB_RGB);
    memmap_build(&map, &bi);
    assert_true(map.total[MEM_USABLE] > (4u << 20));
    if (strstr(name, "6G"))
        assert_true(memmap_ram_end(&map) > 6ull << 30);
    else
        assert_true(memmap_ram_end(&map) <= 4ull << 30);
}
static void test_all_fixtures(void **state) { for_each_fixture(check_fixture); }

static void test_one_fixture_in_detail(void **state)
{
    struct bytes b = load("bios-pc-512M-plain.bin");
    assert_int_equal(parse_exactly(b.at, b.len), 0);
    free(b.at);
    assert_string_equal(bi.cmdline, "probe");
    assert_int_equal(bi.nmodules, 1);
    assert_int_equal(bi.module[0].start, 0x11b000);
    assert_int_equal(bi.module[0].size, 0x200000);
    assert_string_equal(bi.module[0].cmdline, "initrd arg1 arg2");
    assert_int_equal(bi.fb.kind, FB_TEXT);
    assert_int_equal(bi.fb.addr, 0xb8000);
    assert_int_equal(bi.fb.width, 80);
    memmap_build(&map, &bi);
    assert_int_equal(memmap_kind_at(&map, 0x9f000), MEM_RESERVED);
    assert_int_equal(memmap_kind_at(&map, 0x11b000), MEM_MODULE);
    assert_int_equal(memmap_kind_at(&map, 0x31b000), MEM_USABLE);
    assert_int_equal(memmap_ram_end(&map), 0x1ffe0000);
}

static void check_truncations(const char *name, struct bytes b)
{
    for (size_t n = 0; n < b.len; n++) {
        assert_int_equal(parse_exactly(b.at, n), -EINVAL); /* total_size exceeds what is mapped */
        if (n >= 8) {
            u32 lie = (u32)n;
            u8 *copy = malloc(n);
            memcpy(copy, b.at, n);
            memcpy(copy, &lie, 4); /* total_size agrees: only the missing end tag tells */
            assert_int_equal(parse_exactly(copy, n), -EINVAL);
            free(copy);
        }
    }
}
static void test_truncated_at_every_byte(void **state) { for_each_fixture(check_truncations); }

static void check_lying_sizes(const char *name, struct bytes b)
{
    static const u32 lies[] = { 0, 1, 7, 8, 9, 15, 16, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
    for (size_t at = 0; at + 4 <= b.len; at += 4) {
        u32 truth;
        memcpy(&truth, b.at + at, 4);
        for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
            memcpy(b.at + at, &lies[i], 4);
            parse_exactly(b.at, b.len);
        }
        memcpy(b.at + at, &truth, 4);
    }
}
static void test_every_word_replaced_by_lies(void **state) { for_each_fixture(check_lying_sizes); }

static void fuzz(const char *name, struct bytes b)
{
    u8 *copy = malloc(b.len);
    for (int round = 0; round < 3000; round++) {
        memcpy(copy, b.at, b.len);
        for (int k = rand() % 8 + 1; k-- > 0;)
            copy[(size_t)rand() % b.len] = (u8)(rand() % 3 ? rand() : rand() % 2 * 255);
        memcpy(copy, b.at, round % 4 ? 4 : 0); /* mostly keep total_size, to get past it */
        if (parse_exactly(copy, b.len) == 0 && round % 8 == 0)
            memmap_build(&map, &bi);
    }
    free(copy);
}
static void test_random_mutations(void **state)
{
    const char *env = getenv("SEED");
    unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : 20262;
    print_message("seed %u (set SEED to change it)\n", seed);
    srand(seed);
    for_each_fixture(fuzz);
}

/* --- structures made by hand ---------------------------------------------------------------- */

static u8 made[131072] __attribute__((aligned(8)));
static size_t made_len;

static void begin(void) { memset(made, 0, sizeof made); made_len = 8; }
static void tag(u32 type, const void *body, size_t len)
{
    u32 head[2] = { type, (u32)(8 + len) };
    memcpy(made + made_len, head, 8);
    if (len)
        memcpy(made + made_len + 8, body, len);
    made_len = (made_len + 8 + len + 7) & ~7ul;
}
static int finish(void)
{
    tag(MB2_END, NULL, 0);
    u32 total = (u32)made_len;
    memcpy(made, &total, 4);
    return parse_exactly(made, made_len);
}

static void test_meminfo_only_without_a_map(void **state)
{
    u32 meminfo[2] = { 639, 64512 };
    begin();
    assert_int_equal(finish(), -ENODATA);
    begin();
    tag(MB2_MEMINFO, meminfo, 8);
    assert_int_equal(finish(), 0);
    assert_false(bi.has_memory_map);
    memmap_build(&map, &bi);
    assert_int_equal(memmap_kind_at(&map, 0x100000), MEM_USABLE);
    assert_int_equal(memmap_ram_end(&map) >= 0x4000000, true);
}

static void test_entry_size_of_the_tag_counts(void **state)
{
    u8 body[8 + 2 * 40] = { 0 };
    u32 head[2] = { 40, 1 };
    struct mb2_memory_entry e[2] = { { 0x100000, 0x100000, 1 }, { 0x400000, 0x100000, 3 } };
    memcpy(body, head, 8);
    memcpy(body + 8, &e[0], sizeof e[0]);
    memcpy(body + 48, &e[1], sizeof e[1]);
    begin();
    tag(MB2_MEMORY_MAP, body, sizeof body);
    assert_int_equal(finish(), 0);
    memmap_build(&map, &bi);
    assert_int_equal(memmap_kind_at(&map, 0x100000), MEM_USABLE);
    assert_int_equal(memmap_kind_at(&map, 0x400000), MEM_ACPI_TABLES);
    head[0] = 19; /* too small for an entry, and 0 would never end */
    memcpy(body, head, 8);
    begin();
    tag(MB2_MEMORY_MAP, body, sizeof body);
    assert_int_equal(finish(), -ENODATA);
}

static void test_long_map_leaves_room_for_modules(void **state)
{
    static u8 body[8 + 1000 * 24];
    u32 head[2] = { 24, 0 };
    memcpy(body, head, 8);
    for (u64 i = 0; i < 1000; i++) {
        struct mb2_memory_entry e = { i << 21, 1 << 20, 1 };
        memcpy(body + 8 + i * 24, &e, sizeof e);
    }
    begin();
    tag(MB2_MEMORY_MAP, body, sizeof body);
    for (u32 i = 0; i < 10; i++) {
        u32 m[2] = { i << 20, (i << 20) + 100 };
        tag(MB2_MODULE, m, 8); /* no string at all */
    }
    assert_int_equal(finish(), 0);
    assert_int_equal(bi.nmodules, BOOT_MAX_MODULES);
    assert_int_equal(bi.modules_dropped, 2);
    assert_true(bi.ranges_dropped > 400);
    unsigned modules = 0, own = 0;
    for (unsigned i = 0; i < bi.nranges; i++) {
        modules += bi.range[i].kind == MEM_MODULE;
        own += bi.range[i].kind == MEM_BOOT_DATA;
    }
    assert_int_equal(modules, BOOT_MAX_MODULES);
    assert_int_equal(own, 1);
}

static void test_strings_are_cut_and_ended(void **state)
{
    static char text[5000];
    u32 meminfo[2] = { 1, 1 }, odd[2] = { 100, 50 };
    memset(text, 'x', sizeof text);
    begin();
    tag(MB2_CMDLINE, text, sizeof text);
    tag(MB2_LOADER, text, 5);
    tag(MB2_MEMINFO, meminfo, 8);
    tag(MB2_MODULE, odd, 8);
    assert_int_equal(finish(), 0);
    assert_true(bi.cmdline_cut);
    assert_int_equal(strlen(bi.cmdline), BOOT_CMDLINE_MAX - 1);
    assert_string_equal(bi.loader, "xxxxx");
    assert_int_equal(bi.nmodules, 0);
}

static void test_rsdp_v2_wins_in_any_order(void **state)
{
    u8 v1[20] = "RSD PTR 1", v2[36] = "RSD PTR 2";
    u32 meminfo[2] = { 1, 1 };
    for (int swap = 0; swap < 2; swap++) {
        begin();
        tag(MB2_MEMINFO, meminfo, 8);
        tag(swap ? MB2_RSDP_V1 : MB2_RSDP_V2, swap ? v1 : v2, swap ? 20 : 36);
        tag(swap ? MB2_RSDP_V2 : MB2_RSDP_V1, swap ? v2 : v1, swap ? 36 : 20);
        assert_int_equal(finish(), 0);
        assert_int_equal(bi.rsdp_len, 36);
        assert_int_equal(bi.rsdp[8], '2');
    }
}

static void test_senseless_screens_are_ignored(void **state)
{
    u32 meminfo[2] = { 1, 1 };
    struct { struct mb2_framebuffer f; struct mb2_framebuffer_rgb c; } PACKED good = {
        { 0xfd000000, 4096, 1024, 768, 32, MB2_FB_RGB, 0 }, { 16, 8, 8, 8, 0, 8 } }, bad[8];
    for (unsigned i = 0; i < 8; i++)
        bad[i] = good;
    bad[0].f.pitch = 4092;
    bad[1].f.height = 0xffffffff;
    bad[2].f.bpp = 8;
    bad[3].f.addr = UINT64_MAX - 100;
    bad[4].f.type = MB2_FB_INDEXED;
    bad[5].c.red_pos = 28;
    bad[6].f.width = 0;
    bad[7].f.width = 0x40000000; /* times four bytes wraps to 0 */
    for (unsigned i = 0; i <= 8; i++) {
        begin();
        tag(MB2_MEMINFO, meminfo, 8);
        tag(MB2_FRAMEBUFFER, i < 8 ? &bad[i] : &good, sizeof good);
        assert_int_equal(finish(), 0);
        assert_int_equal(bi.fb.kind, i < 8 ? FB_NONE : FB_RGB);
    }
    assert_int_equal(bi.fb.red.pos, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_fixtures),
        cmocka_unit_test(test_one_fixture_in_detail),
        cmocka_unit_test(test_truncated_at_every_byte),
        cmocka_unit_test(test_every_word_replaced_by_lies),
        cmocka_unit_test(test_random_mutations),
        cmocka_unit_test(test_meminfo_only_without_a_map),
        cmocka_unit_test(test_entry_size_of_the_tag_counts),
        cmocka_unit_test(test_long_map_leaves_room_for_modules),
        cmocka_unit_test(test_strings_are_cut_and_ended),
        cmocka_unit_test(test_rsdp_v2_wins_in_any_order),
        cmocka_unit_test(test_senseless_screens_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
