"""`make iso` with PACKAGES, ADD, INIT and ARGS, as the README has it: the image boots and holds what was asked for, and
what cannot be had is said in one line."""
import filecmp
import os
import re
import shutil
import subprocess
import tempfile

import pytest

from machine import BUILD, ROOT, Machine

import images

NOBODY = 65534
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
PROGRAM = r"""
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("<%s>\n", argv[i]);
    printf("pid %s, %s\n", getpid() == 1 ? "1" : "not 1", access("/proc/self/exe", F_OK) ? "no /proc" : "/proc");
    fflush(stdout);
    return argc > 1 ? 40 + argc : *(volatile char *)0;
}
"""


def make_iso_of(tmp_path, status=0, **words):
    """(path of the ISO, what make said)"""
    iso = tmp_path / "image.iso"
    done = subprocess.run(["make", "-s", "iso", f"IMAGE={iso}", *(f"{k}={v}" for k, v in words.items())], cwd=ROOT, env=CLEAN,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert (done.returncode == 0) == (status == 0), done.stdout
    assert iso.exists() == (status == 0)
    return str(iso), done.stdout


def boot_to_the_end(iso, memory="512M"):
    with Machine("bios", iso=iso, memory=memory) as m:
        m.wait_exit(120)
        return m.e9_text().replace("\r", "")


@pytest.mark.parametrize("how", ["static", "dynamic"])
def test_a_program_alone(tmp_path, how):
    """Its words, its exit status, and the machine is off. A program linked dynamically brings its libraries along."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    program = folder / "program"
    subprocess.run(["gcc", "-x", "c", "-", "-O1", "-o", program, *(["-static"] if how == "static" else ["-Wl,--no-as-needed", "-lm"])], input=PROGRAM, text=True, check=True)
    iso, said = make_iso_of(tmp_path, INIT=program, ARGS="first second")
    assert re.search(r"^iso: .*image\.iso, \d+ MiB", said, re.M), said
    text = boot_to_the_end(iso)
    assert "<first>\n<second>\npid not 1, /proc\n" in text and f"/{program.name}: exit status 43\n" in text


def test_a_program_alone_that_crashes(tmp_path):
    """In 6 MiB, which is what an image of one program of 800 KiB needs."""
    program = tmp_path / "crash"
    subprocess.run(["gcc", "-x", "c", "-", "-static", "-O1", "-o", program], input=PROGRAM, text=True, check=True)
    assert "/crash: killed by signal 11 (Segmentation fault)\n" in boot_to_the_end(make_iso_of(tmp_path, INIT=program)[0], memory="6M")


def test_a_folder_and_a_file_of_mine(tmp_path):
    folder = tmp_path / "my folder"
    (folder / "opt/deep er").mkdir(parents=True)
    (folder / "opt/deep er/file").write_text("of mine\n")
    (folder / "opt/link").symlink_to("deep er/file")
    (folder / "opt/run").write_text("#!/bin/sh\necho ran\n")
    (folder / "opt/run").chmod(0o755)
    with Machine("bios", iso=make_iso_of(tmp_path, ADD=folder)[0]) as m:
        m.boot()
        assert m.run("cat /opt/link; /opt/run; ls -A /opt").split("\n")[:2] == ["of mine", "ran"]
    os.remove(tmp_path / "image.iso")
    with Machine("bios", iso=make_iso_of(tmp_path, ADD=folder / "opt/run")[0]) as m:
        assert m.boot().run("run").startswith("ran\n")


@pytest.mark.parametrize("words, complaint", [
    ({}, r'^iso: nothing to add: give PACKAGES="name\.\.\.", ADD=directory or INIT=program'),
    ({"ADD": "/nosuch/thing"}, r"^iso: ADD=/nosuch/thing: no such file or directory"),
    ({"INIT": "/nosuch/program"}, r"^iso: INIT=/nosuch/program: no such file"),
    ({"PACKAGES": "Not_A_Name"}, r"^packages: 'Not_A_Name' is no name of a package"),
    ({"PACKAGES": "bash no-such-package-1"}, r"^packages: .*Unable to locate package no-such-package-1"),
])
def test_what_cannot_be_had(tmp_path, words, complaint):
    _, said = make_iso_of(tmp_path, status=1, **words)
    assert re.search(complaint, said, re.M | re.S), said
    assert "Traceback" not in said


def place_of_somebody_else(place):
    """All that `make iso` calls, with what was downloaded, in a folder that an ordinary user owns."""
    for folder in ("tools", "grub", "iso", "src/user/rootfs", "build/user", "build/apt"):
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(place, folder), symlinks=True)
    shutil.copy(os.path.join(BUILD, "rustica.elf"), os.path.join(place, "build"))
    if os.geteuid() == 0:
        os.chmod(os.path.dirname(place), 0o755)
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", place], check=True)


def test_packages(tmp_path):
    """The README's example; then once more by an ordinary user, without a network, in a folder with a blank in its name:
    the same bytes, from what was downloaded."""
    names = "bash coreutils git python3-minimal sqlite3"
    iso, _ = make_iso_of(tmp_path, PACKAGES=names)
    with Machine("bios", iso=iso, memory="1G") as m:
        m.boot()
        lines = m.run("git --version; python3 -c 'print(6 * 7)'; sqlite3 :memory: 'select 8 * 9'; bash -c 'echo $((1 << 4))'; ls --version")
        assert re.match(r"git version \S+\n42\n72\n16\nls \(GNU coreutils\)", lines), lines
    command = ["tools/mkimage", "build/image.iso", "build/rustica.elf", "build/user", "src/user/rootfs", "/bin/busybox"]
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        if images.may_have_namespaces():
            command = ["unshare", "--net", *command]
    with tempfile.TemporaryDirectory(prefix="rustica-test-") as folder:
        place = os.path.join(folder, "a place")
        place_of_somebody_else(place)
        done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**CLEAN, "HOME": place, "PACKAGES": names})
        assert done.returncode == 0, done.stdout
        assert filecmp.cmp(iso, os.path.join(place, "build/image.iso"), shallow=False)
    os.remove(iso)
