"""One run of the benchmark's program as init of some kernel in QEMU, counted in instructions.

-icount makes one guest instruction one virtual nanosecond and the time stamp counter 1 GHz; with a fixed
clock two boots of the same images give the same figures whatever else the host does.
"""
import os
import re
import select
import socket
import struct
import subprocess
import tempfile
import time

QEMU = ["qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-cpu", "qemu64", "-nic", "none", "-display", "none",
        "-monitor", "none", "-vga", "std", "-no-reboot", "-serial", "stdio"]
COUNTED = ["-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm"]
RAX, RDX = 0, 3  # in the order of gdb's amd64 description; 16 is RIP, and the last that is put back
SILENCE_SECONDS = 240  # no line for so long: the guest hangs (a busy host is slow, too)


class Stub:
    """As much of gdb's remote protocol as it takes to read the counter at the kernel's entry."""

    def __init__(self, path):
        deadline = time.monotonic() + 30
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                self.sock.connect(path)
                return
            except OSError:
                self.sock.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def ask(self, text, seconds=300):
        self.sock.settimeout(seconds)
        self.sock.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 255))
        data = b""
        while not re.search(rb"\$[^#]*#..", data):
            part = self.sock.recv(65536)
            if not part:
                raise EOFError("QEMU closed the debugger's line")
            data += part
        self.sock.sendall(b"+")
        return re.search(rb"\$([^#]*)#", data)[1].decode()

    def counter_at(self, address):
        """Runs to `address` and executes one RDTSC there; everything is put back."""
        self.ask(f"Z1,{address:x},1")
        self.ask("c")
        self.ask(f"z1,{address:x},1")
        before = self.general_registers()
        code = self.ask(f"m{address:x},2")
        self.ask(f"M{address:x},2:0f31")
        self.ask("s")
        after = self.general_registers()
        self.ask(f"M{address:x},2:{code}")
        self.ask("G" + struct.pack("<17Q", *before).hex())
        return (after[RDX] & 0xffffffff) << 32 | after[RAX] & 0xffffffff

    def general_registers(self):
        return struct.unpack("<17Q", bytes.fromhex(self.ask("g")[:17 * 16]))

    def let_go(self):
        self.ask("D")
        self.sock.close()


def run(args, memory=1024, counted=True, entry=None, show=None, silence=SILENCE_SECONDS):
    """The guest's lines until END, QEMU's end or silence; [ENTRY n] first if `entry` is an address."""
    with tempfile.TemporaryDirectory(prefix="rustica-bench-") as directory:
        command = QEMU + ["-m", str(memory)] + (COUNTED if counted else []) + args
        path = os.path.join(directory, "gdb")
        if entry:
            command += ["-S", "-chardev", f"socket,id=gdb0,path={path},server=on,wait=off", "-gdb", "chardev:gdb0"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            lines = []
            if entry:
                stub = Stub(path)
                lines.append(f"ENTRY {stub.counter_at(entry)}")
                stub.let_go()
            lines += read_lines(process, silence, show)
            return lines
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def read_lines(process, silence, show):
    lines, tail = [], b""
    while True:
        ready, _, _ = select.select([process.stdout], [], [], silence)
        part = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not part:
            lines.append("SILENT" if process.poll() is None and not ready else "ENDED")
            return lines
        *whole, tail = (tail + part).split(b"\n")
        for line in whole:
            text = line.decode("utf-8", "replace").strip("\r")
            lines.append(text)
            if show:
                show(text)
            if text == "END":
                return lines


def elf_entry(path):
    with open(path, "rb") as f:
        return struct.unpack("<Q", f.read(32)[24:32])[0]
