/* Sources: src/drivers/acpi/madt_parse.c src/drivers/acpi/acpi_parse.c */
#include "tests/unit/host.h"
#include "src/drivers/acpi/madt_parse.h"
#include "lib/errno.h"
#include <stdlib.h>
#include <string.h>

static struct madt_info info;

/* Head and entries on the heap and exactly as long, so that ASan sees one byte too many. */
static int parse(const char *entries, size_t len)
{
    static const char head[] = "APIC" "\0\0\0\0" "\3\0" "OEMOEMTABLETAB" "\1\0\0\0" "CREA" "\1\0\0\0" "\0\0\xe0\xfe" "\1\0\0\0";
    u8 *p = malloc(44 + len);
    memcpy(p, head, 44);
    memcpy(p + 44, entries, len);
    int r = madt_parse(p, (u32)(44 + len), &info);
    free(p);
    return r;
}
#define PARSE(text) parse(text, sizeof(text) - 1)

#define CPU(uid, id, flags) "\0\x8" uid id flags "\0\0\0"
#define X2CPU(id, flags) "\x9\x10\0\0" id flags "\0\0\0" "\1\0\0\0"
#define IOAPIC(id, base) "\1\xc" id "\0\0\0\xc0\xfe" base "\0\0\0"
#define OVERRIDE(irq, gsi, flags) "\2\xa\0" irq gsi "\0\0\0" flags "\0"

/* As QEMU's q35 with -smp 4 has it. */
static void as_qemu_has_it(void **state)
{
    assert_int_equal(PARSE(CPU("\0", "\0", "\1") CPU("\1", "\1", "\1") CPU("\2", "\2", "\1") CPU("\3", "\3", "\1")
                           IOAPIC("\0", "\0") OVERRIDE("\0", "\2", "\0") OVERRIDE("\5", "\5", "\xd")
                           OVERRIDE("\x9", "\x9", "\xd") OVERRIDE("\xa", "\xa", "\xd") OVERRIDE("\xb", "\xb", "\xd")
                           "\4\6\xff\0\0\1"), 0);
    assert_int_equal(info.lapic_addr, 0xfee00000);
    assert_true(info.has_8259);
    assert_int_equal(info.nmi_lint, 1);
    assert_int_equal(info.ncpus, 4);
    for (u32 i = 0; i < 4; i++)
        assert_int_equal(info.cpu[i], i);
    assert_int_equal(info.nioapics, 1);
    assert_int_equal(info.ioapic[0].addr, 0xfec00000);
    assert_int_equal(info.isa[0].gsi, 2);
    assert_false(info.isa[0].level || info.isa[0].active_low);
    assert_true(info.isa[9].level && !info.isa[9].active_low);
    assert_int_equal(info.isa[1].gsi, 1);
}

static void which_cpus_count(void **state)
{
    /* off, may be plugged in later, no id, twice, and once more as an x2APIC */
    assert_int_equal(PARSE(CPU("\0", "\4", "\0") CPU("\0", "\5", "\2") CPU("\0", "\xff", "\1") CPU("\0", "\6", "\1")
                           CPU("\0", "\6", "\1") X2CPU("\6\0\0\0", "\1") X2CPU("\0\1\0\0", "\3")
                           X2CPU("\xff\xff\xff\xff", "\1") X2CPU("\7\0\0\0", "\2")), 0);
    assert_int_equal(info.ncpus, 2);
    assert_int_equal(info.cpu[0], 6);
    assert_int_equal(info.cpu[1], 256);
}

static void more_than_there_is_room_for(void **state)
{
    char entries[300 * 16];
    for (unsigned i = 0; i < 300; i++) {
        memcpy(entries + i * 16, X2CPU("\0\0\0\0", "\1"), 16);
        entries[i * 16 + 4] = (char)i;
        entries[i * 16 + 5] = (char)(i >> 8);
    }
    assert_int_equal(parse(entries, sizeof entries), 0);
    assert_int_equal(info.ncpus, MAX_CPUS);
    assert_int_equal(info.cpus_dropped, 300 - MAX_CPUS);

    char ioapics[100 * 12];
    for (unsigned i = 0; i < 100; i++) {
        memcpy(ioapics + i * 12, IOAPIC("\0", "\0"), 12);
        ioapics[i * 12 + 5] = (char)i;
        ioapics[i * 12 + 8] = (char)i;
    }
    assert_int_equal(parse(ioapics, sizeof ioapics), 0);
    assert_int_equal(info.nioapics, MADT_MAX_IOAPICS);
}

