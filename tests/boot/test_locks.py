"""A kernel that watches its locks, and what C leaves undefined: each misuse is named, and ordinary work shows none."""
import os
import re
import subprocess
import sys

import pytest

from machine import ROOT, Machine, make_initrd, make_iso

sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
import linux_host

SHARES = {"sched_share"}  # measures what a watched kernel spends on watching

DEATHS = {
    "die-lock-order": (r"lock order: 'test a' is taken while 'test c' is held",
                       r"'test b' \(spin\) was taken while 'test a' \(spin\) was held:[^:]*take_both[^:]*die_lock_order"),
    "die-mutex-order": (r"lock order: 'test m' is taken while 'test n' is held", r"die_mutex_order"),
    "die-lock-irq": (r"a handler takes 'test a', and 'test a' is held with interrupts on",
                     r"in an interrupt handler:[^:]*take_in_interrupt[^:]*with interrupts on:[^:]*die_lock_irq"),
    "die-sleep-locked": (r"sleeping where it is forbidden: test m", r"held: 'test a' \(spin\), taken at \S+ die_sleep_locked"),
    "die-unlock-free": (r"lock: spin 'test a' is released by cpu 0, who does not hold it", r"die_unlock_free"),
    "die-lock-many": (r"'test many' would be number 25 of those held", r"die_lock_many"),
    "die-lock-freed": (r"lock: 'test freed' is freed while it is held", r"taken at \S+ die_lock_freed"),
    "die-ub-shift": (r"undefined behaviour, shift, at src/kernel/init/selftest_ubsan.c:\d+", r"die_ub_shift"),
    "die-ub-overflow": (r"undefined behaviour, signed \+, at src/kernel/init/selftest_ubsan.c:\d+", r"die_ub_overflow"),
    "die-ub-index": (r"undefined behaviour, index, at src/kernel/init/selftest_ubsan.c:\d+", r"die_ub_index"),
    "die-lock-init": (r"lock: 'test a' is initialised while it is held", r"taken at \S+ die_lock_init"),
}


@pytest.mark.parametrize("name", DEATHS)
def test_misuse_is_named(isos, kernel, name):
    with Machine("bios", iso=isos("lock-" + name, f"selftest={name}", kernel=kernel("checked"))) as m:
        m.expect(r"\*\*\* KERNEL PANIC \*\*\*", 90)
        for line in DEATHS[name]:
            m.expect(line, 10)
        m.expect(r"System halted", 10)


def test_long_times_are_said(isos, kernel):
    with Machine("bios", iso=isos("lock-long", "selftest=bench-off-long", kernel=kernel("checked"))) as m:
        m.expect(r"interrupts off for \d+ ms on cpu 0, since irqs_off_long", 90)
        m.expect(r"preemption off for \d+ ms on cpu 0, since irqs_off_long", 10)
        m.boot()


def work_disc(directory, kernel):
    """All programs of tests/system, the shell corpus, and a kernel that watches its locks."""
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    files = {f"/t/{name}": os.path.join(linux_host.PROGRAMS, name) for name in linux_host.programs()}
    corpus = os.path.join(ROOT, "tests", "system", "sh")
    files.update({f"/sh/{name}": os.path.join(corpus, name) for name in os.listdir(corpus)})
    initrd = make_initrd(directory, files)
    return make_iso(directory, "console=tty0 console=ttyS0 loglevel=5", initrd=initrd, kernel=kernel)


# With one CPU the same orders are seen, only later: that run is for the night.
@pytest.mark.parametrize("cpus", ["4"] + ["1"] * ("NIGHTLY" in os.environ))
def test_work_shows_no_misuse_and_no_order_that_is_not_documented(kernel, tmp_path, cpus):
    with Machine("bios", iso=work_disc(str(tmp_path), kernel("checked")), args=("-smp", cpus)) as m:
        m.boot()
        for name in linux_host.programs():
            if name not in SHARES:
                assert "status 0" in m.run(f"/t/{name}; echo status $?", 240), name
        m.run("for f in /sh/*.sh; do sh $f >/dev/null 2>&1 </dev/null; done", 120)
        m.run("for f in free ps mount df dmesg uptime system-check; do $f; done >/dev/null", 120)
        m.run("cat /proc/[a-z]* /proc/1/* /proc/net/* /proc/sys/*/* >/dev/null 2>&1 </dev/null", 120)
        assert "status 0" in m.run("/t/torture_smp 10 7 6; echo status $?", 120)
        graph = re.sub(r"\r+", "", m.run("cat /proc/lock_graph"))
        assert len(re.findall("^edge ", graph, re.M)) > 80
        (tmp_path / "graph").write_text(graph)
    r = subprocess.run(["tools/check-locks", str(tmp_path / "graph")], capture_output=True, text=True, cwd=ROOT)
    assert r.returncode == 0, r.stdout
