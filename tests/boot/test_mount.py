"""Mounting, where more than one CPU has its hand in it."""
import os
import subprocess

from machine import BUILD, ROOT, Machine, make_initrd, make_iso, work_dir

RACE = os.path.join(BUILD, "user", "tests", "guest", "mount_race")


def test_mount_on_what_is_being_removed():
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("mount")
    iso = make_iso(directory, "console=tty0 console=ttyS0", initrd=make_initrd(directory, {"/t/mount_race": RACE}))
    with Machine("bios", iso=iso, args=("-smp", "4")) as m:
        m.boot()
        assert "ALL PASS" in m.run("/t/mount_race", 240)


def test_flags_limits_moves_and_ends():
    """The first two pass on Linux as root; here no container has its say."""
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("mount-calls")
    programs = {"/t/" + name: os.path.join(os.path.dirname(RACE), name) for name in ("mount_calls", "mount_bind", "mount_pts")}
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, programs), name="calls.iso")
    with Machine("bios", iso=iso) as m:
        m.boot()
        before = int(m.run("free").split()[8])
        for program in programs:
            out = m.run(program, 240)
            assert "ALL PASS" in out, out
        m.wait_for(lambda: int(m.run("free").split()[8]) < before + 256, 60, "memory as before")
        out = m.run("mkdir '/tmp/a b'; busybox mount -t tmpfs -o ro,size=1m 'x y' '/tmp/a b'; cat /proc/self/mountinfo; busybox umount '/tmp/a b'")
        assert r" /tmp/a\040b ro,relatime - tmpfs x\040y ro,size=1024k" in out
        out = m.run("mkdir '/tmp/c d'; mount -t tmpfs -o ro,noexec,size=1m 'x y' '/tmp/c d'; mount; mount -o remount,rw '/tmp/c d'; mount; umount '/tmp/c d'")
        assert "x y on /tmp/c d type tmpfs (ro,noexec,relatime,size=1024k)" in out
        assert "x y on /tmp/c d type tmpfs (rw,relatime,size=1024k)" in out
        out = m.run("mkdir /tmp/s /tmp/d; echo seen >/tmp/s/f; mount --bind -o ro /tmp/s /tmp/d; cat /tmp/d/f; echo x >/tmp/d/f; mount")
        assert "seen" in out and "ead-only" in out and "rootfs on /tmp/d type tmpfs (ro,relatime" in out, out
        out = m.run("cd /tmp/d && umount -l /tmp/d && ls && cd / && rmdir /tmp/d && rm -r /tmp/s && mount --make-private / && echo well")
        assert out.split() == ["f", "well"], out


SWITCH = """#!/bin/busybox sh
export PATH=/bin:/sbin
busybox mkdir /new
busybox mount -t tmpfs new /new
busybox mkdir -p /new/bin /new/dev /new/proc /new/etc
busybox cp /bin/busybox /new/bin/busybox
busybox echo from the new root >/new/etc/motd
busybox mount --move /dev /new/dev
busybox mount -t proc proc /new/proc
exec busybox switch_root -c /dev/console /new /bin/busybox sh -c 'busybox cat /etc/motd; cd /..; busybox ls; busybox cat /proc/mounts; echo done'
"""


def test_switch_root():
    """The first root is moved under, emptied and left, as an initramfs of a distribution does it."""
    directory = work_dir("mount-switch")
    script = os.path.join(directory, "init")
    with open(script, "w") as f:
        f.write(SWITCH)
    os.chmod(script, 0o755)
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1 init=/init", initrd=make_initrd(directory, {"/init": script}), name="switch.iso")
    with Machine("bios", iso=iso) as m:
        m.expect(r"done\r", 90)
        out = m.serial_text().replace("\r", "")
        assert "from the new root\nbin   dev   etc   proc\n" in out
        assert "\nnew / tmpfs rw,relatime 0 0\n" in out and "rootfs" not in out
