"""Our tools inside: what they print there is what the distribution's print here; and the full-screen ones, driven by
keys, with the screen read back."""
import os
import re
import subprocess
import tempfile

import pytest

from machine import Machine, PROMPT

UP, DOWN, HOME, END = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F"

# Run by sh, here with the distribution's tools and there with ours.
LINES = [
    "seq 300 | sort -n | tail -3",
    "printf 'b\\na\\nb\\n' | sort | uniq -c | tr -s ' '",
    "echo one:two:three | cut -d: -f2,3",
    "seq 20 | sed -n '/5/,+2p' | tr '\\n' ' '",
    "seq 1000 | grep -c 7",
    "mkdir -p t/u && echo hi >t/u/f && ln -s f t/u/l && ln t/u/f t/u/h && find t | sort",
    "tar czf t.tgz t && rm -r t && tar xzf t.tgz && cat t/u/l && stat -c '%h %F' t/u/h",
    "cp -a t c && stat -c '%h %a' c/u/h && cat c/u/l",
    "seq 5000 | gzip | zcat | wc -c",
    "env printf '%05d|%s\\n' 42 x",
    "env test -f t.tgz && env [ 1 -lt 2 ] && echo yes",
    "seq 3 | xargs -n1 echo n",
    "expr 6 \\* 7",
    "id -u; id -un",
]


@pytest.fixture(scope="module")
def m():
    with Machine("bios") as machine:
        yield machine.boot()


def press(m, keys, *pattern_and_seconds):
    """Keys, and the screen's rows once it shows what they bring."""
    m.serial.send(keys)
    return m.wait_screen(*pattern_and_seconds)


def leave(m, keys):
    m.serial.send(keys)
    m.expect(PROMPT)


def test_same_as_here(m):
    with tempfile.TemporaryDirectory() as folder:
        m.run("mkdir -p /tmp/w && cd /tmp/w")
        for line in LINES:
            want = subprocess.run(["/bin/sh", "-c", line], cwd=folder, capture_output=True, text=True,
                                  env={**os.environ, "LC_ALL": "C"}).stdout
            assert m.run(line) == want, line
        m.run("cd /; rm -r /tmp/w")


def test_move_between_file_systems(m):
    m.run("mkdir -p /tmp/a /mnt; mount -t tmpfs none /mnt; echo kept >/tmp/a/f; ln -s f /tmp/a/l")
    assert m.run("mv /tmp/a /mnt/b && cat /mnt/b/l; test -e /tmp/a || stat -c %F /mnt/b/l") == "kept\nsymbolic link\n"
    m.run("umount /mnt")


def test_many_in_one_directory(m):
    m.run("mkdir -p /tmp/many/d && cd /tmp/many && seq 3500 | xargs touch")
    assert m.run("chmod -R 600 . 2>&1; ls -l | grep -c '^-rw-------'").strip() == "3500"
    assert m.run("cd /; rm -r /tmp/many; ls -d /tmp/many 2>&1") == "ls: /tmp/many: No such file or directory\n"


def test_hostile_archive_stays_inside(m):
    """A link to the outside and a file through it; a name with '..'."""
    m.run("mkdir -p /tmp/h/in /tmp/h/out; cd /tmp/h; ln -s /tmp/h/out link; busybox tar cf a.tar link")
    m.run("rm link; mkdir link; echo bad >link/f; busybox tar cf b.tar link/f; rm -r link; cd in")
    m.run("tar xf ../a.tar")
    assert "not unpacked" in m.run("tar xf ../b.tar; ls ../out")
    assert m.run("ls ../out; cd /; rm -r /tmp/h").strip() == ""


def test_system_check(m):
    out = m.run("system-check; echo status $?", 120)
    assert "0 failed" in out and "status 0" in out, out
    assert "FAILED" not in out


def start(m, command, pattern):
    m.run("clear")
    press(m, command + "\r", pattern, 20)


def test_edit(m):
    m.run("printf 'first\\nsecond\\n\\tthird\\n' >/tmp/e")
    start(m, "edit /tmp/e", r"\^S save")
    rows = press(m, "new " + DOWN + END + "!", r"^second!")
    assert rows[0] == "new first" and rows[2] == "        third"
    assert "*changed*" in "\n".join(rows)
    press(m, "\x1a", r"^second$")  # undo: what was typed last
    press(m, "\x19", r"^second!$")
    press(m, "\x06THIRD\x03\x06third\r", r"line 3, column 9")
    press(m, "\x0b" + UP + UP + "\x15", r"\A        third")  # the line, cut and pasted on top
    press(m, "\x13", r"saved \d+ bytes")
    press(m, "x\x11", r"Save first\?")
    leave(m, "n")
    assert m.run("cat /tmp/e") == "\tthird\nnew first\nsecond!\n"


