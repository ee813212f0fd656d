"""Things that are wrong get one clear line on every output, never silence or a triple fault."""
import os
import re
import subprocess

import pytest

from machine import BUILD, ELF, INITRD, ROOT, Machine

DEATHS = {
    "die-stack": r"kernel stack overflow: thread=overflower guard=[0-9a-f]+ rip=",
    "die-nmi-stack": r"kernel stack overflow: thread=NMI on cpu 1 guard=[0-9a-f]+ rip=",
    "die-mc-stack": r"kernel stack overflow: thread=machine check on cpu 1 guard=",
    "die-df-stack": r"kernel stack overflow: thread=double fault on cpu 1 guard=",
    "die-null": r"#PF page fault: writing 0+8 \(not mapped\) in die_",
    "die-ud": r"#UD invalid opcode in die_ud",
    "die-assert": r"assertion failed: 1 \+ 1 == 3",
    "die-gp": r"#GP general protection in die_",
    "die-write-text": r"#PF page fault: writing [0-9a-f]+ \(not allowed\)",
    "die-exec-data": r"#PF page fault: executing [0-9a-f]+ \(not allowed\)",
    "die-free-page-twice": r"cause: .*free",
    "die-kfree-twice": r"cause: .*free",
}


@pytest.mark.parametrize("name", DEATHS)
def test_panic_explains_itself(isos, name):
    with Machine("bios", iso=isos(name, f"selftest={name}"), args=["-smp", "2"]) as m:
        m.expect(r"\*\*\* KERNEL PANIC \*\*\*", 90)
        m.expect(DEATHS[name], 10)
        m.expect(r"call chain:", 10)
        m.expect(r"\+0x[0-9a-f]+", 10)
        m.expect(r"System halted", 10)


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_panic_on_the_screen(isos, firmware):
    with Machine(firmware, iso=isos("die-null", "selftest=die-null")) as m:
        m.expect(r"System halted", 240)
        m.wait_screen(r"KERNEL PANIC")
        m.wait_screen(r"die_null|die_at")
        os.makedirs(os.path.join(BUILD, "screenshots"), exist_ok=True)
        m.screenshot(os.path.join(BUILD, "screenshots", f"{firmware}-panic.png"))


@pytest.mark.parametrize("memory,cpu", [("512M", "qemu64"), ("64M", "max")])
def test_selftests(isos, memory, cpu):
    with Machine("bios", iso=isos("selftest", "selftest=all"), memory=memory, cpu=cpu) as m:
        m.expect(r"selftest: \d+ run|System halted", 120)
        text = m.serial_text()
        assert "KERNEL PANIC" not in text and len(re.findall(r"selftest: \S+ ok", text)) >= 18
        m.boot()


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_missing_initrd(isos, firmware):
    with Machine(firmware, iso=isos("noinitrd", "", initrd=None)) as m:
        m.expect(r"initrd: none", 240)
        m.expect(r"no init", 30)
        m.wait_screen(r"no init")


def damaged(directory, name, change):
    os.makedirs(directory, exist_ok=True)
    data = bytearray(open(INITRD, "rb").read())
    path = os.path.join(directory, name)
    open(path, "wb").write(change(data))
    return path


@pytest.mark.parametrize("name,change", [
    ("flipped", lambda d: d[:513] + bytes([d[513] ^ 1]) + d[514:]),  # in the second entry's header
    ("cut", lambda d: d[:len(d) // 2 + 100]),
    ("rubbish", lambda d: b"this is not an archive " * 100),
    ("packed", lambda d: subprocess.run(["xz", "-c"], input=bytes(d), stdout=subprocess.PIPE, check=True).stdout),
])
def test_damaged_initrd(isos, tmp_path, name, change):
    path = damaged(str(tmp_path), name + ".tar", change)
    with Machine("bios", iso=isos("bad-" + name, "", initrd=path)) as m:
        m.expect(r"initrd: (damaged|[^\r\n]*xz)[^\r\n]*", 90)


def test_init_that_does_not_exist(isos):
    with Machine("bios", iso=isos("noinit", "init=/no/such")) as m:
        m.expect(r"no init: /no/such could not be started", 90)


def test_named_init_gets_the_words_behind_dashes(isos):
    with Machine("bios", iso=isos("init", "init=/bin/echo word -- one two")) as m:
        m.expect(r"\nword one two\r", 90)


def test_kernels_words_do_not_reach_init(isos):
    words = "loglevel=8 acpi=off panic=halt palette=vga watchdog=60 initrd_crc a.b=1 COLOUR=red -- behind acpi=on"
    with Machine("bios", iso=isos("words", words)) as m:
        m.boot()
        environment = m.run("busybox tr '\\0' '\\n' </proc/1/environ")
        assert "COLOUR=red" in environment
        assert not re.search("acpi|panic|loglevel|palette|watchdog|a\\.b", environment)
        arguments = m.run("busybox tr '\\0' ' ' </proc/1/cmdline")
        assert "behind acpi=on" in arguments and "initrd_crc" not in arguments


def test_every_word_of_the_kernels_is_known():
    """What the code reads is kept from init, and told in the documents."""
    text = lambda *path: open(os.path.join(ROOT, *path)).read()
    read = {w for folder, _, files in os.walk(os.path.join(ROOT, "src")) for f in files if f.endswith(".c")
            for w in re.findall(r'\bboot_option(?:_nth)?\("(\w+)"', text(folder, f))}
    kept = set(re.findall(r'"(\w+)"', re.search(r"kernel_words\[\] = \{(.*?)\};", text("src/kernel/init/first_program.c"), re.S)[1]))
    told = set(re.findall(r"^\| `(\w+)", text("docs/boot.md").partition("## The kernel command line")[2], re.M))
    assert read - kept == set() and read - told == set()


def test_not_loaded_by_multiboot2():
    """qemu -kernel knows no Multiboot2 for 64-bit files: it enters without the magic number."""
    with Machine("bios", kernel=ELF) as m:
        m.expect(r"Rustica: not started by a Multiboot2 boot loader", 30)
        m.wait_screen(r"not started by a Multiboot2")
        m.wait_for(lambda: "not started by" in m.e9_text(), 10, "the line on port 0xE9")


def test_cpu_without_long_mode():
    with Machine("bios", cpu="qemu64,-lm") as m:
        m.wait_screen(r"no 64-bit mode", 60)


def test_cpu_without_long_mode_kernels_own_words(isos):
    with Machine("bios", cpu="qemu64,-lm", iso=isos("plain", "")) as m:
        m.expect(r"Rustica: this CPU has no 64-bit mode", 60)


def test_unsigned_firmware_is_refused(tmp_path):
    for name, content in (("zero.fd", bytes(1 << 20)), ("empty.fd", b""), ("noise.fd", b"\x01" * 4096)):
        path = tmp_path / name
        path.write_bytes(content)
        r = subprocess.run(["tools/check-env", str(path)], capture_output=True, text=True, cwd=os.path.join(BUILD, ".."))
        assert r.returncode != 0 and name in r.stdout


def test_reboot_comes_back_to_a_prompt():
    with Machine("bios", reboot=True) as m:
        m.boot()
        m.serial.send("reboot\r")
        m.boot()


def test_nmi_is_reported_and_survived():
    with Machine("bios") as m:
        m.boot()
        m.run("while :; do :; done &")  # some strike in ring 3, some in the kernel
        for _ in range(20):
            m.qmp.command("inject-nmi")
        m.run("kill %1")
        assert re.search(r"NMI: \d+ until now", m.run("dmesg"))
