"""Mounting, where more than one CPU has its hand in it."""
import os
import subprocess

from machine import BUILD, ROOT, Machine, make_initrd, make_iso

RACE = os.path.join(BUILD, "user", "tests", "guest", "mount_race")


def test_mount_on_what_is_being_removed():
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = os.path.join(BUILD, "test-iso", "mount")
    os.makedirs(directory, exist_ok=True)
    iso = make_iso(directory, "console=tty0 console=ttyS0", initrd=make_initrd(directory, {"/t/mount_race": RACE}))
    with Machine("bios", iso=iso, args=("-smp", "4")) as m:
        m.boot()
        assert "ALL PASS" in m.run("/t/mount_race", 240)
