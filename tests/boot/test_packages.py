"""Debian's programs, unmodified, each in its scenario (tests/programs): what it prints in the guest is what it printed
in the same tree on this machine's Linux. All packages are in one image, which the first of these tests makes: it
downloads what is not in build/apt yet (130 MB)."""
import difflib
import os
import re

import pytest

from machine import Machine

import images

NIGHTLY = "NIGHTLY" in os.environ
STRESS = ("stress", "stress-more")  # minutes each; test_stress.py has its own selection
FEW = ("bash", "dash", "git", "lua", "python-minimal", "sqlite", "tcc", "text")
MACHINES = {"bios-four": ("bios", 4), "uefi-one": ("uefi", 1)}
if NIGHTLY:
    MACHINES.update({"bios-one": ("bios", 1), "uefi-four": ("uefi", 4)})
SECONDS = 600  # of the slowest on a busy host


def runs():
    """Everything on four CPUs; the same on every machine by night."""
    for machine in MACHINES:
        for name in images.scenarios():
            if NIGHTLY or (name in FEW if machine == "uefi-one" else name not in STRESS):
                yield pytest.param(machine, name, id=f"{machine}-{name}")


@pytest.fixture(scope="module")
def m(request, programs_iso):
    firmware, cpus = MACHINES[request.param]
    with Machine(firmware, iso=programs_iso, memory="2G", args=["-smp", str(cpus)]) as machine:
        yield machine.boot()


@pytest.mark.skipif(not images.may_have_namespaces(), reason="this machine does not let a program have a root of its own")
@pytest.mark.parametrize("m, name", runs(), indirect=["m"], scope="module")
def test_same_as_linux(m, name):
    want = images.on_linux(name).rstrip("\n").split("\n")
    m.run(f"/t/run {name} >/tmp/out 2>&1; echo status $? >>/tmp/out", SECONDS)
    got = images.plain(m.run("cat /tmp/out; echo '#end'; rm -r /tmp/*").rsplit("#end\n", 1)[0]).rstrip("\n").split("\n")
    different = list(difflib.unified_diff(want, got, "Linux", "here", lineterm="", n=1))
    assert not different, "\n".join(different)


@pytest.mark.parametrize("m", MACHINES, indirect=True)
def test_no_gap_that_harms(m):
    """After all of them: what they asked for in vain is known to do no harm. stress-ng asks for everything on purpose."""
    gaps = [line for line in m.run("compat").split("\n")[1:]
            if line and not re.search(r"^stress-ng|\(harmless: |\x1b", line)]
    assert not gaps, "\n".join(gaps)