static void overrides(void **state)
{
    assert_int_equal(PARSE("\2\xa\1\4\x14\0\0\0\xf\0" /* not ISA */ OVERRIDE("\x10", "\x10", "\xf") /* no such line */
                           OVERRIDE("\6", "\x10", "\x2") OVERRIDE("\7", "\x10", "\x8") /* meaningless flags */
                           OVERRIDE("\3", "\x15", "\xf") "\5\xc\0\0\0\0\0\0\1\0\0\0"), 0);
    assert_int_equal(info.isa[4].gsi, 4);
    assert_int_equal(info.isa[6].gsi, 6);
    assert_int_equal(info.isa[7].gsi, 7);
    assert_int_equal(info.isa[3].gsi, 0x15);
    assert_true(info.isa[3].level && info.isa[3].active_low);
    assert_int_equal(info.lapic_addr, 0x100000000);
}

static void repeated_ioapics(void **state)
{
    assert_int_equal(PARSE(IOAPIC("\0", "\0") IOAPIC("\1", "\x18") "\1\xc\2\0\0\x10\xc0\xfe\0\0\0\0"
                           "\1\xc\2\0\0\x10\xc0\xfe\x18\0\0\0" "\1\xc\3\0\0\0\0\0\x30\0\0\0"), 0);
    assert_int_equal(info.nioapics, 2); /* same address, same inputs, new, no address */
    assert_int_equal(info.ioapic[1].addr, 0xfec01000);
}

static void broken(void **state)
{
    static const char whole[] = CPU("\0", "\0", "\1") IOAPIC("\0", "\0") X2CPU("\0\1\0\0", "\1") OVERRIDE("\0", "\2", "\0")
                                "\4\6\xff\0\0\1" "\xa\xc\0\0\xff\xff\xff\xff\0\0\0\0" CPU("\0", "\1", "\1");
    for (size_t len = 0; len < sizeof whole; len++)
        assert_int_equal(parse(whole, len), 0);
    assert_int_equal(info.ncpus, 3);
    assert_int_equal(info.nmi_lint, 0);
    /* every length byte wrong in every way */
    for (size_t at = 1; at < sizeof whole - 1; at++) {
        char copy[sizeof whole];
        for (int v = 0; v < 256; v++) {
            memcpy(copy, whole, sizeof whole);
            copy[at] = (char)v;
            assert_int_equal(parse(copy, sizeof whole - 1), 0);
            assert_true(info.ncpus <= 8 && info.nioapics <= 8);
        }
    }
    assert_int_equal(PARSE("\0\0\0\0\0\0\0\0" CPU("\0", "\1", "\1")), 0);
    assert_int_equal(info.ncpus, 0);
    assert_int_equal(PARSE("\0\4\0\1" CPU("\0", "\2", "\1") "\x80\3\0" CPU("\0", "\3", "\1")), 0);
    assert_int_equal(info.ncpus, 2); /* too short, unknown */
    assert_int_equal(madt_parse((const u8 *)"APIC", 4, &info), -EINVAL);
    u8 other[44] = "FACP";
    assert_int_equal(madt_parse(other, 44, &info), -EINVAL);
}

static void noise(void **state)
{
    u8 p[1024];
    srand(7);
    for (int round = 0; round < 20000; round++) {
        size_t len = 44 + (size_t)rand() % (sizeof p - 44);
        for (size_t i = 0; i < len; i++)
            p[i] = (u8)(rand() % 4 ? rand() % 20 : rand());
        memcpy(p, "APIC", 4);
        u8 *q = malloc(len);
        memcpy(q, p, len);
        assert_int_equal(madt_parse(q, (u32)len, &info), 0);
        free(q);
        assert_true(info.ncpus <= MAX_CPUS && info.nioapics <= MADT_MAX_IOAPICS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_qemu_has_it), cmocka_unit_test(which_cpus_count),
        cmocka_unit_test(more_than_there_is_room_for), cmocka_unit_test(overrides),
        cmocka_unit_test(repeated_ioapics), cmocka_unit_test(broken), cmocka_unit_test(noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
