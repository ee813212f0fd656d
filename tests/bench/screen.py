"""The console's throughput in text mode and on a framebuffer of 1024x768, against Linux's vgacon and fbcon in the same
QEMU. A counted instruction is a nanosecond, so the figures are bytes a second of a machine that executes 10^9
instructions a second; what a write to the screen's memory costs beside its instruction is not in them, --wall has it.
And how long a key press takes until its character is there (key.c)."""
import os

import guest
import key

LINES = ["vt_text", "vt_scroll", "vt_lines", "vt_colour"]
SCREENS = {"text": "", "pixels": "set pixels=1\nset gfxpayload=1024x768x32"}
VESA_1024x768x32 = 0x344  # the number of QEMU's video BIOS, 0x144, as Linux's vga= wants it
GOAL = 2.0                # times Linux's throughput


def rates(args, counted):
    """{line: bytes a second}; of key_echo: presses a second"""
    found = {}
    with key.Presser() as presser:
        lines = guest.run(args + presser.args, counted=counted, show=presser)
    scale = 1.0  # ns for a tick
    for text in lines:
        word = text.split()
        if len(word) == 2 and word[0] == "CLOCK" and not counted:
            scale = 1 + int(word[1]) / 1e6
        elif text.startswith("BENCH ") and len(word) == 5 and word[2] == "ok":
            found[word[1]] = int(word[3]) * (1 if word[1] == key.LINE else 1024) * 1e9 / (int(word[4]) * scale)
    if "END" not in lines:
        print("    it did not run to its end:", *lines[-4:], sep="\n    | ")
    return found


def compare(rustica_args, linux_args, counted, with_linux=True):
    """rustica_args(words, header), linux_args(words, append): arguments for QEMU. Prints a table; returns the rows."""
    rows = []
    print(f"\n{'line':<11} {'screen':<7} {'Rustica MB/s':>13} {'Linux MB/s':>11} {'times':>6}")
    for screen, header in SCREENS.items():
        mine = rates(rustica_args(LINES + [key.LINE], header), counted)
        append = f" vga={VESA_1024x768x32}" if screen == "pixels" else ""
        theirs = rates(linux_args(LINES + [key.LINE], append), counted) if with_linux else {}
        for name in LINES + [key.LINE]:
            a, b = mine.get(name), theirs.get(name)
            times = a / b if a and b else None
            cells = [(f"{1e6 / v:,.2f} us" if name == key.LINE else f"{v / 1e6:,.2f}") if v else "-" for v in (a, b)]
            print(f"{name:<11} {screen:<7} {cells[0]:>13} {cells[1]:>11} {f'{times:.1f}' if times else '-':>6}"
                  + ("  below the goal" if times and times < GOAL else ""), flush=True)
            rows.append({"name": name, "screen": screen, "ours": a, "linux": b, "times": times})
    return rows
