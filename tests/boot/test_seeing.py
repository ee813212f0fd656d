"""Our own tools that show and steer processes, and what procps makes of /proc, unmodified."""
import os
import re
import subprocess

import pytest

from machine import PROMPT, Machine, make_initrd, make_iso, work_dir

PROCPS = [p for p in ("/usr/bin/ps", "/usr/bin/free", "/usr/bin/uptime", "/usr/bin/vmstat", "/usr/bin/pgrep") if os.path.exists(p)]


@pytest.fixture(scope="module", params=["bios"])
def m(request):
    directory = work_dir("seeing")
    files = {}
    for program in PROCPS:
        files["/procps/" + os.path.basename(program)] = program
        for library in re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", program], capture_output=True, text=True).stdout):
            files[library] = os.path.realpath(library)
    iso = make_iso(directory, "console=tty0 console=ttyS0 loglevel=1", initrd=make_initrd(directory, files) if files else None)
    with Machine(request.param, iso=iso) as machine:
        yield machine.boot()


def test_ps_by_columns(m):
    out = m.run("ps -eo pid,ppid,comm,args")
    assert re.search(r"^ +1 +0 init +/sbin/init$", out, re.M) and re.search(r"^ +2 +1 sh +-sh$", out, re.M), out
    assert m.run("ps -p 1 -o comm=").strip() == "init"
    assert re.match(r"USER +PID %CPU %MEM +VSZ +RSS TTY +STAT START +TIME COMMAND", m.run("ps aux"))
    assert re.match(r"USER +PID +PPID +C STIME TTY +TIME CMD", m.run("ps -ef"))
    assert m.run("ps -C init -o pid=").strip() == "1" and m.run("ps -u nobody -o pid=; echo $?").strip() == "1"
    assert re.search(r"^ +1 init$", m.run("ps -u 0 -o pid=,comm="), re.M) and m.run("ps -aux").startswith("USER ")
    assert "no such column" in m.run("ps -o nonsense")


def test_nice_and_renice(m):
    assert m.run("nice -n 5 nice").strip() == "5" and m.run("nice").strip() == "0"
    m.run("sleep 100 & echo $! > /tmp/pid")
    m.run("renice -n 3 $(cat /tmp/pid)")
    assert m.run("ps -p $(cat /tmp/pid) -o ni=").strip() == "3"
    m.run("kill $(cat /tmp/pid); wait")


def test_pgrep_and_pkill(m):
    m.run("sleep 101 & sleep 102 &")
    m.wait_for(lambda: len(m.run("pgrep sleep").split()) == 2, 20, "two programs of that name")
    assert re.search(r"^\d+ sleep 102$", m.run("pgrep -af 'sleep 10[2-9]'"), re.M)
    m.run("pkill sleep; wait")
    assert m.run("pgrep sleep; echo $?").strip().endswith("1")


def test_time_counts(m):
    out = m.run("time -p sleep 0.3")
    assert 0.25 < float(re.search(r"real (\S+)", out)[1]) < 5, out
    assert float(re.search(r"user (\S+)", m.run("time -p sh -c 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done'"))[1]) > 0


def test_top(m):
    m.run("sh -c 'while :; do :; done' & echo $! > /tmp/pid")
    out = m.run("top -b -n 2 -d 0.5")
    m.run("kill $(cat /tmp/pid); wait")
    busy = re.findall(r"^ *\d+ root .* R +([\d.]+) .* sh -c while", out, re.M)
    assert busy and float(busy[-1]) > 50, out
    m.serial.send("top\r")
    m.expect(r"Tasks: \d+ total")
    m.serial.send("q")
    m.expect(PROMPT)
    assert m.run("echo back").strip().endswith("back")


def test_proc_names_what_a_process_is(m):
    m.run("sh -c 'kill -STOP $$' & wait; true")
    status = m.run("cat /proc/self/status")
    for line in (r"Name:\tcat", r"Threads:\t1", r"SigBlk:\t0{16}", r"Cpus_allowed_list:\t0", r"VmRSS:\t +\d+ kB", r"TracerPid:\t0"):
        assert re.search("^" + line + "$", status, re.M), line
    assert len(m.run("cat /proc/self/stat").split()) == 52
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", m.run("cat /proc/sys/kernel/random/uuid").strip())
    assert m.run("cat /proc/sys/kernel/random/boot_id") == m.run("cat /proc/sys/kernel/random/boot_id")
    assert "tmpfs" in m.run("cat /proc/filesystems") and " / / rw" in m.run("cat /proc/self/mountinfo")


@pytest.mark.skipif(len(PROCPS) < 5, reason="procps is not installed here")
def test_procps(m):
    out = m.run("/procps/ps aux")
    assert re.search(r"^root +1 .* /sbin/init$", out, re.M) and re.search(r"^root +\d+ .* R\+ .* /procps/ps aux$", out, re.M), out
    assert re.search(r"^Mem: +\d+ +\d+ +\d+", m.run("/procps/free"), re.M)
    assert "load average" in m.run("/procps/uptime")
    assert re.search(r"^ *\d+ +\d+ +0 +\d+", m.run("/procps/vmstat"), re.M)
    assert re.search(r"^2 sh$", m.run("/procps/pgrep -l sh"), re.M)
