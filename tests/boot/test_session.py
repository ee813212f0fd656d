"""What a person does in the first minutes, typed on the serial line."""
import re
import time

import pytest

from machine import Machine, PROMPT


@pytest.fixture(scope="module", params=["bios", "uefi"])
def m(request):
    with Machine(request.param) as machine:
        yield machine.boot()


def test_ls_through_a_pipe(m):
    out = m.run("ls -l /bin | cat")
    for tool in ("sh", "tools", "trace", "busybox"):
        assert re.search(rf"^-rwxr-xr-x.* {tool}$", out, re.M), out


def test_busybox_ls(m):
    assert re.search(r"^-rwxr-xr-x.* busybox$", re.sub(r"\x1b\[[0-9;]*m", "", m.run("busybox ls -l /bin")), re.M)


def test_busybox_pipe(m):
    assert m.run("busybox sh -c 'echo hello | busybox wc -c'").strip() == "6"


def test_busybox_vi_starts_and_quits(m):
    m.serial.send("busybox vi /etc/motd\r")
    m.expect(r"motd.* 1/\d+ \d+%")
    m.serial.send(":q\r")
    m.expect(PROMPT)


def test_control_c_ends_sleep(m):
    m.serial.send("echo started; sleep 100\r")
    m.expect(r"\nstarted\r")  # ^C before that would be meant for the line being read
    m.serial.send("\x03")
    m.expect(PROMPT, 10)
    assert m.run("echo $?").strip() == "130"


def test_line_editing(m):
    """Backspace and ^U; ^D on an empty line of cat is the end of its input."""
    m.serial.send("echo wrogn\x7f\x7fng\r")
    m.expect(r"\nwrong\r")
    m.expect(PROMPT)
    m.serial.send("garbage\x15echo clean\r")
    m.expect(r"\nclean\r")
    m.expect(PROMPT)
    m.serial.send("cat\r")
    m.expect(r"cat\r*\n")
    m.serial.send("once\r")
    m.expect(r"once\r*\nonce\r")
    m.serial.send("\x04")
    m.expect(PROMPT)


def test_faulting_program_dies_alone(m):
    out = m.run("sh -c 'kill -SEGV $$'; echo status $?")
    assert "status 139" in out


def test_unknown_command(m):
    out = m.run("nosuchcommand; echo status $?")
    assert "not found" in out and "status 127" in out


def test_background_and_wait(m):
    assert "done 0" in m.run("sleep 0.2 & wait; echo done $?")


def test_redirection_and_files(m):
    m.run("mkdir -p /tmp/d && cd /tmp/d")
    m.run("for i in 1 2 3; do echo line $i >> f; done")
    assert m.run("wc -l < f").strip() == "3"
    assert m.run("cp f g && cmp f g 2>/dev/null || busybox cmp f g && echo same").strip() == "same"
    assert m.run("mv g h && ls").split() == ["f", "h"]
    m.run("cd / && rm -r /tmp/d")
    assert "No such file" in m.run("ls /tmp/d")


def test_ps_shows_init_and_shell(m):
    out = m.run("ps")
    assert re.search(r"^\s*1\b.*init", out, re.M), out
    assert re.search(r"\bsh\b", out), out


def test_uname(m):
    assert re.match(r"Linux \S+ \S*rustica\S* .*x86_64", m.run("uname -a"))


def test_dmesg_has_the_memory_map(m):
    out = m.run("dmesg")
    assert re.match(r"6,\d+,\d+,-;\S", m.run("head -n 1 /dev/kmsg"))  # a record, as util-linux reads it
    assert re.search(r"memmap: 0x100000 - 0x[0-9a-f]+ kernel", out) and "memmap: total usable" in out


def test_script_with_interpreter_line(m):
    m.run("printf '#!/bin/sh\\necho script $1\\n' > /tmp/s && chmod +x /tmp/s 2>/dev/null || busybox chmod +x /tmp/s")
    assert m.run("/tmp/s works").strip() == "script works"


def test_help(m):
    out = m.run("help")
    assert "busybox" in out and "ls" in out


def test_shell_comes_back_after_exit(m):
    m.serial.send("exit\r")
    m.expect(PROMPT)


def test_terminal_that_pauses_loses_nothing(m):
    """Nobody reads the line for two seconds: every byte comes all the same."""
    with m.serial.news:  # holds the reading thread
        m.serial.send("busybox seq 1 20000\r")
        time.sleep(2)
    m.expect(r"seq 1 20000\r*\n")
    m.expect(PROMPT, 120)
    text = re.sub(r"\x1b\[[0-9;]*m", "", m.serial.before.decode()).split()
    assert text == [str(i) for i in range(1, 20001)]
