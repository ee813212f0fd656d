"""Files of an initrd that begin on no page: read in place, and their copies go before anything else does."""
import os
import re
import subprocess

import pytest

from machine import BUILD, INITRD, ROOT, Machine, make_initrd, make_iso, work_dir

PROGRAM = os.path.join(BUILD, "user", "tests", "guest", "cached_file")
FILE_MIB = 40
HOG_MIB = 60


def figures(m):
    return {name: int(value) for name, value in re.findall(r"(\w+): +(\d+) kB", m.run("cat /proc/meminfo"))}


@pytest.fixture(scope="module", params=["1", "4", "4-both"])
def m(request, kernel):
    """128 MiB: the archive, and less than twice its size beside it."""
    cpus, *pmm = request.param.split("-")
    directory = work_dir("cache-" + request.param)
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    large = os.path.join(directory, "large")
    subprocess.run([PROGRAM, "make", large, str(FILE_MIB)], check=True)
    busybox = os.path.join(directory, "busybox")
    with open(busybox, "wb") as f:
        subprocess.run(["tar", "-xOf", INITRD, "bin/busybox"], stdout=f, check=True)
    os.chmod(busybox, 0o755)
    initrd = make_initrd(directory, {"/t/large": large, "/t/cached_file": PROGRAM, "/t/busybox": busybox})
    options = {"kernel": kernel(pmm[0])} if pmm else {}
    iso = make_iso(directory, "console=tty0 console=ttyS0", initrd=initrd, **options)
    with Machine("bios", iso=iso, memory="128M", args=["-smp", cpus]) as machine:
        yield machine.boot()
        assert "out of memory" not in machine.run("dmesg")


def test_what_was_only_read_is_available(m):
    before = figures(m)
    m.run("busybox md5sum /t/large")
    after = figures(m)
    assert after["Cached"] - before["Cached"] > (FILE_MIB - 4) << 10
    assert after["MemFree"] < before["MemFree"] - ((FILE_MIB - 4) << 10)
    assert after["MemAvailable"] > before["MemAvailable"] - 2048 and after["Shmem"] == before["Shmem"]
    assert after["MemFree"] < HOG_MIB << 10
    assert "it fits" in m.run(f"/t/cached_file fits {HOG_MIB}")


def test_readers_survive_who_takes_memory(m):
    assert "4 of 4 well" in m.run(f"/t/cached_file fight /t/large {HOG_MIB}", 120)


def test_what_runs_survives_who_takes_memory(m):
    """The text of the programs comes back, too."""
    m.run("(for i in 1 2 3 4; do /t/busybox md5sum /t/large; done) >/tmp/sums &")
    for _ in range(3):
        assert "it fits" in m.run(f"/t/cached_file fits {HOG_MIB}")
    m.wait_for(lambda: m.run("cat /tmp/sums").count("large") == 4, 60, "four sums")
    sums = re.findall(r"^([0-9a-f]{32})  /t/large", m.run("cat /tmp/sums"), re.M)
    assert len(sums) == 4 and len(set(sums)) == 1


def test_changes_are_kept_and_a_file_that_goes_leaves_nothing(m):
    before = figures(m)
    assert "every change is kept" in m.run("/t/cached_file write /t/large 50", 120)
    m.run("rm /t/large")
    m.wait_for(lambda: figures(m)["MemFree"] > (HOG_MIB + FILE_MIB) << 10, 10, "the archive's memory")
    after = figures(m)
    assert after["Shmem"] < before["Shmem"] - ((FILE_MIB - 1) << 10)
    assert after["Cached"] - after["Shmem"] < 4096
