"""The shell's line editor, at the serial line of a whole machine; what keys do is tested on the host
(tests/unit/test_sh_edit.c)."""
import re

import pytest

from machine import Machine, PROMPT


@pytest.fixture(scope="module")
def m():
    with Machine("bios") as machine:
        yield machine.boot()


def send(m, keys, pattern):
    """Types, and waits for the answer; patterns must not match what is typed alone."""
    m.serial.send(keys)
    return m.expect(pattern)


def test_arrows_and_words(m):
    send(m, "echo wodr\x1b[D\x1b[D\x1b[3~\x1b[Cd\x05 end\r", r"\nword end\r")
    m.expect(PROMPT)
    send(m, "cho first second\x1bbthe \x01e\x05\r", r"\nfirst the second\r")
    m.expect(PROMPT)


def test_history_and_search(m):
    m.run("echo remember-$((40 + 2))")
    m.run("echo another")
    send(m, "\x1b[A\x1b[A\r", r"\nremember-42\r")
    m.expect(PROMPT)
    send(m, "\x12anoth", r"\(search\) 'anoth': ")
    send(m, "\r", r"\nanother\r")
    m.expect(PROMPT)
    send(m, "\x12anoth", r"\(search\) 'anoth': ")
    send(m, "\x1b", r"# .*echo another")  # alone: after a while it has taken what was found
    send(m, "\r", r"\nanother\r")
    m.expect(PROMPT)
    assert "echo another" in m.run("sh -ic 'cat ~/.sh_history'").split("\n")


def test_fc(m):
    """Lists, runs again with a change, edits and runs; fc's own line is not among what it finds."""
    m.run("echo fc-$((40 + 1))")
    m.run("echo other")
    listed = m.run("fc -ln -2").split("\n")
    assert [line.strip() for line in listed if line] == ["echo fc-$((40 + 1))", "echo other"], listed
    send(m, "fc -s 1=2 'echo fc'\r", r"echo fc-\$\(\(40 \+ 2\)\)\r*\nfc-42\r")
    m.expect(PROMPT)
    send(m, "\x1b[A\r", r"\nfc-42\r")  # and it took fc's place
    m.expect(PROMPT)
    m.run("echo 'sed -i s/42/43/ $1' > /tmp/change")
    m.run("echo edited-42")
    assert "edited-43" in m.run("fc -e 'sh /tmp/change' 'echo edited'").split("\n")
    numbers = [int(line.split()[0]) for line in m.run("fc -lr").split("\n") if line[:1].isdigit()]
    assert len(numbers) > 3 and numbers == sorted(numbers, reverse=True), numbers
    assert m.run("fc -s nosuchcommand; echo $?").split("\n")[-2] == "1"
    assert m.run("sh -c 'fc -l'; echo $?").split("\n")[-2] == "1"


def test_completion(m):
    m.run("mkdir -p '/tmp/tab/two words' /tmp/tab/other; echo inside > '/tmp/tab/two words/file'; cd /tmp/tab")
    send(m, "cat tw\tf\t\r", r"\ninside\r")
    m.expect(PROMPT)
    send(m, "ls \t\t", r"other/ +two words/\r*\n")
    send(m, "\x15unal\t", r"unalias $")
    send(m, "\x15echo $HOM\t\r", r"\n/root\r")
    m.expect(PROMPT)
    m.run("cd; rm -r /tmp/tab")


def test_command_of_several_lines(m):
    m.serial.send("for i in 1 2\r")
    m.expect(r"\n> ")
    send(m, "do echo line$i; done\r", r"\nline1\r*\nline2\r")
    m.expect(PROMPT)
    send(m, "\x1b[A\r", r"\nline1\r*\nline2\r")
    m.expect(PROMPT)


def test_bracketed_paste(m):
    m.run("TERM=xterm")
    send(m, "\x1b[200~echo pasted 1\recho pasted 2\x1b[201~", r"echo pasted 2")
    send(m, "\r", r"pasted 1\r*\npasted 2\r")
    m.expect(PROMPT)
    m.run("TERM=linux")