def test_edit_says_what_it_cannot(m):
    assert "Is a directory" in m.run("edit /tmp")
    m.run("mkdir -p /mnt; busybox mount -t tmpfs -o size=64k none /mnt; seq 50000 >/tmp/big")
    start(m, "edit /mnt/f", "a new file")
    press(m, "kept text\x13", r"saved 9 bytes")
    leave(m, "\x11")
    assert "No space" in m.run("cat /tmp/big >/mnt/full")
    start(m, "edit /mnt/f", "kept text")
    press(m, END + " and more\x13", r"NOT saved: .*No space")
    press(m, "\x11", r"Save first\?")
    leave(m, "n")
    assert m.run("cat /mnt/f").strip() == "kept text"
    m.run("umount /mnt")


def test_edit_refuses_what_is_no_text(m):
    for name in ("/dev/zero", "/dev/console"):
        assert m.run(f"edit {name}; echo status $?") == f"edit: {name}: not a file with text\nstatus 1\n"


def test_edit_keeps_what_it_cannot_show(m):
    """Bytes that are no UTF-8, a zero, a long line, no newline at the end; and a file of nothing."""
    m.run(r"printf 'caf\351 \377\200\0\n' >/tmp/raw; seq 20000 | tr -d '\n' >>/tmp/raw; cp /tmp/raw /tmp/kept; : >/tmp/empty")
    start(m, "edit /tmp/raw", r"^caf.xe9 .xff.x80\^@$")
    press(m, DOWN + END + "+", r"line 2, column 88896")
    press(m, "\x13", r"saved 88904 bytes")
    leave(m, "\x11")
    assert m.run("printf + >>/tmp/kept; busybox cmp /tmp/raw /tmp/kept; echo $?") == "0\n"
    start(m, "edit /tmp/empty", r"line 1, column 1, 100%")
    leave(m, "\x11")
    assert m.run("wc -c </tmp/empty; rm /tmp/raw /tmp/kept /tmp/empty").strip() == "0"


def elsewhere(m, script, back=r"line \d+, column \d+"):
    """Runs a script on another console, while a program has this one."""
    m.key("alt", "f2")
    m.wait_screen(r"Press Enter for a shell|# *$")
    m.key("ret")
    m.wait_screen(r"^root:\S+ ?.*#")
    m.key("ctrl", "l")  # what is waited for must not stand there from before
    m.wait_screen(r"\Aroot:[^\n]*# *\n*\Z")
    m.type_blind("sh " + script)
    m.key("ret")
    m.wait_screen(r"^done " + script)
    m.key("alt", "f1")
    m.wait_screen(back)


def test_edit_and_somebody_else(m):
    """The file is changed below the editor, then deleted: it asks, and what was typed is not lost."""
    m.run("echo 'echo other >/tmp/both; echo done $0' >/tmp/c1; echo 'rm /tmp/both; echo done $0' >/tmp/c2; echo mine >/tmp/both")
    start(m, "edit /tmp/both", r"^mine$")
    elsewhere(m, "/tmp/c1")
    press(m, "x\x13", r"Somebody else has changed this file")
    press(m, "n", r"not saved")
    elsewhere(m, "/tmp/c2")
    press(m, "y\x13", r"saved 7 bytes")
    leave(m, "\x11")
    assert m.run("cat /tmp/both; rm /tmp/both /tmp/c1 /tmp/c2") == "xymine\n"


def resizer(m, name, rows, columns):
    m.run(f"echo 'busybox stty -F /dev/console rows {rows} cols {columns}; echo done $0' >{name}")
    return name


def test_resized(m):
    """The terminal becomes small and large again below edit and less: laid out anew, the cursor's line on it, nothing lost."""
    small, large = resizer(m, "/tmp/c1", 9, 40), resizer(m, "/tmp/c2", 25, 80)
    m.run("seq 100 | sed 's/.*/row & and more than forty columns of text/' >/tmp/s")
    start(m, "edit +50 /tmp/s", r"^row 50 and")
    press(m, "x", r"^xrow 50 and more")
    elsewhere(m, small)
    rows = m.wait_screen(r"^xrow 50 and more than forty columns of t$")
    assert "line 50" in rows[7] and not any(rows[9:]), rows
    press(m, END, r"line 50, column 44")
    press(m, "y", r"columns of texty$")
    elsewhere(m, large)
    rows = m.wait_screen(r"^xrow 50 and more than forty columns of texty$")
    assert "line 50" in rows[23] and rows[24].startswith("^S save"), rows
    press(m, "\x13", r"saved \d+ bytes")
    leave(m, "\x11")
    assert m.run("sed -n 50p /tmp/s").strip() == "xrow 50 and more than forty columns of texty"
    start(m, "less -N /tmp/s", r"\A +1 row 1 and")
    press(m, "/row 50\r", r"\A +50 xrow 50 and")
    elsewhere(m, small, r"^ +50 xrow 50")
    rows = m.wait_screen(r"\A +50 xrow 50 and more than forty colu$")
    assert not any(rows[9:]), rows
    elsewhere(m, large, r"^ +50 xrow 50")
    m.wait_screen(r"\A +50 xrow 50 and more than forty columns of text")
    leave(m, "q")
    m.run("rm /tmp/s /tmp/c1 /tmp/c2")


