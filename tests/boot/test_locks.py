"""A kernel that watches its locks: each misuse is named, and ordinary work shows none."""
import pytest

from machine import Machine

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
    "die-lock-init": (r"lock: 'test a' is initialised while it is held", r"taken at \S+ die_lock_init"),
}


@pytest.mark.parametrize("name", DEATHS)
def test_misuse_is_named(isos, kernel, name):
    with Machine("bios", iso=isos("lock-" + name, f"selftest={name}", kernel=kernel("locks"))) as m:
        m.expect(r"\*\*\* KERNEL PANIC \*\*\*", 90)
        for line in DEATHS[name]:
            m.expect(line, 10)
        m.expect(r"System halted", 10)


def test_long_times_are_said(isos, kernel):
    with Machine("bios", iso=isos("lock-long", "selftest=bench-off-long", kernel=kernel("locks"))) as m:
        m.expect(r"interrupts off for \d+ ms on cpu 0, since irqs_off_long", 90)
        m.expect(r"preemption off for \d+ ms on cpu 0, since irqs_off_long", 10)
        m.boot()
