"""A virtual machine under test: QEMU with its serial line, its keyboard and its screen.

Nothing here sleeps for a fixed time: everything waits for what it wants to see, with a deadline
that is a failure. A machine that stays silent is told apart by how far it came (firmware, GRUB,
kernel), because "no output" has meant three different faults.
"""
import gzip
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(ROOT, "build")
ISO = os.path.join(BUILD, "rustica.iso")
ELF = os.path.join(BUILD, "rustica.elf")
INITRD = os.path.join(BUILD, "initrd.tar")
OVMF = "/usr/share/ovmf/OVMF.fd"
FONT = "/usr/share/consolefonts/Uni2-Terminus16.psf.gz"

PROMPT = r"(?:\x1b\[[0-9;]*m)*root(?:\x1b\[[0-9;]*m)*:(?:\x1b\[[0-9;]*m)*[^\r\n#]*(?:\x1b\[[0-9;]*m)*# "
BOOT_SECONDS = {"bios": 90, "uefi": 240}  # a busy machine is twenty times slower than an idle one

KEY_NAMES = {
    " ": "spc", "\n": "ret", "-": "minus", "=": "equal", "/": "slash", ".": "dot", ",": "comma",
    ";": "semicolon", "'": "apostrophe", "\\": "backslash", "[": "bracket_left", "]": "bracket_right",
    "`": "grave_accent", "\t": "tab",
}
SHIFTED = {
    "|": "\\", "&": "7", "!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "*": "8", "(": "9",
    ")": "0", "_": "-", "+": "=", "?": "/", ">": ".", "<": ",", ":": ";", '"': "'", "{": "[", "}": "]", "~": "`",
}


class Silent(AssertionError):
    pass


class Serial:
    """The serial line. A thread reads it all the time, as a terminal would: an unread line stalls the
    emulated port, and with it whatever the machine is printing."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.at = 0  # what lies before was matched already
        self.open = True
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            try:
                chunk = self.sock.recv(65536)
            except OSError:
                chunk = b""
            with self.news:
                self.data += chunk
                self.open = bool(chunk)
                self.news.notify_all()
            if not chunk:
                return

    def expect(self, pattern, seconds):
        """The match of `pattern` behind the last one; None when it does not come in time."""
        expression = re.compile(pattern.encode())
        deadline = time.monotonic() + seconds
        with self.news:
            while True:
                match = expression.search(self.data, self.at)
                if match:
                    self.before = self.data[self.at:match.start()]
                    self.at = match.end()
                    return match
                left = deadline - time.monotonic()
                if left <= 0 or not self.open:
                    return None
                self.news.wait(left)

    def send(self, text):
        self.sock.sendall(text.encode())


class Qmp:
    """The monitor: keys in, pictures out."""

    def __init__(self, path):
        deadline = time.monotonic() + 30
        while True:
            try:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.connect(path)
                break
            except OSError:
                self.sock.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        self.file = self.sock.makefile("rw")
        self.file.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError("QEMU closed its monitor")
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(answer["error"])
            if "return" in answer:
                return answer["return"]

    def close(self):
        self.file.close()
        self.sock.close()


class Machine:
    def __init__(self, firmware="bios", machine="q35", media="cd", iso=ISO, memory="512M", args=(), serial=True,
                 vga="std", cpu=None, kernel=None, reboot=False):
        self.firmware = firmware
        self.dir = tempfile.mkdtemp(prefix="rustica-test-")
        self.e9_path = os.path.join(self.dir, "e9.log")
        qmp_path = os.path.join(self.dir, "qmp")
        serial_path = os.path.join(self.dir, "serial")
        command = ["qemu-system-x86_64", "-accel", "tcg", "-machine", machine, "-m", memory, "-nic", "none",
                   "-display", "none", "-monitor", "none", "-vga", vga,
                   "-qmp", f"unix:{qmp_path},server=on,wait=off",
                   "-chardev", f"file,id=e9,path={self.e9_path}", "-device", "isa-debugcon,chardev=e9,iobase=0xe9"]
        if not reboot:
            command.append("-no-reboot")
        if firmware == "uefi":
            command += ["-bios", OVMF]
        if cpu:
            command += ["-cpu", cpu]
        if kernel:
            command += ["-kernel", kernel]
        elif media == "cd":
            command += ["-cdrom", iso]
        elif media == "disk":
            command += ["-drive", f"file={iso},format=raw,snapshot=on"]
        elif media == "usb":
            command += ["-drive", f"id=stick,if=none,file={iso},format=raw,snapshot=on",
                        "-device", "qemu-xhci", "-device", "usb-storage,drive=stick"]
        if serial:
            command += ["-chardev", f"socket,id=com1,path={serial_path},server=on,wait=on", "-serial", "chardev:com1"]
        else:
            command += ["-serial", "none"]
        command += list(args)
        self.error_log = open(os.path.join(self.dir, "qemu.log"), "w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.error_log, stderr=self.error_log)
        self.command_line = " ".join(command)
        self.serial = None
        try:
            if serial:
                self._open_serial(serial_path)
            self.qmp = Qmp(qmp_path)
        except BaseException:
            self.close()
            raise

    def _open_serial(self, path):
        deadline = time.monotonic() + 30
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.error_log.seek(0)
                    raise AssertionError("QEMU did not start: " + self.error_log.read())
                time.sleep(0.02)
        self.serial = Serial(self.socket)

    # --- life --------------------------------------------------------------------------------
    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print("\n--- command:", self.command_line)
            print("--- serial (end):", self.serial_text()[-3000:])
            print("--- port 0xE9 (end):", self.e9_text()[-1500:])
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if getattr(self, "qmp", None):
            self.qmp.close()
        if self.serial:
            self.socket.close()
        self.error_log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def wait_exit(self, seconds=60):
        return self.process.wait(timeout=seconds)

    # --- what it says ------------------------------------------------------------------------
    def serial_text(self):
        return self.serial.data.decode("utf-8", "replace") if self.serial else ""

    def e9_text(self):
        try:
            with open(self.e9_path, "rb") as f:
                return f.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def expect(self, pattern, seconds=60):
        match = self.serial.expect(pattern, seconds)
        if match:
            return match
        text = self.serial_text()
        where = ("kernel ran" if "Rustica" in text else "GRUB ran, the kernel said nothing" if "GRUB" in text
                 else "firmware ran, GRUB said nothing" if text.strip() else "not one byte, not even of firmware")
        raise Silent(f"no {pattern!r} within {seconds} s ({where}); at the end: {text[-400:]!r}{self._what_it_does()}")

    def _what_it_does(self):
        """The emergency key tells what each thread waits for, if the kernel still can."""
        try:
            self.key("alt", "sysrq", "t")
            self.serial.expect("sysrq: .*\n", 10)
            self.serial.expect("no more of it", 3)
            return "\n" + "\n".join(re.findall("sysrq: .*", self.serial_text()[-20000:])[-60:])
        except (RuntimeError, EOFError, OSError, AttributeError) as e:
            return f"\n(no answer to the emergency key: {e!r})"

    def boot(self):
        """To the shell's prompt."""
        self.expect(PROMPT, BOOT_SECONDS[self.firmware])
        return self

    def boot_by_e9(self, pattern=PROMPT):
        """The same where there is no serial line."""
        self.wait_for(lambda: re.search(pattern, self.e9_text()), BOOT_SECONDS[self.firmware], f"{pattern!r} on port 0xE9")
        return self

    @staticmethod
    def wait_for(condition, seconds, what):
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"no {what} within {seconds} s"
            time.sleep(0.05)

    def run(self, line, seconds=60):
        """Types a command on the serial line; returns what it printed, without the echo."""
        self.serial.send(line + "\r")
        self.expect(re.escape(line) + r"\r*\n", seconds)
        self.expect(PROMPT, seconds)
        return self.serial.before.decode("utf-8", "replace").replace("\r", "")

    # --- keyboard ----------------------------------------------------------------------------
    def key(self, *names):
        self.qmp.command("send-key", keys=[{"type": "qcode", "data": n} for n in names], **{"hold-time": 1})

    def key_echoed(self, *names):
        before = os.path.getsize(self.e9_path)
        self.key(*names)
        self._wait_echo(before)

    def type(self, text):
        for ch in text:
            shift = []
            if ch in SHIFTED:
                shift, ch = ["shift"], SHIFTED[ch]
            elif ch.isupper():
                shift, ch = ["shift"], ch.lower()
            self.key_echoed(*shift, KEY_NAMES.get(ch, ch))

    def type_blind(self, text):
        """For a console whose echo is on no line: in pieces that fit the controller's queue of 16 bytes."""
        for end in range(4, len(text) + 4, 4):
            for ch in text[end - 4:end]:
                self.key(KEY_NAMES.get(ch, ch))
            self.wait_screen(re.escape(text[:end].rstrip()))

    def _wait_echo(self, before):
        """As fast as the machine takes it: its controller's queue holds 16 bytes. Not all keys echo."""
        deadline = time.monotonic() + 0.3
        while os.path.getsize(self.e9_path) == before and time.monotonic() < deadline:
            time.sleep(0.005)

    # --- screen ------------------------------------------------------------------------------
    def screenshot(self, path):
        self.qmp.command("screendump", filename=os.path.abspath(path), format="png")

    def screen_pixels(self):
        """Width, height, and three bytes a pixel."""
        path = os.path.join(self.dir, "screen.ppm")
        self.qmp.command("screendump", filename=path)
        return read_ppm(path)

    def screen_text(self):
        """The screen's rows, read from VGA text memory or recognised glyph by glyph."""
        width, height, pixels = self.screen_pixels()
        if (width, height) == (720, 400):
            return self.vga_rows()
        return recognise(width, height, pixels)

    def vga_rows(self):
        out = self.qmp.command("human-monitor-command", **{"command-line": "xp /4000xb 0xb8000"})
        data = [int(v, 16) for line in out.splitlines() for v in line.split(":", 1)[1].split()]
        return ["".join(chr(c) if 32 <= c < 127 else " " if c in (0, 32, 255) else "\N{REPLACEMENT CHARACTER}"
                        for c in data[r * 160:(r + 1) * 160:2]).rstrip() for r in range(25)]

    def wait_screen(self, pattern, seconds=60):
        def look():
            rows = self.screen_text()
            return rows if re.search(pattern, "\n".join(rows), re.M) else None
        return self.wait_for(look, seconds, f"{pattern!r} on the screen")


def read_ppm(path):
    with open(path, "rb") as f:
        data = f.read()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head[1]), int(head[2]), data[head.end():]


