"""What the log says of programs that a fault ends: registers, and callers by name of the file and offset."""
import os
import re
import subprocess

import pytest

from machine import BUILD, ROOT, Machine, make_initrd, make_iso, work_dir

FALL = os.path.join(BUILD, "user", "tests", "guest", "fall")


@pytest.fixture(scope="module")
def m():
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("death-log")
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, {"/t/fall": FALL}))
    with Machine("bios", iso=iso) as machine:
        yield machine.boot()


def die(m, how):
    """(the functions' addresses, the lines of the log about that process)"""
    m.run("dmesg -c >/dev/null 2>&1 || true")
    out = m.run(f"/t/fall {how}")
    functions = [int(x, 16) for x in re.search(r"functions (.*)", out)[1].split()]
    lines = re.findall(r"\] \d+ fall: +(.*)", m.run("dmesg"))
    start = max(i for i, line in enumerate(lines) if "killed by" in line)
    return functions, lines[start:]


def places(lines):
    """[(address, name, offset)] of #0, #1, ..."""
    found = [re.match(r"#(\d+) 0x([0-9a-f]+) (\S+)\+0x([0-9a-f]+)$", line) for line in lines]
    found = [f for f in found if f]
    assert [int(f[1]) for f in found] == list(range(len(found))), lines
    return [(int(f[2], 16), f[3], int(f[4], 16)) for f in found]


def within(address, function):
    return function <= address < function + 400


def test_null_pointer(m):
    (fall, third, second, first), lines = die(m, "null")
    assert re.match(r"killed by SIGSEGV at 0x[0-9a-f]+ accessing 0x8 \(not mapped\)", lines[0])
    assert re.match(r"rax 0x", lines[1])
    at = places(lines)
    for (address, name, _), function in zip(at, (fall, third, second, first)):
        assert within(address, function) and name == "fall", lines
    assert len(at) >= 5 and len({a - offset for a, name, offset in at if name == "fall"}) == 1  # main is the fifth


def test_call_through_a_bad_pointer(m):
    (fall, third, *_), lines = die(m, "jump")
    at = places(lines)
    assert at[0][0] == 16 and within(at[1][0], fall) and within(at[2][0], third), lines


@pytest.mark.parametrize("how", ["spoil", "lost"])
def test_spoiled_stack(m, how):
    _, lines = die(m, how)
    assert "SIGILL" in lines[0] and 1 <= len(places(lines)) <= 2, lines


def test_sent_by_hand(m):
    _, lines = die(m, "quit")
    assert re.match(r"killed by SIGQUIT at 0x[0-9a-f]+$", lines[0]), lines


def test_log_is_not_filled(m):
    m.run("i=0; while [ $i -lt 60 ]; do /t/fall null >/dev/null; i=$((i+1)); done", 120)
    m.run("sleep 6; /t/fall null", 60)
    log = m.run("dmesg")
    assert re.search(r"\d+ more programs were killed by faults", log)
