"""Process 1: what /etc/inittab and /etc/fstab say is done; what is wrong in them costs only itself."""
import os

import pytest

from machine import PROMPT, Machine, make_initrd, make_iso, work_dir


def iso_with(name, files, words="", consoles="console=tty0 console=ttyS0"):
    directory = work_dir("init-" + name)
    placed = {}
    for path, text in files.items():
        placed[path] = os.path.join(directory, path.replace("/", "_"))
        with open(placed[path], "w") as f:
            f.write(text)
    return make_iso(directory, f"{consoles} {words}", initrd=make_initrd(directory, placed))


TABLE = """# a comment
::sysinit:echo first > /tmp/order
::wait:echo second >> /tmp/order
::once:/bin/sh -c "echo third >> /tmp/order; sleep 1000"
nonsense
::frobnicate:/bin/true
ttyX9::respawn:-/bin/sh
::shutdown:echo the last words > /dev/console
::ctrlaltdel:echo somebody pressed the three keys > /dev/console
::respawn:-/bin/sh
"""


def test_a_table_is_followed():
    fstab = "none /mnt/scratch tmpfs noauto 0 0\nnone /srv tmpfs defaults 0 0\n"
    with Machine("bios", iso=iso_with("table", {"/etc/inittab": TABLE, "/etc/fstab": fstab})) as m:
        m.boot()
        log = m.serial_text()
        assert "line 5: not TERMINAL::ACTION:COMMAND" in log and "line 6: no such action" in log
        m.wait_for(lambda: m.run("cat /tmp/order") == "first\nsecond\nthird\n", 10, "the third command")
        mounts = m.run("cat /proc/mounts")
        assert " /srv tmpfs " in mounts and "scratch" not in mounts
        assert "ttyX9" not in m.run("ps")
        # Another table: what is in both goes on, what is new begins.
        m.run("echo '::once:echo fourth >> /tmp/order' >> /etc/inittab; kill -HUP 1")
        m.wait_for(lambda: m.run("cat /tmp/order") == "first\nsecond\nthird\nfourth\n", 10, "the fourth command")
        assert m.run("ps").count("-sh") == 1
        m.serial.send("poweroff\r")
        m.expect("the last words", 20)
        m.wait_exit(20)


def test_three_keys_restart():
    with Machine("bios", iso=iso_with("keys", {"/etc/inittab": TABLE})) as m:
        m.boot()
        m.serial.send("kill -INT 1\r")
        m.expect("somebody pressed the three keys", 20)
        m.expect("reboot: restarting", 20)


@pytest.mark.parametrize("table", ["", "\0\xff:::\n" * 50, "::respawn:/no/such/program\n", "::sysinit:/no/such\n", "x" * 5000],
                         ids=["empty", "garbage", "no-program", "no-shell", "long-line"])
def test_a_broken_table_gives_a_shell(table):
    with Machine("bios", iso=iso_with("broken", {"/etc/inittab": table})) as m:
        m.boot()
        assert m.run("echo alive") == "alive\n"


def test_single_user():
    with Machine("bios", iso=iso_with("single", {"/etc/inittab": "::once:touch /tmp/done\n::respawn:/bin/false\n"}, "single")) as m:
        m.boot()
        assert "single user" in m.serial_text()
        assert m.run("echo /tmp/*; echo alive") == "/tmp/*\nalive\n"


def test_a_program_that_ends_at_once_is_left_alone():
    with Machine("bios", iso=iso_with("quick", {"/etc/inittab": "::respawn:-/bin/sh\ntty::respawn:/bin/false\n"})) as m:
        m.boot()
        m.expect("/bin/false on tty ends as soon as it starts; next try in 5 seconds", 20)
        assert m.run("echo alive") == "alive\n"

def test_a_serial_line_apart_from_the_console():
    """console=tty0: screen and serial line have sessions of their own, with jobs of their own."""
    table = "tty1::respawn:-/bin/sh\nttyS0::respawn:-/bin/sh\nhvc0::respawn:-/bin/sh\n::respawn:-/bin/sh\n"
    with Machine("bios", iso=iso_with("apart", {"/etc/inittab": table}, "", "console=tty0")) as m:
        m.boot()
        m.wait_screen(r"root:~#")
        assert "/dev/ttyS0" in m.run("ls -l /proc/self/fd/0")
        assert m.run("ps").count("-sh") == 2
        m.run("sleep 1000 & jobs")
        m.type("jobs; echo scr$((40+2))\n")
        rows = m.wait_screen(r"^scr42")
        assert not any("sleep" in row for row in rows) and "scr42" not in m.serial_text()
        m.run("kill %1; wait")
        m.serial.send("echo started; cat\r")
        m.expect("\nstarted\r*\n")
        m.serial.send("\x03")
        m.expect(PROMPT)
        assert m.run("echo $?").strip() == "130"
        m.serial.send("exit\r")  # a new one comes
        m.expect(PROMPT)
        assert m.run("echo alive").strip() == "alive"
