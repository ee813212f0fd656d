/* Sources: src/drivers/acpi/acpi_parse.c */
#include "tests/unit/host.h"
#include "src/drivers/acpi/acpi_parse.h"
#include "lib/errno.h"
#include <stdlib.h>
#include <string.h>

/* On the heap and exactly as long, so that ASan sees one byte too many. */
static int s5(const char *bytes, size_t len, u8 *a, u8 *b)
{
    u8 *p = malloc(len ? len : 1);
    memcpy(p, bytes, len);
    int r = acpi_s5_find(p, len, a, b);
    free(p);
    return r;
}
#define S5(text, a, b) s5(text, sizeof(text) - 1, a, b)

static void s5_forms(void **state)
{
    u8 a, b;
    assert_int_equal(S5("\x08_S5_\x12\x06\x04\x00\x00\x00\x00", &a, &b), 0);
    assert_true(a == 0 && b == 0);
    assert_int_equal(S5("xx\x08\\_S5_\x12\x08\x04\x0a\x05\x0a\x07\x00\x00", &a, &b), 0);
    assert_true(a == 5 && b == 7);
    assert_int_equal(S5("\x08_S5_\x12\x47\x00\x02\x01\x0b\x02\x00", &a, &b), 0);
    assert_true(a == 1 && b == 2);
    assert_int_equal(S5("\x08_S5_\x12\x04\x01\x0a\x03", &a, &b), 0);
    assert_true(a == 3 && b == 0);
    /* a mention first, the definition later */
    assert_int_equal(S5("_S5_ \x08_S5_ \x08_S5_\x12\x04\x02\x01\x01", &a, &b), 0);
}

static void s5_broken(void **state)
{
    static const char whole[] = "\x08_S5_\x12\x48\x00\x04\x0a\x05\x0c\x01\x00\x00\x00";
    u8 a, b;
    for (size_t len = 0; len < sizeof(whole) - 1; len++)
        assert_int_equal(s5(whole, len, &a, &b), -ENOENT);
    assert_int_equal(s5(whole, sizeof(whole) - 1, &a, &b), 0);
    assert_int_equal(S5("\x08_S5_\x12\x06\x00\x00\x00", &a, &b), -ENOENT);
    assert_int_equal(S5("\x08_S5_\x12\x06\x04\x0a\x08\x00", &a, &b), -ENOENT);
    assert_int_equal(S5("\x14_S5_\x12\x06\x04\x00\x00", &a, &b), -ENOENT);
}

static void put(u8 *p, u64 v, unsigned n) { for (; n--; v >>= 8) *p++ = (u8)v; }
static void fix(u8 *p, size_t len, size_t at)
{
    u8 sum = 0;
    p[at] = 0;
    for (size_t i = 0; i < len; i++)
        sum = (u8)(sum + p[i]);
    p[at] = (u8)-sum;
}

static void rsdp(void **state)
{
    u8 p[36] = "RSD PTR ";
    struct acpi_root r;
    put(p + 16, 0x1234, 4);
    fix(p, 20, 8);
    assert_int_equal(acpi_rsdp_parse(p, 20, &r), 0);
    assert_true(r.rsdt == 0x1234 && r.xsdt == 0);
    assert_int_equal(acpi_rsdp_parse(p, 19, &r), -EINVAL);
    p[15] = 2;
    put(p + 20, 36, 4);
    put(p + 24, 0x123456789a, 8);
    fix(p, 20, 8);
    fix(p, 36, 32);
    assert_int_equal(acpi_rsdp_parse(p, 36, &r), 0);
    assert_int_equal(r.xsdt, 0x123456789a);
    put(p + 20, 4000, 4); /* longer than what we have: version 1 remains usable */
    assert_int_equal(acpi_rsdp_parse(p, 36, &r), 0);
    assert_int_equal(r.xsdt, 0);
    p[8]++;
    assert_int_equal(acpi_rsdp_parse(p, 36, &r), -EINVAL);
}

static void root_entries(void **state)
{
    u8 p[36 + 19] = "XSDT";
    put(p + 36, 0, 8);
    put(p + 44, 0x1122334455, 8);
    assert_int_equal(acpi_root_entry(p, sizeof(p), 0), 0x1122334455);
    assert_int_equal(acpi_root_entry(p, sizeof(p), 1), 0); /* three bytes are no entry */
    assert_int_equal(acpi_root_entry(p, 36, 0), 0);
    memcpy(p, "RSDT", 4);
    assert_int_equal(acpi_root_entry(p, sizeof(p), 0), 0x22334455);
    assert_int_equal(acpi_root_entry(p, sizeof(p), 1), 0x11);
    put(p + 4, 35, 4);
    assert_int_equal(acpi_table_len(p), 0);
    put(p + 4, 0xffffffff, 4);
    assert_int_equal(acpi_table_len(p), 0);
    put(p + 4, 55, 4);
    assert_int_equal(acpi_table_len(p), 55);
}

static void fadt(void **state)
{
    u8 p[276] = "FACP";
    struct acpi_fadt f;
    put(p + 40, 0x7fe0000, 4);
    put(p + 64, 0x604, 4);
    put(p + 112, 1u << 10, 4);
    p[116] = ACPI_IO;
    put(p + 120, 0xcf9, 8);
    p[128] = 0x0f;
    assert_int_equal(acpi_fadt_parse(p, 115, &f), -EINVAL);
    assert_int_equal(acpi_fadt_parse(p, 116, &f), 0);
    assert_true(f.pm1a_cnt.addr == 0x604 && f.pm1b_cnt.addr == 0 && f.reset.addr == 0);
    assert_int_equal(acpi_fadt_parse(p, 129, &f), 0);
    assert_true(f.reset.addr == 0xcf9 && f.reset_value == 0x0f && f.dsdt == 0x7fe0000);
    put(p + 140, 0x17fe0000, 8);
    p[172] = ACPI_IO;
    put(p + 176, 0x1804, 8);
    assert_int_equal(acpi_fadt_parse(p, sizeof(p), &f), 0);
    assert_true(f.pm1a_cnt.addr == 0x1804 && f.dsdt == 0x17fe0000);
    put(p + 176, 0x11804, 8); /* no such port: the old field counts */
    assert_int_equal(acpi_fadt_parse(p, sizeof(p), &f), 0);
    assert_int_equal(f.pm1a_cnt.addr, 0x604);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_forms), cmocka_unit_test(s5_broken), cmocka_unit_test(rsdp),
        cmocka_unit_test(root_entries), cmocka_unit_test(fadt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
