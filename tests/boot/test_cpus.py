"""Every CPU starts, on every kind of machine; what firmware does not say costs CPUs, not the boot."""
import re

import pytest

from machine import Machine


def cpus_of(m):
    """What a program counts, checked against what the log says."""
    n = int(m.run("busybox nproc"))
    assert len(re.findall(r"^processor\s*:", m.run("cat /proc/cpuinfo"), re.M)) == n
    assert re.search(r"^flags\s*: fpu\b.* cx8\b.* sse2\b.* nx\b.* lm\b.* cx16\b", m.run("head -n 30 /proc/cpuinfo"), re.M)  # what all that run this have
    assert f"smp: {n} of " in m.run("dmesg")
    return n


def work(m):
    """Enough processes at once for every CPU to get some."""
    m.run("for i in 1 2 3 4 5 6 7 8; do busybox ls / | busybox sort | busybox wc -l & done; wait", 120)
    assert m.run("echo $((6*7)) | cat").splitlines()[0] == "42"


@pytest.mark.parametrize("n", [1, 2, 3, 4, 8, 16])
def test_bios(n):
    with Machine("bios", machine="pc" if n % 3 == 0 else "q35", args=("-smp", str(n))) as m:
        m.boot()
        assert cpus_of(m) == n
        work(m)


@pytest.mark.parametrize("n", [2, 16])
def test_uefi(n):
    with Machine("uefi", args=("-smp", str(n))) as m:
        m.boot()
        assert cpus_of(m) == n
        work(m)


KINDS = {
    "max": dict(cpu="max"),
    "x2apic": dict(cpu="qemu64,+x2apic"),
    "sockets": dict(args=("-smp", "4,sockets=2,cores=1,threads=2")),
    "firmwares-own-tables": dict(machine="q35,acpi=off"),
    "small": dict(memory="64M"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind):
    with Machine("bios", **{"args": ("-smp", "4"), **KINDS[kind]}) as m:
        m.boot()
        assert cpus_of(m) == 4
        work(m)


ONE = {
    "acpi-off-pc": dict(machine="pc,acpi=off"),
    "no-apic": dict(cpu="qemu64,-apic"),
}


@pytest.mark.parametrize("kind", ONE)
def test_old_ways(kind):
    """Without ACPI or APIC one CPU is found, and works."""
    with Machine("bios", args=("-smp", "1" if kind == "no-apic" else "4"), **ONE[kind]) as m:
        m.boot()
        assert cpus_of(m) == 1
        work(m)


@pytest.mark.parametrize("words,n", [("maxcpus=2", 2), ("maxcpus=1", 1), ("maxcpus=0", 1), ("nosmp", 1), ("maxcpus=99", 4)])
def test_command_line(isos, words, n):
    with Machine("bios", iso=isos("cpus-" + words, "quiet " + words), args=("-smp", "4")) as m:
        m.boot()
        assert cpus_of(m) == n


def cpu_times(m):
    """Seconds since boot, and the rows of /proc/stat: the sum, then each CPU."""
    stat = m.run("cat /proc/stat; echo up $(cat /proc/uptime)")
    return float(re.search(r"^up ([\d.]+)", stat, re.M)[1]), [list(map(int, line.split()[1:])) for line in stat.splitlines() if line.startswith("cpu")]


def test_what_each_cpu_did(isos):
    """/proc/stat: a line for each CPU, and their sum; each CPU's four states are all of its time."""
    with Machine("bios", args=("-smp", "4")) as m:
        m.boot()
        m.run("for i in 1 2; do sh -c 'while :; do :; done' & done")
        for tries in range(3):  # the host may stop a CPU for as long as this takes
            _, before = cpu_times(m)
            m.run("sleep 6")
            up, cpus = cpu_times(m)
            user, idle = ([now[column] - then[column] for now, then in zip(cpus[1:], before[1:])] for column in (0, 3))
            if sum(t > 300 for t in user) == 2 and sum(t > 300 for t in idle) == 2:
                break
        else:
            assert False, (user, idle)
        assert len(cpus) == 5
        for column in range(4):
            assert abs(cpus[0][column] - sum(cpu[column] for cpu in cpus[1:])) <= 4  # rounded apart
        # From when it was started, and on a busy host that may be a while after the first.
        assert all(-50 < up * 100 - sum(cpu) < 50 + up * 10 for cpu in cpus[1:]), (up, cpus)
        load = re.match(r"(\d\.\d\d) \d\.\d\d \d\.\d\d (\d+)/\d+ \d+", m.run("cat /proc/loadavg"))
        assert float(load[1]) > 0.05 and int(load[2]) >= 3, load
        rows = [line.split() for line in m.run("cat /proc/interrupts").splitlines()]
        assert rows[0] == ["CPU0", "CPU1", "CPU2", "CPU3"]
        timers = next(row for row in rows if row[0] == "LOC:")
        assert all(int(n) > 0 for n in timers[1:5]), timers


def test_lines_of_the_log_stay_whole(isos):
    """Eight threads and the interrupt handlers of four CPUs log at once: every line is on both consoles, once."""
    with Machine("bios", iso=isos("cpus-log", "selftest=bench-log-lines"), args=("-smp", "4")) as m:
        m.expect(r"selftest: 1 run", 60)
        for text in (m.serial_text(), m.e9_text()):
            lines = [line for line in text.replace("\r", "").split("\n") if "log-lines " in line and "selftest" not in line]
            whole = re.compile(r"\[ *\d+\.\d{6}\] log-lines (thread|interrupt cpu) \d line \d+ [a-z]* ?end\.")
            assert all(whole.fullmatch(line) for line in lines), [line for line in lines if not whole.fullmatch(line)]
            threads = [re.search(r"thread \d line \d+", line)[0] for line in lines if "thread" in line]
            assert len(set(threads)) == len(threads) == 8 * 40
            assert len(lines) == 8 * 40 + 8 * 10 * 3


def test_selftests_on_four(isos):
    with Machine("bios", iso=isos("cpus-selftest", "quiet selftest=all"), args=("-smp", "4")) as m:
        m.boot()
        assert "selftest: smp-calls ok" in m.run("dmesg")


def test_a_panic_stops_the_others(isos):
    with Machine("bios", iso=isos("cpus-panic", "selftest=die-null"), args=("-smp", "4")) as m:
        m.expect(r"cpu 0, thread 'boot'", 60)
        for cpu in (1, 2, 3):
            m.expect(rf"cpu {cpu}, thread '[^']+', was in \w+", 10)
        m.expect("System halted", 10)