def test_line_survives_a_background_job(m):
    """What was typed stands whole below what the job printed, with the next key."""
    m.run("(for i in 1 2; do sleep 2; echo noise; done) &")
    m.serial.send("echo kep")
    m.expect(r"noise\r*\n")
    send(m, "t", r"# echo kept")
    send(m, "\r", r"\nkept\r")
    m.expect(PROMPT)
    m.run("wait")


def marks(m):
    return [line for line in m.run("jobs").split("\n") if line]


def test_current_job(m):
    """What is stopped is meant before what runs; among equals the last one."""
    m.run("echo 'echo up$1; while read x; do echo got$((x + 1)); done' >/tmp/job")
    for number in (1, 2):
        send(m, f"sh /tmp/job {number}\r", rf"\nup{number}\r")  # it has the terminal: ^Z is for it
        send(m, "\x1a", rf"Stopped  sh /tmp/job {number}\r")
        m.expect(PROMPT)
    m.run("sleep 100 &")
    assert marks(m) == ["[1] - Stopped  sh /tmp/job 1", "[2] + Stopped  sh /tmp/job 2", "[3]   Running  sleep 100"]
    send(m, "fg %1\r", r"\nsh /tmp/job 1\r")
    send(m, "41\r", r"\ngot42\r")
    send(m, "\x1a", r"Stopped  sh /tmp/job 1\r")
    m.expect(PROMPT)
    assert marks(m) == ["[1] + Stopped  sh /tmp/job 1", "[2] - Stopped  sh /tmp/job 2", "[3]   Running  sleep 100"]
    m.run("kill %%; wait %1; kill %%; wait %2")
    assert marks(m) == ["[3] + Running  sleep 100"]
    m.run("kill %%; wait")
    assert marks(m) == []


def test_mistyped_command(m):
    """The nearest name there is, of programs and of what the shell does itself; no guess where there is none."""
    for typed, meant in (("ehco", "echo"), ("gerp", "grep"), ("hexdmp", "hexdump"), ("uanme", "uname"), ("pss", "ps")):
        assert f"sh: {typed}: command not found. Did you mean '{meant}'?" in m.run(typed + " x")
    assert "Did you mean" not in m.run("qwertyuiop")
    assert m.run("vi x") == "sh: vi: command not found, but busybox has it: busybox vi\n"
    assert m.run("ehco 2>&1 | cat").strip() == "sh: ehco: command not found"  # nobody reads along
    assert m.run("ehco; echo $?").strip().endswith("127")


def test_history_of_an_earlier_session(m):
    """The next shell knows what was typed into this one: a newline in a command, too; not what begins with a blank."""
    m.run("echo told-$((20 + 1))")
    m.run(" echo secret-$((20 + 2))")
    m.serial.send("echo 'two\r")
    m.expect(r"\n> ")
    send(m, "lines'\r", r"\ntwo\r*\nlines\r")
    m.expect(PROMPT)
    send(m, "exit\r", PROMPT)
    send(m, "\x1b[A\x1b[A\r", r"\ntwo\r*\nlines\r")  # above exit itself
    m.expect(PROMPT)
    send(m, "\x12told\r", r"\ntold-21\r")
    m.expect(PROMPT)
    send(m, "\x12secret-$", r"\(not found\)")
    m.serial.send("\x03\x03")
    m.run("sh -c 'exit 0'")


def test_interrupt_and_end(m):
    send(m, "garbage\x03", r"\^C\r*\n")
    m.expect(PROMPT)
    assert m.run("echo $?").strip() == "130"
    m.run("set -o ignoreeof")
    send(m, "\x04", r"use exit to leave")
    m.expect(PROMPT)
    m.run("set +o ignoreeof")


def test_long_line_on_the_screen(m):
    m.run("clear")
    send(m, "echo " + "0123456789" * 9 + "\x01", "89")
    m.serial.send("\x1b[C" * 5 + ">")
    rows = m.wait_screen(r"echo >0123456789")
    text = "".join(row for row in rows)
    assert re.search(r"echo >" + "0123456789" * 9, text), rows
    m.serial.send("\x05<")
    m.wait_screen(r"56789<")
    send(m, "\x03", r"\^C\r*\n")
    m.expect(PROMPT)
