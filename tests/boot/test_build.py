"""The build itself: the same inputs give the same bytes, in any folder."""
import filecmp
import os
import shutil
import subprocess

from machine import BUILD, ELF, INITRD, ISO, ROOT

PARTS = ["rustica.elf", "initrd.tar", "rustica.iso"]


def test_a_second_build_elsewhere_is_the_same_to_the_byte(tmp_path):
    """From the files that git has, in a folder with another name and a blank in it."""
    there = tmp_path / "another place"
    there.mkdir()
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        target = there / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.join(ROOT, name), target, follow_symlinks=False)
    subprocess.run(["make", "-s", "build"], cwd=there, check=True, stdout=subprocess.DEVNULL,
                   env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))})
    for part in PARTS:
        assert filecmp.cmp(os.path.join(BUILD, part), there / "build" / part, shallow=False), part + " differs"


def test_the_iso_is_small():
    assert os.path.getsize(ISO) < 10_000_000


def test_grub_finds_a_multiboot2_kernel():
    subprocess.run(["grub-file", "--is-x86-multiboot2", ELF], check=True)


def test_the_initrd_is_a_plain_archive():
    names = subprocess.run(["tar", "-tf", INITRD], capture_output=True, text=True, check=True).stdout.split()
    assert {"sbin/init", "bin/sh", "bin/busybox"} <= set(names)
