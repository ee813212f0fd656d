"""To the prompt, and through one command and a clean power-off, on every kind of machine we promise."""
import itertools

import pytest

from machine import Machine

CHECK = "echo $((6*7)) | cat"


def session(m):
    m.boot()
    assert m.run(CHECK).splitlines()[0] == "42"
    m.serial.send("poweroff\r")
    return m


@pytest.mark.parametrize("firmware,media,machine", itertools.product(("bios", "uefi"), ("cd", "disk"), ("pc", "q35")))
def test_firmware_media_machine(firmware, media, machine):
    with Machine(firmware, machine, media) as m:
        session(m)
        assert m.wait_exit() == 0


@pytest.mark.parametrize("firmware,memory", [("bios", "8M"), ("bios", "16M"), ("bios", "64M"), ("bios", "3G"), ("bios", "6G"),
                                             ("uefi", "64M"), ("uefi", "6G")])
def test_memory_sizes(firmware, memory):
    with Machine(firmware, memory=memory) as m:
        m.boot()
        free = m.run("busybox free -m")
        total = int(free.split("Mem:")[1].split()[0])
        want = int(memory[:-1]) * (1024 if memory.endswith("G") else 1)
        # All of it but the kernel, its page metadata and what the firmware keeps (UEFI: some 30 MiB).
        assert want * 0.97 - (40 if firmware == "uefi" else 4) <= total <= want


CONFIGURATIONS = {
    "smp1": dict(args=("-smp", "1")),
    "smp4": dict(args=("-smp", "4")),
    "cpu-qemu64": dict(cpu="qemu64"),
    "cpu-max": dict(cpu="max"),
    "cpu-haswell": dict(cpu="Haswell"),
    "cpu-protection": dict(cpu="qemu64,+smep,+smap,+umip"),
    "no-hpet": dict(machine="pc,hpet=off"),
    "no-hpet-q35": dict(machine="q35,hpet=off"),
    "no-ps2": dict(machine="q35,i8042=off"),
    "no-ps2-pc": dict(machine="pc,i8042=off"),
    "vga-virtio": dict(vga="virtio"),
    "vga-cirrus": dict(vga="cirrus"),
    "vga-none": dict(vga="none"),
    "usb-stick": dict(media="usb"),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_bios_configuration(name):
    with Machine("bios", **CONFIGURATIONS[name]) as m:
        session(m)
        assert m.wait_exit() == 0


@pytest.mark.parametrize("name", ["smp4", "cpu-max", "no-hpet", "no-ps2", "vga-virtio", "vga-cirrus", "vga-none", "usb-stick"])
def test_uefi_configuration(name):
    with Machine("uefi", **CONFIGURATIONS[name]) as m:
        session(m)
        assert m.wait_exit() == 0


@pytest.mark.parametrize("machine", ["pc,acpi=off,hpet=off", "q35,acpi=off,hpet=off"])
def test_bios_without_acpi(machine):
    with Machine("bios", machine) as m:
        m.boot()
        assert m.run(CHECK).splitlines()[0] == "42"


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_without_serial_port(firmware):
    with Machine(firmware, serial=False) as m:
        m.boot_by_e9()
        m.type("echo $((6*7)) | cat\n")
        m.wait_for(lambda: "\n42\r" in m.e9_text(), 60, "42 on port 0xE9")


def test_the_plans_own_command_line():
    """-bios OVMF.fd, a raw disk, -nographic: the serial line is the console. (The plan also had
    acpi=off, with which this firmware never starts any loader: docs/hardware.md.)"""
    with Machine("uefi", "pc,hpet=off", "disk", args=("-nographic",)) as m:
        session(m)
        assert m.wait_exit() == 0
