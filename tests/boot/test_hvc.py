"""hvc0, the console of a virtual machine (virtio): a terminal like the others, wherever the device is found and
however it interrupts; absent without a word where there is none."""
import contextlib
import hashlib
import random
import re
import socket

import pytest

from machine import PROMPT, Machine, Serial

APART = "console=tty0 console=ttyS0 loglevel=5"  # hvc0 is a terminal of its own, served by init
LONG = 240

# name: firmware, machine, device, words on the kernel's command line, how its registers are reached, how it interrupts
PLACES = {
    "pc": ("bios", "pc", "", "", "modern", "PCI-MSI"),
    "express": ("bios", "q35", ",bus=root1,max_ports=1", "", "modern", "PCI-MSI"),  # behind a bridge, and modern only
    "legacy": ("bios", "pc", ",disable-modern=on", "", "legacy", "PCI-MSI"),
    "line": ("bios", "q35", ",vectors=0", "", "modern", "IO-APIC"),
    "legacy-line": ("bios", "pc", ",disable-modern=on,vectors=0", "noapic", "legacy", "8259"),
    "nosmp": ("bios", "q35", "", "nosmp", "modern", "8259"),
    "uefi": ("uefi", "q35", "", "", "modern", "PCI-MSI"),
}


@contextlib.contextmanager
def hvc_machine(firmware, machine="q35", device="", **options):
    """A machine with the device, and the other end of its line. By TCP, which takes megabytes while the reader sleeps:
    what a socket does not take at once QEMU throws away."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        bridge = ("-device", "pcie-root-port,id=root1,chassis=1") if "bus=root1" in device else ()
        args = (*bridge, "-device", "virtio-serial-pci" + device, "-chardev",
                f"socket,id=hvc,host=127.0.0.1,port={server.getsockname()[1]}", "-device", "virtconsole,chardev=hvc")
        server.settimeout(60)
        with Machine(firmware, machine=machine, args=args, **options) as m, server.accept()[0] as line:
            line.settimeout(None)
            yield m, Serial(line)


def expect(line, pattern, seconds=60):
    match = line.expect(pattern, seconds)
    assert match, f"no {pattern!r} on hvc0; at the end: {line.data[-800:]!r}"
    return match


def run(line, command):
    line.send(command + "\r")
    expect(line, re.escape(command) + r"\r*\n")
    expect(line, PROMPT)
    return line.before.decode("utf-8", "replace").replace("\r", "")


@pytest.mark.parametrize("place", PLACES)
def test_a_session(isos, place):
    firmware, machine, device, words, registers, interrupts = PLACES[place]
    with hvc_machine(firmware, machine, device, iso=isos("hvc-" + (words or "apart"), f"{APART} {words}")) as (m, line):
        m.boot()
        expect(line, "Press Enter for a shell")
        line.send("\r")
        expect(line, PROMPT)
        assert run(line, "busybox tty") == "/dev/hvc0\n"
        assert "icanon" in run(line, "busybox stty -a") and run(line, "echo $TERM") == "vt220\n"
        assert re.search(rf"\d\s+{interrupts} +hvc0", m.run("cat /proc/interrupts"))
        assert f"is {registers}," in m.run("dmesg | grep 'virtio: '")
        line.send("echo started; sleep 1000\r")
        expect(line, r"\nstarted\r*\n")
        line.send("\x03")
        expect(line, PROMPT)
        assert run(line, "echo $?") == "130\n" and run(line, "cat /sys/class/tty/hvc0/dev") == "229:0\n"
        assert run(line, "ps | grep -c 'hvc0 .*-sh'") == "1\n"
        assert run(line, "grep -c '/dev/hvc *229 ' /proc/tty/drivers") == "1\n"
        # The other consoles are not disturbed.
        assert m.run("echo not $((1 + 1)) hvc0") == "not 2 hvc0\n"
        assert b"not 2 hvc0" not in line.data
        line.send("exit\r")
        expect(line, "Press Enter for a shell")


def test_a_megabyte_typed(isos):
    """More than anybody's buffers hold, of all bytes there are: who is faster than his reader waits."""
    data = random.Random(1).randbytes(1 << 20)
    with hvc_machine("bios", iso=isos("hvc-apart", APART)) as (m, line):
        m.boot()
        expect(line, "Press Enter for a shell")
        line.send("\r")
        expect(line, PROMPT)
        line.send(f"busybox stty raw -echo; echo now; busybox head -c {len(data)} >/tmp/data; busybox stty sane; echo got it\r")
        expect(line, r"\nnow\n")
        line.sock.sendall(data)
        expect(line, "got it", LONG)
        expect(line, PROMPT)
        assert run(line, "busybox md5sum /tmp/data").split()[0] == hashlib.md5(data).hexdigest()


def test_a_megabyte_printed(isos, tmp_path):
    """Into a file, which takes as much as comes."""
    args = ("-device", "virtio-serial-pci", "-chardev", f"file,id=hvc,path={tmp_path}/line", "-device", "virtconsole,chardev=hvc")
    with Machine("bios", args=args, iso=isos("hvc-apart", APART)) as m:
        m.boot()
        m.run("exec 3>/dev/hvc0; busybox stty -opost </dev/hvc0")
        sent = m.run("cat /bin/busybox /bin/busybox >&3; cat /bin/busybox /bin/busybox | busybox md5sum; ls -l /bin/busybox")
        size = 2 * int(re.search(r"root +root +(\d+) ", sent)[1])
        line = tmp_path / "line"
        m.wait_for(lambda: hashlib.md5(line.read_bytes()[-size:]).hexdigest() in sent, LONG, "megabyte")
        assert size > 1 << 20


def test_console_hvc0(isos):
    """console=hvc0: log and shell there, nothing elsewhere; a console before it in the list gets the log."""
    with hvc_machine("bios", iso=isos("hvc-only", "loglevel=7 console=e9 console=hvc0")) as (m, line):
        expect(line, PROMPT, LONG)
        assert b"memmap:" in line.data and "memmap:" in m.e9_text()
        assert "/dev/console\n" in run(line, "busybox tty")  # a line of the log may come in between
        assert re.search(r"hvc0 +-WU \(EC  p  \) +229:0\n", run(line, "cat /proc/consoles"))
        assert "Rustica" not in m.serial_text().rpartition("GRUB")[2] and "root:" not in m.e9_text()


@pytest.mark.parametrize("device", ["", ",emergency-write=off", ",disable-modern=on"])
def test_a_panic_reaches_it(isos, device):
    with hvc_machine("bios", device=device, iso=isos("hvc-panic", "console=hvc0 selftest=die-null")) as (m, line):
        expect(line, r"\*\*\* KERNEL PANIC \*\*\*", 90)
        expect(line, r"call chain:")
        expect(line, r"System halted")


# A device with channels of other kinds only, as virtual machines have for an agent, is no console.
@pytest.mark.parametrize("args", [(), ("-device", "virtio-serial-pci", "-chardev", "null,id=agent", "-device",
                                       "virtserialport,chardev=agent,name=org.example.agent")], ids=["none", "agent"])
def test_no_console_no_word(isos, args):
    with Machine("bios", args=args, iso=isos("hvc-apart", APART)) as m:
        m.boot()
        assert m.run("ls /dev /sys/class/tty | grep hvc; grep hvc /proc/consoles /proc/devices /proc/tty/drivers") == ""
        assert "hvc" not in m.run("ps; dmesg").replace("grep hvc", "")
        assert "driver virtio_console: not there" in m.run("dmesg")

