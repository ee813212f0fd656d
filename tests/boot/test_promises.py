"""Promises that need a whole machine: which console gets what,
files that arrive as they were packed, a shell that survives whatever it runs."""
import hashlib
import os
import re
import subprocess
import tarfile

import pytest

from machine import BUILD, INITRD, ROOT, Machine, make_initrd, make_iso


def test_console_serial_only(isos):
    """console=ttyS0: log and shell on the serial line, nothing on the screen and on port 0xE9."""
    with Machine("bios", iso=isos("tty-s0", "console=ttyS0")) as m:
        m.boot()
        m.run("echo serial only")
        assert "memmap:" in m.serial_text()
        assert "serial only" not in m.e9_text() and "memmap:" not in m.e9_text()
        assert not any("root:" in row for row in m.screen_text())


def test_last_console_is_dev_console(isos):
    """console=ttyS0 console=tty0: the log on both, the shell on the screen."""
    with Machine("bios", iso=isos("two", "console=ttyS0 console=tty0")) as m:
        m.wait_screen(r"^root:\S+ ?.*#", 60)
        m.type("echo on the screen\n")
        m.wait_screen(r"^on the screen$")
        assert "memmap:" in m.serial_text() and "on the screen" not in m.serial_text()


def test_console_that_does_not_exist(isos):
    """A machine is never silent: without the console that was named, all are used."""
    with Machine("bios", serial=False, iso=isos("tty-s0", "console=ttyS0")) as m:
        m.wait_screen(r"^root:\S+ ?.*#", 60)


def test_every_file_of_the_initrd_arrives_whole():
    with Machine("bios") as m:
        m.boot()
        with tarfile.open(INITRD) as archive:
            files = {e.name: archive.extractfile(e).read() for e in archive if e.isfile()}
        out = m.run("cd / && busybox md5sum " + " ".join(sorted(files)), 120)
        got = dict(reversed(line.split()) for line in out.splitlines() if re.match(r"[0-9a-f]{32} ", line))
        assert got == {name: hashlib.md5(data).hexdigest() for name, data in files.items()}


def memory_used(m):
    return int(re.search(r"MemFree:\s+(\d+)", m.run("cat /proc/meminfo"))[1])


def test_a_thousand_programs_leave_nothing_behind():
    with Machine("bios") as m:
        m.boot()
        loop = "i=0; while [ $i -lt {} ]; do /bin/true; echo x | cat > /dev/null; i=$((i+1)); done"
        m.run(loop.format(50), 120)  # caches and tables grow once
        before = memory_used(m)
        m.run(loop.format(500), 300)
        assert before - memory_used(m) < 64, "KiB lost by 1,500 processes"


@pytest.mark.parametrize("line,expect", [
    ("sh -c 'kill -ILL $$'", 132), ("sh -c 'kill -KILL $$'", 137), ("sh -c 'exit 255'", 255),
    ("/no/such/program", 127), ("/etc/motd", 126), ("cat /no/such/file", 1), ("ls --nosuchoption", 2),
])
def test_status_of_what_fails(shared_machine, line, expect):
    out = shared_machine.run(line + "; echo status=$?")
    assert re.search(r"status=(\d+)", out)[1] == str(expect)


def test_very_long_line(shared_machine):
    """The terminal takes 4095 bytes and rings for the rest, as Linux does; nothing breaks."""
    shared_machine.serial.send("echo " + "a" * 5000 + "\x15")
    assert shared_machine.run("echo alive").strip() == "alive"


def test_output_flood(shared_machine):
    out = shared_machine.run("busybox seq 1 5000 | tail -n 1", 120)
    assert out.strip() == "5000"


@pytest.fixture(scope="module")
def shared_machine():
    with Machine("bios") as machine:
        yield machine.boot()


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_hello_exact_bytes(tmp_path, firmware):
    """One program as process 1: its line, whole and once, on every output."""
    hello = os.path.join(BUILD, "user", "tests", "hello")
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, hello[len(ROOT) + 1:]], check=True, stdout=subprocess.DEVNULL)
    initrd = make_initrd(str(tmp_path), {"/hello": hello})
    with Machine(firmware, iso=make_iso(str(tmp_path), "init=/hello quiet", initrd=initrd)) as m:
        m.expect(r"Hello from userspace!\r\n", 240)
        m.wait_screen(r"^Hello from userspace!$")
        m.wait_for(lambda: "Hello from userspace!\r\n" in m.e9_text(), 10, "the line on port 0xE9")
        assert m.serial_text().count("Hello from") == m.e9_text().count("Hello from") == 1
