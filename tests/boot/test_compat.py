"""compat: what a program asked for and did not get is counted for it, and said in the log once."""
import re

from machine import Machine


def test_what_is_missing_is_counted_and_said_once():
    with Machine("bios") as m:
        m.boot()
        assert "nothing was asked for in vain" in m.run("compat")
        m.run("busybox sh -c 'for i in 1 2 3; do cat /proc/nope /sys/nope /proc/$$/nope /proc/99999/nope /proc/self/fd/99 /tmp/nope; done' 2>/dev/null")
        lines = m.run("compat cat")
        for path in ("/proc/nope", "/sys/nope", "/proc/PID/nope"):
            assert re.search(rf"^cat +3  openat {path}: No such file or directory", lines, re.M), lines
        assert "99999" not in lines and "/fd/" not in lines and "/tmp" not in lines
        assert m.run("dmesg").count("openat /proc/nope is not there") == 1
        assert re.search(r"busybox +\d+  rseq: Function not implemented \(harmless: ", m.run("compat busybox"))
        assert "nothing was asked for in vain" in m.run("compat -x true")
        lines = m.run("compat -x busybox cat /proc/other; echo status $?")
        assert "openat /proc/other" in lines and "/proc/nope" not in lines and "status 1" in lines


def test_the_table_is_bounded():
    """No program gets more than 64 rows, and the others still get theirs."""
    with Machine("bios") as m:
        m.boot()
        m.run("busybox sh -c 'seq 1 200 | sed s,^,/sys/, | xargs cat' 2>/dev/null")
        lines = m.run("compat")
        assert 60 < len(re.findall(r"^cat ", lines, re.M)) <= 64
        assert re.search(r"^\(1\d\d more found no room", lines, re.M), lines
        assert "openat /sys/mine" in m.run("compat -x busybox head /sys/mine 2>/dev/null")
