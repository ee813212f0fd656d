"""The keyboard: layouts, dead keys, keys with modifiers, and the keys that are the machine's."""
import os
import re
import subprocess

import pytest

from machine import BUILD, PROMPT, ROOT, Machine, make_initrd, work_dir


@pytest.fixture(scope="module")
def m(isos):
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    directory = work_dir("kbd")
    initrd = make_initrd(directory, {"/t/kbd_leds": os.path.join(BUILD, "user", "tests", "guest", "kbd_leds")})
    with Machine(iso=isos("kbd", "quiet kbd=de", initrd=initrd), reboot=False) as machine:
        yield machine.boot()


def keys(m, *names):
    """One after the other, a chord as a tuple."""
    for name in names:
        m.key_echoed(*(name if isinstance(name, tuple) else (name,)))


def test_a_layout_from_the_command_line(m):
    m.type("echo ")
    keys(m, "y", "semicolon", ("shift", "apostrophe"), ("alt_r", "q"), ("alt_r", "e"))
    keys(m, "grave_accent", "e", "equal", "e", "equal", "spc")
    m.key("ret")
    m.expect("\nzö\u00c4@€êé´\r", 30)
    m.expect(PROMPT, 30)


def test_compose(m):
    m.type("echo ")
    keys(m, "compose", "s", "s", "compose", "o", "e")
    m.key("ret")
    m.expect("\nßoe\r", 30)
    m.expect(PROMPT, 30)


def test_control_keeps_its_letters(m):
    m.run("loadkeys ru")
    keys(m, "ctrl_r")
    m.type("abc")
    m.expect("фис", 30)
    m.key("ctrl", "c")
    m.expect(PROMPT, 30)
    keys(m, "ctrl_r")
    m.type("echo back\n")
    m.expect("\nback\r", 30)
    m.expect(PROMPT, 30)


def test_loadkeys(m):
    assert sorted(m.run("loadkeys").split()) == sorted("us uk de fr es it se dvorak ru".split())
    for name in "uk de fr es it se dvorak ru us".split():
        assert m.run(f"loadkeys {name} && echo good") == "good\n"
    assert "No such file" in m.run("loadkeys nosuch; echo $?")
    assert "line 2" in m.run("printf 'altgr on\\n2 abcde\\n' >/tmp/k; loadkeys /tmp/k; echo $?")
    m.type("echo yz\n")
    m.expect("\nyz\r", 30)
    m.expect(PROMPT, 30)


def test_keys_with_modifiers_are_as_xterm_says(m):
    m.serial.send("cat >/dev/null\r")
    m.expect("cat >/dev/null", 30)
    keys(m, ("ctrl", "right"), ("shift", "f5"), ("ctrl", "delete"), ("alt", "up"), "f1", "home")
    m.expect(re.escape("^[[1;5C^[[15;2~^[[3;5~^[[1;3A^[[[A^[[1~"), 30)
    m.key("ctrl", "c")
    m.expect(PROMPT, 30)


def test_application_keys(m):
    """What a program asks of the keyboard with escape sequences; a reset takes it back."""
    m.serial.send("printf '\\33[?1h\\33='; echo ready; cat >/dev/null\r")
    m.expect("=ready\r", 30)  # the screen has taken what was printed before
    keys(m, "up", ("ctrl", "up"), "kp_7", "kp_enter", "left")
    m.expect(re.escape("^[OA^[[1;5A^[Ow^[OM^[OD"), 30)
    m.key("ctrl", "c")
    m.expect(PROMPT, 30)
    m.serial.send("printf '\\33c'; echo ready; cat >/dev/null\r")
    m.expect("cready\r", 30)
    keys(m, "up", "kp_7")
    m.expect(re.escape("^[[A^[[1~"), 30)
    m.key("ctrl", "c")
    m.expect(PROMPT, 30)


def test_lamps(m):
    assert m.run("/t/kbd_leds") == "leds 0 locks 0\n"
    keys(m, "caps_lock", "num_lock")
    m.wait_for(lambda: m.run("/t/kbd_leds") == "leds 6 locks 6\n", 30, "both locks")
    assert m.run("/t/kbd_leds leds 1") == "leds 1 locks 6\n"
    assert m.run("/t/kbd_leds leds 0xff") == "leds 6 locks 6\n"
    assert m.run("/t/kbd_leds locks 0") == "leds 0 locks 0\n"
    assert "Invalid argument" in m.run("/t/kbd_leds locks 0x88")
    m.type("echo small\n")
    m.expect("\nsmall\r", 30)
    m.expect(PROMPT, 30)


def test_emergency_keys_need_no_shell(m):
    m.serial.send("trap '' INT QUIT TSTP TERM; while :; do :; done\r")
    m.key("alt", "sysrq", "h")
    m.expect("sysrq: t tasks, s sync", 30)
    m.key("alt", "sysrq", "t")
    m.expect(r"sysrq: +1 init +parent 0, group 1, session 1: S (wait4|waitid|ppoll|poll)\r", 30)
    m.expect(r"sysrq: +\d+ sh +parent 1, .*: R runs\r", 30)
    m.key("alt", "sysrq", "i")
    m.expect("sysrq: SIGKILL to all", 30)
    m.expect(PROMPT, 60)


def test_control_alt_delete_restarts(m):
    m.key("ctrl", "alt", "delete")
    m.wait_exit(60)
