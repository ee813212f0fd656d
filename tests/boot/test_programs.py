"""The ABI's test programs (tests/system) in the guest: each must print, and end with, what the same
binary printed on Linux a moment before."""
import os
import subprocess
import sys

import pytest

from machine import BUILD, ROOT, Machine, make_initrd, make_iso

sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
import linux_host

CPUS = {"plain": None, "max": "max"}


@pytest.fixture(scope="module", params=list(CPUS))
def m(request):
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = os.path.join(BUILD, "test-iso", "programs-" + request.param)
    os.makedirs(directory, exist_ok=True)
    files = {f"/t/{name}": os.path.join(linux_host.PROGRAMS, name) for name in linux_host.programs()}
    # The log of killed children would fall between the lines that are compared.
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, files))
    with Machine("bios", iso=iso, cpu=CPUS[request.param]) as machine:
        yield machine.boot()


@pytest.mark.parametrize("name", linux_host.programs())
def test_same_as_linux(m, name):
    want, status = linux_host.run([os.path.join(linux_host.PROGRAMS, name)])
    assert status == 0, want
    got = m.run(f"/t/{name}; echo status $?", 180)
    assert got.split("\x1b")[0].rstrip("\n").split("\n") == want.split("\n")[:-1] + ["status 0"]
