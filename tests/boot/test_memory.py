"""Memory that cannot be wrong: each page allocator runs the system, and each misuse is named."""
import os
import re

import pytest

from machine import INITRD, Machine

@pytest.mark.parametrize("name", ["linear", "buddy", "both", "both-debug"])
def test_each_allocator_runs_the_system(isos, kernel, name):
    with Machine("bios", iso=isos("pmm-" + name, "loglevel=8 selftest=all", kernel=kernel(name)), memory="128M") as m:
        m.expect(rf"pmm-{name.split('-')[0]} free \d+ pages", 90)
        m.expect(r"selftest: \d+ run", 120)
        m.boot()
        free = lambda: int(re.search(r"MemFree: +(\d+)", m.run("cat /proc/meminfo"))[1])
        work = "for i in 1 2 3 4 5 6 7 8 9 10; do busybox ls -lR /bin /dev | busybox sort | busybox md5sum; done >/tmp/x"
        m.run(work)
        before = free()
        m.run(work, 120)
        assert before - free() < 256  # caches may keep some pages


def test_what_the_kernel_takes_for_itself():
    """docs/memory-layout.md: at the prompt 3,004 KiB of 256 MiB are gone beside the initrd."""
    with Machine("bios", memory="256M") as m:
        info = {k: int(v) for k, v in re.findall(r"(\w+): +(\d+) kB", m.boot().run("cat /proc/meminfo"))}
        assert 256 * 1024 - info["MemAvailable"] - os.path.getsize(INITRD) // 1024 <= 3200
        assert info["MemTotal"] >= 259500
        assert re.search(r"init: \d+ KiB that only the start needed are free now", m.run("dmesg"))


NAMED = {
    "die-heap-overrun": r"heap: overrun: byte 100 of [0-9a-fx]+, 100 bytes allocated by die_overrun\+",
    "die-heap-underrun": r"heap: underrun: byte -1 of [0-9a-fx]+, 100 bytes allocated by die_underrun\+",
    "die-heap-use-after-free": r"heap: use after free: byte 50 of .* freed by die_use_after_free",
    "die-heap-bad-size": r"heap: bad size: header of [0-9a-fx]+ was overwritten",
    "die-kfree-twice": r"heap: freed twice: .* freed by die_double_free",
    "die-heap-middle": r"heap: [0-9a-fx]+ points into the middle of an object",
}


@pytest.mark.parametrize("name", NAMED)
def test_debug_heap_names_the_fault(isos, kernel, name):
    with Machine("bios", iso=isos("debug-" + name, f"selftest={name}", kernel=kernel("both-debug"))) as m:
        m.expect(r"\*\*\* KERNEL PANIC \*\*\*", 90)
        m.expect(NAMED[name], 10)
        m.expect(r"System halted", 10)


PLAIN = {
    "die-heap-bad-size": r"heap: header of slab [0-9a-fx]+ \(class 128\) was overwritten",
    "die-heap-middle": r"heap: [0-9a-fx]+ points into the middle of an object",
    "die-kfree-twice": r"heap: [0-9a-fx]+ \(class 128\) freed twice",
    "die-free-page-twice": r"pmm: page 0x[0-9a-f]+ freed while free already",
    "die-free-reserved-page": r"pmm: page 0x100000 freed while reserved",
    "die-free-foreign-page": r"pmm: 0x[0-9a-f]+ is not the address of a page",
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_kernel_names_the_fault(isos, name):
    with Machine("bios", iso=isos("plain-" + name, f"selftest={name}")) as m:
        m.expect(r"\*\*\* KERNEL PANIC \*\*\*", 90)
        m.expect(PLAIN[name], 10)
        m.expect(r"System halted", 10)


@pytest.mark.parametrize("firmware,memory", [("bios", "16M"), ("bios", "64M"), ("bios", "512M"), ("bios", "6G"), ("uefi", "512M")])
def test_free_pages_match_the_map(isos, firmware, memory):
    """The allocator's number against the map in the same log: usable memory without the tables."""
    with Machine(firmware, iso=isos("map", "loglevel=8"), memory=memory) as m:
        m.boot()
        log = m.serial_text()
        usable = sum(max(0, int(end, 16) - max(int(base, 16), 0x100000)) for base, end in
                     re.findall(r"memmap: 0x([0-9a-f]+) - 0x([0-9a-f]+) usable", log)) // 4096
        tables = int(re.search(r"boot-alloc used (\d+) KiB", log)[1]) // 4
        free = int(re.search(r"pmm-\w+ free (\d+) pages", log)[1])
        assert usable - tables - 40 <= free <= usable - tables + 4  # paging_init has taken a few
        # Bytes of tables a page; more where the hole below 4 GiB has entries too, and for the linear allocator.
        assert tables * 4096 <= usable * (6 if "pmm-buddy" in log else 8) + 16384
