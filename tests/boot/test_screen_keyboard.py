"""The screen and the PS/2 keyboard: a person without a serial line."""
import os
import subprocess

import pytest

from machine import BUILD, KEY_NAMES, ROOT, Machine, make_initrd, read_ppm, recognise, work_dir

PROMPT_ROW = r"^root:\S+ ?.*#"
SHOTS = os.path.join(BUILD, "screenshots")


def shot(m, name):
    os.makedirs(SHOTS, exist_ok=True)
    m.screenshot(os.path.join(SHOTS, name + ".png"))


@pytest.fixture(scope="module", params=["bios-text", "bios-pixels", "uefi"])
def m(request, isos):
    options = {}
    if request.param == "bios-pixels":
        options["iso"] = isos("pixels", "quiet", header="set pixels=1")
    with Machine(request.param.split("-")[0], **options) as machine:
        machine.name = request.param
        machine.wait_screen(PROMPT_ROW, 240)
        yield machine


def test_ls_pipe_cat_on_keyboard_and_screen(m):
    m.type("clear\n")
    m.type("ls -l /bin | cat\n")
    rows = m.wait_screen(r"^lrwxrwxrwx .* wc -> tools$")
    shot(m, m.name + "-ls")
    assert any(row.startswith("-rwxr-xr-x") for row in rows)


def test_shift_and_caps_lock(m):
    m.type("clear\n")
    m.type("echo Shift; echo '_+{}|:\"<>?!@#$%^&*()~'\n")
    m.wait_screen(r"^Shift$")
    m.wait_screen(r'^_\+\{\}\|:"<>\?!@#\$%\^&\*\(\)~$')
    m.key("caps_lock")
    m.type("echo caps 1\n".replace("echo", "echo"))
    m.key("caps_lock")
    m.wait_screen(r"ECHO CAPS 1")


def test_control_c_on_the_keyboard(m):
    m.type("clear\n")
    m.type("sleep 100\n")
    m.key("ctrl", "c")
    m.type("echo status $?\n")
    m.wait_screen(r"^status 130$")


def test_backspace_and_control_u(m):
    m.type("clear\n")
    m.type("echo wrogn")
    m.key("backspace")
    m.key("backspace")
    m.type("ng\n")
    m.wait_screen(r"^wrong$")
    m.type("garbage")
    m.key("ctrl", "u")
    m.type("echo clean\n")
    m.wait_screen(r"^clean$")


def test_busybox_vi_on_the_screen(m):
    m.type("busybox vi /etc/motd\n")
    m.wait_screen(r"motd.* 1/\d+ \d+%")
    shot(m, m.name + "-vi")
    m.key("down")
    m.wait_screen(r"motd.* 2/\d+ \d+%")
    m.type(":q\n")
    m.wait_screen(PROMPT_ROW)


def test_scrolling_keeps_every_line(m):
    m.type("clear\n")
    m.type("busybox seq 1 500\n")
    rows = m.wait_screen(r"^500$")
    numbers = [int(row) for row in rows if row.isdigit()]
    assert numbers == list(range(501 - len(numbers), 501)) and len(numbers) >= 20


def test_a_thousand_keys_none_lost(m):
    """As fast as the emulated controller can hold them: its queue has room for eight keys, down and up."""
    m.type("clear\n")
    m.type("wc\n")
    letters = ("the quick brown fox jumps over the lazy dog 0123456789 " * 19)[:999]
    for at in range(0, len(letters), 8):
        before = os.path.getsize(m.e9_path)
        piece = letters[at:at + 8]
        for ch in piece:
            m.key(KEY_NAMES.get(ch, ch))
        m.wait_for(lambda: os.path.getsize(m.e9_path) >= before + len(piece), 60, f"echo of {piece!r}")
    m.key("ret")
    m.key("ctrl", "d")
    words = len(letters.split())
    m.wait_screen(rf"^ +1 +{words} +1000$")


def test_serial_and_screen_show_the_same(m):
    """All outputs get the same bytes: the serial transcript and port 0xE9 agree."""
    m.type("echo same bytes everywhere\n")
    m.wait_for(lambda: "\nsame bytes everywhere" in m.e9_text(), 30, "the line on port 0xE9")
    m.expect(r"\nsame bytes everywhere\r", 30)
    m.wait_screen(r"^same bytes everywhere$")


def test_letters_of_europe(m):
    """Text mode takes its second 256 glyphs when the first letter needs them; what was there stays."""
    m.type("clear\n")
    octal = "".join(f"\\{byte:o}" for byte in "Ждф λψ zź".encode())
    m.serial.send(f"printf '\\33[1;31mstays\\33[m {octal}\\n'\r")
    path = os.path.join(m.dir, "letters.ppm")

    def look():
        m.qmp.command("screendump", filename=path)
        width, height, pixels = read_ppm(path)
        rows = recognise(width, height, pixels, 9 if width == 720 else 8)
        return "stays Ждф λψ zź" in rows
    m.wait_for(look, 60, "letters")


