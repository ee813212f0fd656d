/* Sources: src/drivers/bus/pci_scan.c */
#include "tests/unit/host.h"
#include "src/drivers/bus/pci_scan.h"
#include <string.h>

/* A machine: functions with id, class, header type and, of bridges, the bus behind. All else reads ones. */
static struct { u16 at; u32 id; u8 header, behind; } machine[16];
static unsigned nmachine, reads;
static bool everywhere; /* every place answers, each as a bridge to the next bus */
static u16 seen[70000];
static unsigned nseen, stop_after;

static u32 config_read(u16 at, unsigned reg)
{
    reads++;
    if (everywhere)
        return reg == PCI_HEADER ? 0x810000 : reg == PCI_BUSES ? (u32)((at >> 8) + 1) << 8 : 0x12345678;
    for (unsigned i = 0; i < nmachine; i++)
        if (machine[i].at == at)
            return reg == PCI_ID ? machine[i].id : reg == PCI_HEADER ? (u32)machine[i].header << 16 :
                   reg == PCI_BUSES ? (u32)machine[i].behind << 8 : 0x01020304;
    return ~0u;
}
static const struct pci_access access = { config_read, NULL };

static int found(const struct pci_device *d)
{
    seen[nseen++] = d->at;
    return stop_after && nseen == stop_after ? -28 : 0;
}
static void put(unsigned bus, unsigned device, unsigned fn, u32 id, u8 header, u8 behind)
{
    machine[nmachine].at = (u16)(bus << 8 | device << 3 | fn);
    machine[nmachine].id = id;
    machine[nmachine].header = header;
    machine[nmachine++].behind = behind;
}
static int reset(void **state)
{
    nmachine = nseen = reads = stop_after = 0;
    everywhere = false;
    return 0;
}

static void empty(void **state)
{
    assert_int_equal(pci_scan(&access, found), 0);
    assert_int_equal(nseen, 0);
    assert_int_equal(reads, 32);
    put(0, 3, 0, 0, 0, 0); /* reads zeroes: nothing either */
    assert_int_equal(pci_scan(&access, found), 0);
    assert_int_equal(nseen, 0);
}
static void functions(void **state)
{
    put(0, 0, 0, 0x11111111, 0, 0);
    put(0, 0, 1, 0x22222222, 0, 0); /* its device says that it has one function only */
    put(0, 31, 0, 0x33333333, 0x80, 0);
    put(0, 31, 3, 0x44444444, 0, 0);
    put(0, 31, 7, 0x55555555, 0, 0);
    assert_int_equal(pci_scan(&access, found), 0);
    assert_int_equal(nseen, 4);
    assert_true(seen[0] == 0 && seen[1] == 31 << 3 && seen[2] == (31 << 3 | 3) && seen[3] == (31 << 3 | 7));
}
static void bridges(void **state)
{
    put(0, 1, 0, 0x11111111, 1, 5);
    put(0, 2, 0, 0x11111112, 1, 0);  /* not set up, */
    put(0, 3, 0, 0x11111113, 1, 5);  /* twice the same, */
    put(5, 0, 0, 0x22222222, 1, 2);  /* a smaller number, */
    put(2, 0, 0, 0x33333333, 1, 5);  /* a circle, */
    put(2, 4, 0, 0x44444444, 0x81, 2); /* itself */
    put(9, 0, 0, 0x55555555, 0, 0);  /* no bridge leads there */
    assert_int_equal(pci_scan(&access, found), 0);
    assert_int_equal(nseen, 6);
    assert_true(seen[3] == 5 << 8 && seen[4] == 2 << 8);
}
static void every_place_answers(void **state)
{
    everywhere = true;
    assert_int_equal(pci_scan(&access, found), 0);
    assert_int_equal(nseen, 65536);
    nseen = 0;
    stop_after = 100;
    assert_int_equal(pci_scan(&access, found), -28);
    assert_int_equal(nseen, 100);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty, reset), cmocka_unit_test_setup(functions, reset),
        cmocka_unit_test_setup(bridges, reset), cmocka_unit_test_setup(every_place_answers, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
