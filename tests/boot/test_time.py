"""Time is right whatever the machine has to tell it by, and an idle machine costs its host nothing."""
import os
import re
import time

import pytest

from machine import Machine

MACHINES = {
    "plain": dict(),
    "smp4": dict(args=("-smp", "4")),
    "no-hpet": dict(machine="pc,hpet=off"),                    # the ACPI timer
    "no-acpi": dict(machine="pc,acpi=off,hpet=off"),           # the PIT, the 8259
    "no-apic": dict(cpu="qemu64,-apic"),                       # interrupts by the PIT, too
    "no-apic-no-acpi": dict(machine="pc,acpi=off,hpet=off", cpu="qemu64,-apic"),
    "x2apic": dict(cpu="max,+x2apic"),
}
SECONDS = 5
TOLERANCE = 0.01


def uptime(m):
    """The guest's clock, and between which two moments of ours it was read."""
    before = time.monotonic()
    value = float(m.run("cat /proc/uptime").split()[0])
    return value, before, time.monotonic()


def check_clock(m):
    first, before_first, after_first = uptime(m)
    m.run(f"sleep {SECONDS}", 120)
    last, before_last, after_last = uptime(m)
    passed = last - first
    assert (before_last - after_first) * (1 - TOLERANCE) - 0.02 <= passed <= (after_last - before_first) * (1 + TOLERANCE) + 0.02
    assert passed >= SECONDS
    assert abs(int(m.run("date +%s")) - time.time()) < 5


@pytest.mark.parametrize("name", MACHINES)
def test_a_second_is_a_second(name):
    with Machine("bios", **MACHINES[name]) as m:
        check_clock(m.boot())


@pytest.mark.parametrize("machine", ["q35", "pc,hpet=off"])
def test_a_second_is_a_second_on_uefi(machine):
    with Machine("uefi", machine=machine) as m:
        check_clock(m.boot())


def test_forced_frequency(isos):
    """tsc_khz= is believed: with twice the true one, time goes half as fast."""
    with Machine("bios") as m:
        m.boot()
        khz = int(float(re.search(r"TSC ([\d.]+) MHz", m.run("dmesg"))[1]) * 1000)
    with Machine("bios", iso=isos("tsc", f"tsc_khz={2 * khz}")) as m:
        m.boot()
        before = time.monotonic()
        m.run("sleep 1", 60)
        assert 1.9 < time.monotonic() - before < 20


def cpu_seconds(m):
    fields = open(f"/proc/{m.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("name", ["plain", "smp4", "no-apic"])
def test_idle_machine_uses_no_cpu(name):
    with Machine("bios", **MACHINES[name]) as m:
        m.boot()
        m.run("sleep 1")  # the boot's last work is done
        before, began = cpu_seconds(m), time.monotonic()
        m.run("sleep 4")
        assert (cpu_seconds(m) - before) / (time.monotonic() - began) < 0.05


def test_interrupts_without_ioapic(isos):
    """noapic: the 8259 brings the serial line's and the keyboard's."""
    with Machine("bios", iso=isos("noapic", "noapic")) as m:
        m.boot()
        assert m.run("echo $((6*7))").strip() == "42"
        m.type("echo on the keyboard\n")
        m.wait_screen(r"^on the keyboard$")
