"""The screen engine against pyte, a terminal emulator of the distribution, cell by cell, on what vim, less, nano and htop
sent (tests/data/sessions)."""
import glob
import os
import re
import subprocess

import pyte
import pytest

from machine import BUILD, ROOT

COLS, ROWS, EVERY = 80, 25, 701
SESSIONS = os.path.join(ROOT, "tests", "data", "sessions")
NAMED = ["21222c", "ff5555", "50fa7b", "f1fa8c", "bd93f9", "ff79c6", "8be9fd", "f8f8f2",
         "6272a4", "ff6e6e", "69ff94", "ffffa5", "d6acff", "ff92df", "a4ffff", "ffffff"]
NAMES = ["black", "red", "green", "brown", "blue", "magenta", "cyan", "white"]
FG, BG = "f8f8f2", "282a36"
UNDERLINE, REVERSE, BOLD, ITALIC = 2, 4, 1, 8


@pytest.fixture(scope="module")
def engine(worker_id):
    """The program that prints the engine's cells; the engine's files are those of its host test."""
    program = os.path.join(BUILD, "unit", "vt_cells")
    own = f"{program}.{worker_id}"  # nobody else runs it while it is written
    os.makedirs(os.path.dirname(program), exist_ok=True)
    with open(os.path.join(ROOT, "tests", "unit", "test_vt.c")) as f:
        sources = re.match(r"/\* Sources: (.*) \*/", f.readline())[1].split()
    subprocess.run(["gcc", "-std=gnu17", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Isrc/kernel",
                    "-I.", "tests/unit/vt_cells.c", "tests/unit/host.c", *sources, "-lcmocka", "-o", own], cwd=ROOT, check=True)
    os.replace(own, program)
    return program


def cells_of_engine(program, data, every):
    """[(bytes, cursor, {(row, col): (character, fg, bg, attributes)})]"""
    out = subprocess.run([program, str(COLS), str(ROWS), str(every)], input=data, stdout=subprocess.PIPE, check=True,
                         env={"ASAN_OPTIONS": "detect_leaks=0"}).stdout
    screens = []
    for line in out.decode().splitlines():
        word = line.split()
        if word[0] == "@":
            screens.append((int(word[1]), (int(word[2]), int(word[3])), {}))
        else:
            screens[-1][2][int(word[0]), int(word[1])] = (chr(int(word[2], 16)), word[3], word[4], int(word[5], 16))
    return screens


def colour(name, bold, otherwise):
    """The palette is ours, and bold brightens the first eight colours, as on Linux's console."""
    if name == "default":
        return otherwise
    bright = name.startswith("bright")
    if name.replace("bright", "") in NAMES:
        return NAMED[NAMES.index(name.replace("bright", "")) + 8 * (bright or bold)]
    return name


def cells_of_pyte(screen):
    cells = {}
    for row in range(ROWS):
        for col in range(COLS):
            c = screen.buffer[row][col]
            attr = BOLD * c.bold | UNDERLINE * c.underscore | REVERSE * c.reverse | ITALIC * c.italics
            cells[row, col] = (c.data, colour(c.fg, c.bold, FG), colour(c.bg, False, BG), attr)
    return cells


def seen(cells):
    """Without what cannot be seen: pyte erases with the whole pen, Linux and xterm with its background."""
    out = {}
    for place, (ch, fg, bg, attr) in cells.items():
        blank = ch == " " and not attr & (UNDERLINE | REVERSE)
        if not blank or bg != BG:
            out[place] = (ch, None, bg, 0) if blank else (ch, fg, bg, attr)
    return out


@pytest.mark.parametrize("name", sorted(os.path.basename(p)[:-6] for p in glob.glob(SESSIONS + "/*.bytes")))
def test_recorded_session(engine, name):
    with open(os.path.join(SESSIONS, name + ".bytes"), "rb") as f:
        data = f.read()
    screen = pyte.Screen(COLS, ROWS)
    stream = pyte.ByteStream(screen)
    at = 0
    for end, cursor, ours in cells_of_engine(engine, data, EVERY):
        stream.feed(data[at:end])
        at = end
        ours, theirs = seen(ours), seen(cells_of_pyte(screen))
        wrong = {at: (ours.get(at), theirs.get(at)) for at in ours.keys() | theirs.keys() if ours.get(at) != theirs.get(at)}
        assert not wrong, f"after {end} bytes, ours and pyte's: {sorted(wrong.items())[:10]}"
        assert cursor == (screen.cursor.y, min(screen.cursor.x, COLS - 1)), f"the cursor after {end} bytes"
    assert at == len(data)