def test_less(m):
    start(m, "seq 1000 | less -N", r"^ +1 1$")
    press(m, " ", r"\A +25 25$")
    press(m, "/^50\r", r"\A +50 50$")
    press(m, "n", r"\A +500 500$")
    press(m, "G", r"^ +1000 1000$[\s\S]*\(END\)")
    press(m, "g", r"\A +1 1$")
    leave(m, "q")


def test_less_options(m):
    m.run("(seq 40; echo 'Needle and a line that is much longer than the eighty columns this terminal has: END'; seq 42 60) >/tmp/l")
    start(m, "less +30 /tmp/l", r"\A30$")
    press(m, "5g", r"\A5$")
    press(m, "50%", r"\A31$")
    leave(m, "q")
    start(m, "less -iS +/needle /tmp/l", r"\ANeedle and[^\n]*\n42$")
    press(m, "\x1b[C", r"\A.*: END$")
    press(m, "\x1b[D", r"\ANeedle")
    leave(m, "q")
    start(m, "less +G -N /tmp/l", r"^ +60 60$")
    leave(m, "q")
    assert m.run("seq 3 | less -F").replace("\x1b", "").endswith("1\n2\n3\n")
    assert m.run("less -FX /etc/hostname").split("\n")[-2].endswith(m.run("cat /etc/hostname").strip())
    m.run("rm /tmp/l")


def test_hostname_takes_no_option_for_a_name(m):
    """In the machine, not beside the distribution's: a mistake would rename whatever it runs on."""
    name = m.run("hostname")
    assert m.run("hostname -s") == name and m.run("hostname --short") == name
    assert "usage" in m.run("hostname -f") and "usage" in m.run("hostname -s other")
    assert m.run("hostname") == name
    m.run("hostname a.b.c")
    assert m.run("hostname -s") == "a\n" and m.run("hostname") == "a.b.c\n"
    m.run("hostname " + name.strip())


def test_reset(m):
    """Line drawing instead of letters, margins, no signals and no line ends: all gone."""
    m.run("clear")
    m.serial.send("printf '\\033)0\\016\\033[3;9r'; busybox stty -isig -opost; reset; echo again; busybox stty -a\r")
    rows = m.wait_screen(r"^again$")
    m.expect(PROMPT)
    settings = m.serial.before.decode()
    assert rows[0] == "again" and re.search(r"\sopost [\s\S]*\sisig ", settings), settings


def test_top_fits_the_screen(m):
    m.run("busybox stty rows 24 cols 40")
    out = m.run("top -n 2 -d 0.2; busybox stty rows 25 cols 80")
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out).split("\n")
    assert len(lines) > 8 and all(len(line) <= 40 for line in lines), lines


def test_demo_ends_by_a_key(m):
    start(m, "demo 3", r"any key ends it")
    m.wait_screen(r"process \d+ +\d+ primes +[^ .]")
    m.serial.send("x")
    m.expect("3 processes were started and have ended")
    m.expect(PROMPT)
    assert "demo" not in m.run("ps")


def test_man(m):
    assert "system call 0" in m.run("man 2 read | cat")
    assert "usage: tar" in m.run("man tar | cat")
    assert "no page" in m.run("man nosuchthing")
    # No tool without a page, nor without a line in the list.
    loop = "for t in /bin/*; do t=${t##*/}; case $t in busybox | sh | tools) ;; *) man 1 \"$t\" | grep -q usage || echo none: $t ;; esac; done"
    assert "none:" not in m.run(loop)
    assert not [row for row in m.run("help -l").split("\n") if re.fullmatch(r"  \S+ *", row)]
    assert all(len(row) <= 80 for row in m.run("man xargs | cat").split("\n"))
    prose = re.search(r"\nPrint lines [\s\S]*", m.run("man grep | cat"))[0].strip().split("\n")
    assert len(prose) > 3 and all(len(row) > 50 for row in prose[:-1]), prose  # one paragraph, filled
    start(m, "man 2 poll", r"\Apoll - system call 7")
    leave(m, "q")