_glyphs = None


def glyphs():
    """Bitmap of 16 bytes -> character, from the font the kernel's was made from."""
    global _glyphs
    if _glyphs is None:
        data = gzip.open(FONT).read()
        if data[:2] == b"\x36\x04":  # PSF1
            count, size, offset = (512 if data[2] & 1 else 256), data[3], 4
            table = data[offset + count * size:]
            units = struct.unpack(f"<{len(table) // 2}H", table[:len(table) // 2 * 2])
            names, current = [], []
            for u in units:
                if u == 0xffff:
                    names.append(current)
                    current = []
                else:
                    current.append(u)
        else:  # PSF2
            _, _, offset, _, count, size = struct.unpack("<6I", data[:24])[0:6]
            names = []
            for entry in data[offset + count * size:].split(b"\xff")[:count]:
                names.append([ord(c) for c in entry.split(b"\xfe")[0].decode("utf-8", "replace")])
        _glyphs = {}
        for i in range(count):
            bits = data[offset + i * size:offset + i * size + 16]
            for code in names[i] if i < len(names) else []:
                if 32 <= code < 127 or bits not in _glyphs:
                    _glyphs[bits] = chr(code)
        for bits, ch in list(_glyphs.items()):  # bold is the glyph struck twice
            _glyphs.setdefault(bytes(b | b >> 1 for b in bits), ch)
        _glyphs[bytes(16)] = " "
    return _glyphs


def recognise(width, height, pixels, cell_width=8):
    rows = []
    table = glyphs()
    for top in range(0, height - 15, 16):
        row = []
        for left in range(0, width - 7, cell_width):
            cell = [pixels[((top + y) * width + left) * 3:((top + y) * width + left + 8) * 3] for y in range(16)]
            colours = {}
            for line in cell:
                for x in range(8):
                    c = line[x * 3:x * 3 + 3]
                    colours[c] = colours.get(c, 0) + 1
            if len(colours) == 1:
                row.append(" ")
                continue
            back = max(colours, key=colours.get)
            bits = bytes(sum((line[x * 3:x * 3 + 3] != back) << (7 - x) for x in range(8)) for line in cell)
            inverse = bytes(b ^ 255 for b in bits)
            row.append(table.get(bits) or table.get(inverse) or "\N{REPLACEMENT CHARACTER}")
        rows.append("".join(row).rstrip())
    return rows


def make_iso(directory, entry, initrd=INITRD, name="test.iso", kernel=ELF, header=""):
    """An ISO whose menu is just `entry` (the words behind /boot/rustica.elf)."""
    os.makedirs(directory, exist_ok=True)
    cfg = os.path.join(directory, name + ".cfg")
    module = "if module2 /boot/initrd.tar initrd; then boot; fi" if initrd else "boot"
    with open(cfg, "w") as f:
        f.write(f"""set timeout=0
if [ "$grub_platform" = efi ]; then insmod efi_gop; else insmod vbe; fi
{header}
menuentry test {{
    if multiboot2 /boot/rustica.elf {entry}; then
        if [ "$grub_platform" != efi ]; then if [ "$pixels" = "" ]; then set gfxpayload=text; fi; fi
        {module}
    fi
    echo GRUB-BOOT-FAILED
    halt
}}
""")
    out = os.path.join(directory, name)
    subprocess.run([os.path.join(ROOT, "tools", "mkiso"), out, kernel, initrd or "none", cfg], check=True)
    return out


def work_dir(name):
    """A folder for a test's images. Each worker has its own: tests that use one name may run at the same time."""
    path = os.path.join(BUILD, "test-iso", os.environ.get("PYTEST_XDIST_WORKER", "alone"), name)
    os.makedirs(path, exist_ok=True)
    return path


def make_initrd(directory, files, name="initrd.tar"):
    """The built initrd and more: {path in the guest: file here}. GRUB and the kernel read the same tar."""
    stage = os.path.join(directory, name + ".stage")
    shutil.rmtree(stage, ignore_errors=True)
    for inside, source in files.items():
        target = os.path.join(stage, inside.lstrip("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)
    out = os.path.join(directory, name)
    shutil.copy(INITRD, out)
    subprocess.run(["tar", "--format=ustar", "--owner=0", "--group=0", "-C", stage, "-rf", out, "."], check=True)
    return out
