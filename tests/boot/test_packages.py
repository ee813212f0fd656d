"""Debian's programs, unmodified, each in its scenario (tests/programs): what it prints in the guest is what it printed
in the same tree on this machine's Linux. All packages are in one image, which the first of these tests makes: it
downloads what is not in build/apt yet (130 MB)."""
import difflib
import os
import re

import pytest

from machine import PROMPT, ROOT, Machine

import images

NIGHTLY = "NIGHTLY" in os.environ
STRESS = ("stress", "stress-more")  # minutes each; test_stress.py has its own selection
FEW = ("bash", "dash", "git", "lua", "python-minimal", "sqlite", "tcc", "text")
MACHINES = {"bios-four": ("bios", 4), "uefi-one": ("uefi", 1)}
if NIGHTLY:
    MACHINES.update({"bios-one": ("bios", 1), "uefi-four": ("uefi", 4)})
SECONDS = 600  # of the slowest on a busy host


def runs():
    """Everything on four CPUs; the same on every machine by night."""
    for machine in MACHINES:
        for name in images.scenarios():
            if NIGHTLY or (name in FEW if machine == "uefi-one" else name not in STRESS):
                yield pytest.param(machine, name, id=f"{machine}-{name}")


@pytest.fixture(scope="module")
def m(request, programs_iso):
    firmware, cpus = MACHINES[request.param]
    with Machine(firmware, iso=programs_iso, memory="2G", args=["-smp", str(cpus)]) as machine:
        yield machine.boot()


def documented():
    """What docs/compat.md lists, as (program, what); the program "any" stands for all."""
    with open(os.path.join(ROOT, "docs", "compat.md")) as f:
        rows = re.findall(r"^\| ([^|`]+) \| `([^|]+)` \| [^|]+ \|$", f.read(), re.M)
    return {(program, what) for programs, what in rows for program in programs.split(", ")}


def asked_in_vain(m):
    """The same of what this machine has counted so far and compat has no reason for. stress-ng asks for everything on purpose."""
    lines = re.findall(r"^(\S+) +\d+  (.*?): (.*)$", m.run("compat"), re.M)
    return {(program, what) for program, what, answer in lines if not program.startswith("stress-ng") and "(harmless: " not in answer}


def new_gaps(m):
    """What came up since the last look and neither compat nor docs/compat.md says why it does no harm."""
    gaps, known = asked_in_vain(m), documented()
    fresh, m.gaps = gaps - getattr(m, "gaps", set()), gaps
    return sorted(f"{program}: {what}" for program, what in fresh if not {(program, what), ("any", what)} & known)


@pytest.mark.skipif(not images.may_have_namespaces(), reason="this machine does not let a program have a root of its own")
@pytest.mark.parametrize("m, name", runs(), indirect=["m"], scope="module")
def test_same_as_linux(m, name):
    m.run(f"/t/run {name} >/tmp/out 2>&1; echo status $? >>/tmp/out", SECONDS)
    got = images.plain(m.run("cat /tmp/out; echo '#end'; rm -r /tmp/*").rsplit("#end\n", 1)[0]).rstrip("\n").split("\n")
    for tries in range(2):  # where processes race Linux has more than one answer, and this must be one of them
        want = images.on_linux(name).rstrip("\n").split("\n")
        different = list(difflib.unified_diff(want, got, "Linux", "here", lineterm="", n=1))
        if not different:
            break
    gaps = new_gaps(m)
    assert not different, "\n".join(different)
    assert not gaps, "not in docs/compat.md:\n" + "\n".join(gaps)


BASH, PYTHON = r"bash-5[^#]*# ", r">>> "


def then(output, prompt):
    """The output, and the prompt behind it: what is typed earlier meets a terminal that is being switched over."""
    return rf"{output}(?s:.*?){prompt}"


DIALOGUES = {  # what is typed, and what must come then
    "bash": [("bash --norc\r", BASH), ("echo /etc/pas\t\r", then(r"\r/etc/passwd\r", BASH)), ("cd /tmp; touch aa1 aa2\r", BASH),
             ("ls a\t\t\t", r"aa1 +aa2"), ("2\r", then(r"\raa2\r", BASH)), ("echo one$((1))two\r", then(r"\rone1two\r", BASH)),
             ("\x1b[A\r", then(r"\rone1two\r", BASH)), ("\x12one$", r"reverse-i-search"), ("\r", then(r"\rone1two\r", BASH)),
             ("echo go$((1)); cat\r", r"\rgo1\r"), ("line\r", r"line\r+\nline\r"), ("\x1a", then(r"Stopped +cat", BASH)), ("fg\r", r"\rcat\r"),
             ("more\r", r"more\r+\nmore\r"), ("\x03", BASH), ("sleep 100 &\r", then(r"\[1\] \d+", BASH)), ("jobs\r", then(r"Running +sleep 100", BASH)),
             ("kill %1; wait\r", then(r"Terminated +sleep 100", BASH)), ("jobs; echo none$((1))\r", then(r"\rnone1\r", BASH)), ("exit\r", PROMPT)],
    "less": [("seq 1 1000 >/tmp/n; less /tmp/n\r", r"\n20\r*\n"), ("/777\r", r"\n790\r"), ("G", r"END"), ("q", PROMPT)],
    "vim": [("vim.tiny -u NONE /tmp/v\r", r"\[New"), ("ihello vim\x1bohere\x1b:w\r", r"written"), (":s/here/there/\r:wq\r", PROMPT), ("cat /tmp/v\r", r"\nhello vim\r*\nthere\r"), ("\r", PROMPT)],
    "nano": [("nano /tmp/o\r", r"GNU nano"), ("hello nano\x0f", r"Name to Write"), ("\r", r"Wrote 1 line"), ("\x18", PROMPT), ("cat /tmp/o\r", r"\nhello nano\r"), ("\r", PROMPT)],
    "python": [("python3 -q\r", PYTHON), ("6*7\r", then(r"\n42\r", PYTHON)), ("import os\r", PYTHON), ("os.getp\t\t", r"getpid"),
               ("id() == os.getpid()\r", then(r"\nTrue\r", PYTHON)),
               ("while True: pass\r\r", r"\.\.\. \r*\n"), ("\x03", then("KeyboardInterrupt", PYTHON)), ("\x04", PROMPT)],
}


@pytest.mark.parametrize("m, name", [pytest.param("bios-four", name, id=f"bios-four-{name}") for name in DIALOGUES], indirect=["m"], scope="module")
def test_at_the_terminal(m, name):
    """Completion, history, job control, full screens: typed by somebody who waits for each answer."""
    try:
        for typed, wanted in DIALOGUES[name]:
            m.serial.send(typed)
            m.expect(wanted, 120)
    except AssertionError:
        m.close()  # the next ones would talk to this program, and wait for long
        raise
    m.run("cd; rm -f /tmp/*")
    gaps = new_gaps(m)
    assert not gaps, "not in docs/compat.md:\n" + "\n".join(gaps)
