"""The ABI's test programs (tests/system) in the guest: each must print, and end with, what the same
binary printed on Linux a moment before."""
import difflib
import os
import re
import subprocess
import sys
import time
import warnings

import pytest

from machine import ROOT, Machine, make_initrd, make_iso, work_dir

sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
import linux_host

MACHINES = {  # firmware, CPU model, number of CPUs
    "one": ("bios", None, 1), "max-two": ("bios", "max", 2), "four": ("bios", None, 4), "uefi-eight": ("uefi", None, 8),
}
if "NIGHTLY" in os.environ:
    MACHINES |= {f"{f}-{n}": (f, None, n) for f in ("bios", "uefi") for n in (1, 2, 3, 4, 8, 16)}

# These judge by the clock. A busy host may stop the machine in the middle of what they time, so
# they may try again, once; what is wrong here is wrong twice.
TIMED = ("abi_time", "sched_", "time_", "wait_")


@pytest.fixture(scope="module", params=list(MACHINES))
def m(request):
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("programs-" + request.param)
    files = {f"/t/{name}": os.path.join(linux_host.PROGRAMS, name) for name in linux_host.programs()}
    # The log of killed children would fall between the lines that are compared.
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, files))
    firmware, cpu, count = MACHINES[request.param]
    with Machine(firmware, iso=iso, cpu=cpu, args=["-smp", str(count)]) as machine:
        yield machine.boot()


def on_linux(name):
    """A busy host may make a program go wrong there, too."""
    for tries in range(3):
        want, status = linux_host.run([os.path.join(linux_host.PROGRAMS, name)])
        if status == 0:
            break
    assert status == 0, want
    return want


def differences(m, name):
    """Linux may answer twice: where threads race it has more than one answer, and this must be one of them."""
    got = m.run(f"/t/{name}; echo status $?", 180)
    got = got.split("\x1b")[0].rstrip("\n").split("\n")
    for tries in range(2):
        want = on_linux(name)
        different = list(difflib.unified_diff(want.split("\n")[:-1] + ["status 0"], got, "Linux", "here", lineterm="", n=1))
        if not different:
            break
    return different


@pytest.mark.parametrize("name", linux_host.programs())
def test_same_as_linux(m, name):
    different = differences(m, name)
    if different and name.startswith(TIMED):
        warnings.warn("first try:\n" + "\n".join(different))
        different = differences(m, name)
    assert not different, "\n".join(different)


def used_kib(m):
    return int(re.search(r"^Mem:\s+\d+\s+(\d+)", m.run("free"), re.M)[1])


def test_random_calls_leave_no_trace(m):
    """As root, with more calls than on Linux: nothing dies but the callers, nothing is kept."""
    m.run("/t/abi_fuzz 1 2000 4 root", 180)
    before = used_kib(m)
    calls = os.environ.get("FUZZ_CALLS", "10000")
    seed = os.environ.get("FUZZ_SEED", str(int(time.time())) if "NIGHTLY" in os.environ else "1")
    assert "ALL PASS" in m.run(f"/t/abi_fuzz {seed} {calls} 4 root", 60 + int(calls) // 100), f"seed {seed}"
    m.wait_for(lambda: used_kib(m) < before + 256, 60, f"memory as before, seed {seed}")
    assert len(re.findall(r"^ *\d+ ", m.run("ps"), re.M)) == 3  # init, the shell, ps


@pytest.mark.skipif("NIGHTLY" not in os.environ, reason="takes minutes: set NIGHTLY=1")
def test_ten_thousand_children(m):
    before = used_kib(m)
    assert "ALL PASS" in m.run("/t/abi_fork 10000", 600)
    m.wait_for(lambda: used_kib(m) < before + 256, 60, "memory as before")  # the dead are put away by a thread
