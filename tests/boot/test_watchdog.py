"""A CPU that is stuck is named, and the others go on."""
import pytest

from machine import Machine


@pytest.mark.parametrize("cpus", ["1", "2"])
def test_preemption_off(isos, cpus):
    with Machine("bios", iso=isos("stuck-preempt", "watchdog=1 selftest=bench-stuck-preempt"), args=("-smp", cpus)) as m:
        m.expect(r"watchdog: cpu \d, thread 'boot': runs with preemption off for 1 s", 90)
        m.expect(r"cpu \d: stuck_\w+\+0x", 10)
        m.boot()
        assert m.serial_text().count("watchdog:") == 1


def test_interrupts_off(isos):
    with Machine("bios", iso=isos("stuck-irqs", "watchdog=1 selftest=bench-stuck-irqs"), args=("-smp", "2")) as m:
        m.expect(r"watchdog: cpu \d, thread 'stuck': takes no interrupts for 1 s", 90)
        m.expect(r"cpu \d: stuck_\w+\+0x", 10)
        m.boot()
        assert m.serial_text().count("watchdog:") == 1