def test_virtual_consoles(m):
    """Each keeps its own cells, and what is typed goes where one looks."""
    m.type("clear\n")
    m.type("echo left-on-one\n")
    m.wait_screen(r"^left-on-one$")
    m.key("alt", "f2")
    m.wait_screen(r"^  Press Enter for a shell\.$")
    m.key("ret")
    m.wait_screen(PROMPT_ROW)
    before = len(m.serial_text())
    m.type_blind("echo left-on-two")
    m.key("ret")
    rows = m.wait_screen(r"^left-on-two$")
    shot(m, m.name + "-tty2")
    assert "left-on-one" not in rows and "left-on-two" not in m.serial_text()[before:]
    m.serial.send("cat /proc/consoles\r")
    m.expect(r"ttyS0 +-WU \(EC  p  \) +4:64\r\ntty0 +-WU \(EC  p  \) +4:1\r", 30)
    assert "left-on-two" in m.wait_screen(r"^left-on-two$")
    m.key("alt", "f1")
    rows = m.wait_screen(r"^left-on-one$")
    assert "left-on-two" not in rows


def test_chvt(m):
    m.key("alt", "f1")
    m.serial.send("clear; busybox chvt 3 && echo switched\r")
    m.wait_screen(r"^  Press Enter for a shell\.$")
    m.serial.send("busybox chvt 9; busybox chvt 1; echo back $?\r")
    m.wait_screen(r"^back 0$")


def test_scrollback(m):
    m.key("alt", "f1")
    m.type("clear\n")
    m.type("busybox seq 1 300\n")
    m.wait_screen(r"^300$")
    m.key("shift", "pgup")
    m.key("shift", "pgup")
    m.key("shift", "pgup")
    m.wait_for(lambda: "300" not in m.screen_text(), 30, "older lines")
    rows = [row for row in m.screen_text() if row.isdigit()]
    assert len(rows) > 20 and int(rows[-1]) < 300 and rows == [str(int(rows[0]) + i) for i in range(len(rows))]
    m.key("shift", "pgdn")
    m.type("echo at the end\n")
    assert "300" in m.wait_screen(r"^at the end$")


def test_the_screen_apart_from_the_console(isos):
    """With a console on the serial line alone tty1 is a terminal like the others."""
    with Machine(iso=isos("apart", "quiet console=tty0 console=ttyS0")) as m:
        m.boot()
        m.wait_screen(r"^  Press Enter for a shell\.$")
        m.key("ret")
        m.wait_screen(PROMPT_ROW)
        m.type_blind("echo on the screen")
        m.key("ret")
        m.wait_screen(r"^on the screen$")
        m.run(r"printf '\033[6n' >/dev/tty3")  # the answer is for who reads there
        m.key("alt", "f3")
        m.wait_screen(r"^\^\[\[3;1R")
        assert "on the screen" not in m.serial_text()


def test_without_a_screen_there_are_no_virtual_consoles():
    with Machine(vga="none") as m:
        m.boot()
        assert m.run("ls /dev | grep -e 'tty[1-4]' -e fb0; echo $?") == "1\n"
        assert "no screen" in m.run("loadkeys de")
        m.key("alt", "f2")
        m.type("echo typed\n")
        m.expect("\ntyped\r", 30)


def test_a_program_draws_pixels(isos):
    """/dev/fb0 where the screen is pixels: what is drawn is seen, and the console goes on."""
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, "user-tests"], check=True, stdout=subprocess.DEVNULL)
    program = os.path.join(BUILD, "user", "tests", "guest", "fb_draw")
    directory = work_dir("fb")
    initrd = make_initrd(directory, {"/t/fb_draw": program})
    with Machine(iso=isos("fb", "loglevel=1 console=tty0 console=ttyS0", header="set pixels=1", initrd=initrd)) as m:
        m.boot()
        out = m.run("/t/fb_draw")
        assert "ALL PASS" in out, out
        width, _, pixels = m.screen_pixels()
        at = lambda x, y: tuple(pixels[(y * width + x) * 3:][:3])
        corners = [(x, y) for x in (320, 519) for y in (240, 289)]
        assert all(at(x, y) == (0xf8, 0x10, 0x20) for x, y in corners), [at(x, y) for x, y in corners]
        assert at(320, 290) == at(519, 339) == (0x10, 0xf8, 0x20)
        assert all(at(x, y) not in ((0xf8, 0x10, 0x20), (0x10, 0xf8, 0x20)) for x, y in ((319, 240), (520, 240), (320, 239), (320, 340)))
        m.run("echo the console goes on >/dev/tty0")
        m.wait_screen("the console goes on")
