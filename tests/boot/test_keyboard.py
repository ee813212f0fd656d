"""The keyboard: layouts, dead keys, keys with modifiers, and the keys that are the machine's."""
import re

import pytest

from machine import PROMPT, Machine


@pytest.fixture(scope="module")
def m(isos):
    with Machine(iso=isos("kbd", "quiet kbd=de"), reboot=False) as machine:
        yield machine.boot()


def keys(m, *names):
    """One after the other, a chord as a tuple."""
    for name in names:
        m.key(*(name if isinstance(name, tuple) else (name,)))


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


def test_emergency_keys_need_no_shell(m):
    m.serial.send("trap '' INT QUIT TSTP TERM; while :; do :; done\r")
    m.key("alt", "sysrq", "h")
    m.expect("sysrq: t tasks, s sync", 30)
    m.key("alt", "sysrq", "t")
    m.expect(r"sysrq: +1 init", 30)
    m.key("alt", "sysrq", "i")
    m.expect("sysrq: SIGKILL to all", 30)
    m.expect(PROMPT, 60)


def test_control_alt_delete_restarts(m):
    m.key("ctrl", "alt", "delete")
    m.wait_exit(60)
