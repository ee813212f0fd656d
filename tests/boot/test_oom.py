"""Memory that ends: something dies, never the shell, and all of it comes back."""
import os
import re
import subprocess
import time

import pytest

from machine import BUILD, ROOT, Machine, make_initrd, make_iso, work_dir

PRESSURE = os.path.join(BUILD, "user", "tests", "guest", "pressure")
TOLERANCE_KIB = 1024  # tables and stacks that stay for the next threads


@pytest.fixture(scope="module", params=["64M", "512M", "uefi-64M", "uefi-512M"])
def m(request):
    firmware, memory = request.param.split("-") if "-" in request.param else ("bios", request.param)
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("oom-" + request.param)
    iso = make_iso(directory, "console=tty0 console=ttyS0", initrd=make_initrd(directory, {"/t/pressure": PRESSURE}))
    with Machine(firmware, iso=iso, memory=memory) as machine:
        yield machine.boot()


def free_kib(m):
    return int(re.search(r"MemFree: +(\d+)", m.run("cat /proc/meminfo"))[1])


@pytest.fixture
def all_comes_back(m):
    before = free_kib(m)
    yield
    assert "alive" in m.run("echo alive")
    m.wait_for(lambda: free_kib(m) > before - TOLERANCE_KIB, 30, f"{before} KiB of free memory")
    assert len(re.findall(r"^ *\d+ ", m.run("ps"), re.M)) == 3  # init, the shell, ps


@pytest.mark.parametrize("kind", ["memory", "shared"])
def test_a_hog_is_killed(m, all_comes_back, kind):
    assert "Killed" in m.run(f"/t/pressure {kind}", 120)


def test_many_hogs_are_killed(m, all_comes_back):
    assert "8 of 8 killed" in m.run("/t/pressure hogs 8", 180)
    lines = re.findall(r"out of memory: killed \d+ (\S+) \(\d+ MiB resident\); \d+ MiB free now", m.run("dmesg"))
    assert lines and set(lines) == {"pressure"}


def test_a_file_leaves_something(m, all_comes_back):
    out = m.run("busybox dd if=/dev/zero of=/tmp/big bs=64k", 120)
    assert "No space left on device" in out
    cached = int(re.search(r"Cached: +(\d+)", m.run("cat /proc/meminfo"))[1])
    assert cached > 40 << 10
    m.run("rm /tmp/big")


def test_a_mapped_file_leaves_something(m, all_comes_back):
    assert "Bus error" in m.run("/t/pressure sparse /tmp/sparse", 120)
    assert free_kib(m) > 512
    m.run("rm /tmp/sparse")


def test_the_dead_do_not_pile_up(m):
    """Programs that go before everybody else come and go faster than a kernel thread can bury them."""
    before = free_kib(m)
    assert "2000 children came and went" in m.run("nice -n -20 /t/pressure children 2000", 120)
    assert free_kib(m) > before - TOLERANCE_KIB


def test_ten_thousand_programs_leave_nothing(m):
    """fork or vfork, execve, exit, wait: to the page, but for what is kept for the next."""
    m.run("/t/pressure children 200", 60)
    before = free_kib(m)
    assert "10000 children came and went" in m.run("/t/pressure children 10000", 240)
    m.wait_for(lambda: free_kib(m) > before - 256, 10, f"{before} KiB of free memory")


@pytest.fixture
def on_bios(m):
    if m.firmware == "uefi":
        pytest.skip("nothing in it is the firmware's, and it takes minutes")


def test_threads_end(m, on_bios, all_comes_back):
    assert "many threads, then Resource temporarily unavailable" in m.run("/t/pressure threads", 180)


@pytest.mark.parametrize("memory", ["2G", "4G"])
def test_ten_thousand_threads_live(memory):
    directory = work_dir("oom-threads-" + memory)
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    iso = make_iso(directory, "console=tty0 console=ttyS0", initrd=make_initrd(directory, {"/t/pressure": PRESSURE}))
    with Machine("bios", iso=iso, memory=memory, args=["-smp", "2"]) as m:
        m.boot()
        assert "10000 threads live" in m.run("/t/pressure threads 10000", 180)
        assert "alive" in m.run("echo alive")


def test_pipes_end(m, on_bios, all_comes_back):
    assert "pipes: done" in m.run("/t/pressure pipes", 240)


def test_messages_end(m, on_bios, all_comes_back):
    """Empty ones that nobody receives stay when their sender has ended."""
    if free_kib(m) > 65536:
        pytest.skip("much memory takes long")
    assert "Out of memory, most memory is left" in m.run("/t/pressure messages", 240)


def test_names_end(m, on_bios, all_comes_back):
    """Files without contents take memory, too, and leave enough to go on with."""
    if free_kib(m) > 65536:
        pytest.skip("much memory takes long")
    said = m.run("/t/pressure names", 240)
    assert "links end: No space" in said and "attributes end: No space" in said


def test_a_fork_bomb_can_be_ended(m, on_bios, all_comes_back):
    """Thousands of them run, but the shell mostly sleeps: see docs/decisions/0019."""
    m.run("/t/pressure bomb &")
    time.sleep(10)
    assert "alive" in m.run("echo alive", 200)
    m.run("kill -9 -1", 300)
    m.wait_for(lambda: "PPID" in m.run("ps", 200), 200, "fork that works")
