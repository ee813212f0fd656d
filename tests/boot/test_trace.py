"""trace: the system calls of programs, as lines; and the distribution's strace, unmodified."""
import os
import re
import shutil
import subprocess

import pytest

from machine import Machine, make_initrd, make_iso, work_dir


def with_libraries(program):
    """The program and what it is linked with, as files of an initrd."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    names = [program] + [n for n in re.findall(r"(/\S+) \(0x", out)]
    return {name: os.path.realpath(name) for name in names}


@pytest.fixture(scope="module", params=["bios"])
def m(request):
    directory = work_dir("trace")
    files = with_libraries("/usr/bin/strace") if shutil.which("strace") else {}
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, files))
    with Machine(request.param, iso=iso) as machine:
        yield machine.boot()


def lines(m, command):
    m.run(f"{command} 2> /tmp/trace; echo status $? >> /tmp/trace")
    return m.run("cat /tmp/trace")


def test_names_arguments_results(m):
    out = lines(m, "trace cat /etc/motd > /dev/null")
    assert 'execve("cat", ["cat", "/etc/motd"]) = 0' in out
    assert re.search(r'open\("/etc/motd", O_RDONLY(\|O_\w+)*\) = 3', out), out
    assert re.search(r'read\(3, "\\n  Welcome[^"]*"\.\.\., \d+\) = \d+', out), out
    assert "exit_group(0) = ?" in out and "+++ exited with 0 +++" in out


def test_errors_have_names(m):
    out = lines(m, "trace cat /nosuch")
    assert re.search(r'open\("/nosuch", .*\) = -1 ENOENT \(No such file or directory\)', out), out
    assert "+++ exited with 1 +++" in out and "status 1" in out


def test_selection_and_output_file(m):
    out = m.run("trace -o /tmp/only -e write,writev,exit_group echo word; cat /tmp/only")
    assert re.search(r"^word$", out, re.M) and "exit_group(0) = ?" in out and "arch_prctl" not in out
    assert "no such system call" in m.run("trace -e nonsense true")


def test_signals(m):
    out = lines(m, "trace sh -c 'kill -USR1 $$'")
    assert re.search(r"--- SIGUSR1 \{si_signo=SIGUSR1, si_code=0, si_pid=\d+, si_uid=0\} ---", out), out
    assert "+++ killed by SIGUSR1 +++" in out and "status 138" in out


def test_children_are_followed(m):
    out = lines(m, "trace -f -e execve,wait4,exit_group sh -c 'true; cat /dev/null; exit 3'")
    assert len(re.findall(r"\[pid +\d+\] execve\(\"/bin/\w+\"", out)) >= 1, out
    assert re.search(r"wait4 resumed>.*WEXITSTATUS\(s\) == 0|wait4\(.*WEXITSTATUS\(s\) == 0", out), out
    assert out.count("+++ exited with 0 +++") >= 1 and "status 3" in out


def test_a_running_process(m):
    m.run("sh -c 'while :; do sleep 0.05; done' & echo $! > /tmp/pid")
    m.run("trace -f -o /tmp/attached -p $(cat /tmp/pid) & sleep 0.6; kill -INT $!; wait $!")
    out = m.run("cat /tmp/attached")
    assert re.search(r"(nanosleep|clock_nanosleep)\(.*tv_nsec=50000000\}", out), out
    assert re.search(r"\bS\b|\bR\b", m.run("ps | busybox grep -v ps | busybox grep while"))  # it goes on
    m.run("kill $(cat /tmp/pid); wait")


def test_summary(m):
    out = m.run("trace -c ls / > /dev/null")
    assert re.search(r"^100\.00 +[\d.]+ +\d+ +\d+ .*total$", out, re.M), out
    assert re.search(r"getdents64$", out, re.M), out


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace here")
def test_the_distributions_strace(m):
    out = lines(m, "strace -f sh -c 'ls /etc > /dev/null; true'")
    assert re.search(r'execve\("/bin/sh", \["sh", "-c", .*\], 0x[0-9a-f]+ /\* \d+ vars \*/\) = 0', out), out
    assert re.search(r"getdents64\(3, .* entries \*/, \d+\) += \d+", out) and "+++ exited with 0 +++" in out
    assert "status 0" in out
