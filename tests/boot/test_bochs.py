"""Bochs as a second opinion: another BIOS, stricter chips, features that QEMU's emulation lacks."""
import os
import re
import shutil
import subprocess
import time

import pytest

from machine import ISO, PROMPT


@pytest.mark.parametrize("cpu", ["corei7_haswell_4770", "corei7_icelake_u"])
def test_bochs_to_the_prompt(tmp_path, cpu):
    if not shutil.which("bochs"):
        pytest.fail("bochs is missing: run tools/setup")
    config = tmp_path / "bochsrc"
    log = tmp_path / "com1.log"
    config.write_text(f"""display_library: sdl2
config_interface: textconfig
cpu: model={cpu}, count=1, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
megs: 256
romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
pci: enabled=1, chipset=i440fx
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={ISO}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={log}
port_e9_hack: enabled=1
clock: sync=none, time0=1700000000
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
log: {tmp_path}/bochs.log
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
""")
    (tmp_path / "rc.dbg").write_text("c\n")
    process = subprocess.Popen(["bochs", "-q", "-unlock", "-f", str(config), "-rc", str(tmp_path / "rc.dbg")],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "SDL_VIDEODRIVER": "dummy"})
    try:
        deadline = time.monotonic() + 240
        while True:
            text = log.read_text(errors="replace") if log.exists() else ""
            if re.search(PROMPT, text):
                break
            assert process.poll() is None, "Bochs stopped:\n" + text[-2000:] + (tmp_path / "bochs.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "no prompt:\n" + text[-2000:]
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
