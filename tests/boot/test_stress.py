"""The distribution's stress-ng and rt-tests, unmodified: they check what they get, and afterwards the machine is
as it was: no process and no memory is kept, and the log has no complaint of the kernel's.

How much is done in the time depends on the host; what is done must be right. NIGHTLY=1 adds other numbers of
CPUs, and every stressor by itself."""
import fcntl
import os
import re
import subprocess

import pytest

from machine import BUILD, ROOT, Machine

MEBI = 1024

# Each together for at most this long, and each with a bounded number of operations unless stress-ng miscounts
# them (on Linux too). What it checks itself (--verify) is the test.
SECONDS = 4
MIXES = {
    "processes": "--fork 2 --fork-ops 400 --vfork 2 --vfork-ops 400 --clone 1 --clone-ops 200 --wait 2 --wait-ops 200 "
                 "--kill 2 --kill-ops 1000 --zombie 1 --zombie-ops 500 --session 1 --session-ops 50 --ptrace 1 --ptrace-ops 500 "
                 "--exit-group 1 --exit-group-ops 50 --nice 1 --nice-ops 20 --set 1 --set-ops 100",
    "threads": "--pthread 2 --pthread-ops 400 --futex 2 --futex-ops 2000 "
               "--switch 2 --switch-ops 5000 --context 1 --context-ops 200 --membarrier 1 "
               "--membarrier-ops 50 --affinity 2 --affinity-ops 200 --vecwide 1 "
               "--vecwide-ops 100 --regs 1 --regs-ops 20",
    "signals": "--signal 1 --signal-ops 2000 --sigq 2 --sigq-ops 2000 --sigsegv 1 --sigsegv-ops 500 --sigfpe 1 --sigfpe-ops 500 "
               "--sigsuspend 1 --sigsuspend-ops 500 --sigpending 1 --sigpending-ops 500 --sigrt 1 --sigrt-ops 500 --sigchld 1 "
               "--sigchld-ops 200 --sigfd 1 --sigfd-ops 1000 --sigtrap 1 --sigtrap-ops 200 --bad-altstack 1 --bad-altstack-ops 200 "
               "--alarm 1 --alarm-ops 3 --itimer 1 --itimer-ops 300 --timer 1 --timer-ops 300",
    "waiting": "--pipe 2 --pipe-ops 5000 --ring-pipe 1 --ring-pipe-ops 5000 --poll 1 --poll-ops 200 "
               "--epoll 1 --epoll-ops 100 --eventfd 2 --eventfd-ops 2000 --timerfd 1 --timerfd-ops 200 --nanosleep 1 "
               "--nanosleep-ops 20 --clock 1 --clock-ops 50 --fifo 1 --fifo-ops 1000 --sockpair 1 --sockpair-ops 500",
    "memory": "--vm 2 --vm-bytes 16M --vm-ops 2000 --mmap 2 --mmap-bytes 8M --mmap-ops 10 --mremap 1 --mremap-bytes 4M --mremap-ops 20 "
              "--madvise 1 --madvise-ops 5 --mprotect 1 --mprotect-ops 50 --mincore 1 --mincore-ops 200 --mlock 1 --mlock-ops 200 "
              "--memfd 1 --memfd-bytes 8M --memfd-ops 10 --malloc 2 --malloc-bytes 8M --malloc-ops 2000 --stack 1 --stack-ops 2 "
              "--fault 1 --fault-ops 500 --vm-rw 2 --vm-rw-bytes 2M --vm-rw-ops 5 --tlb-shootdown 1 --tlb-shootdown-ops 20 "
              "--brk 1 --brk-ops 2000 --vm-segv 1 --vm-segv-ops 50",
    "files": "--dentry 1 --dentry-ops 500 --dir 1 --dir-ops 50 --rename 1 --rename-ops 500 --link 1 --link-ops 1 "
             "--open 1 --open-ops 500 --fstat 1 --fstat-ops 100 --chmod 1 --chmod-ops 50 --touch 1 --touch-ops 200 "
             "--seek 1 --seek-ops 200 --hdd 1 --hdd-bytes 1M --hdd-ops 200 --locka 1 --locka-ops 200 --lockf 1 --lockf-ops 200 "
             "--dup 1 --dup-ops 50 --getdent 1 --getdent-ops 20 --procfs 1 --procfs-ops 10 --urandom 1 --urandom-ops 20",
    "by-time": "--mutex 2 --sem 2 --yield 2 --schedpolicy 1 --pipeherd 1 --race-sched 1 --resched 1 --wait 1",
}


@pytest.fixture(scope="module")
def image():
    """Made once a session: the packages are fetched the first time and kept beside the build."""
    out = os.path.join(BUILD, "stress.iso")
    with open(os.path.join(BUILD, "stress.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = os.path.getmtime(os.path.join(BUILD, "rustica.iso"))
        if not os.path.exists(out) or os.path.getmtime(out) < stamp:
            subprocess.run(["make", "-s", "-C", ROOT, "iso", f"IMAGE={out}", "PACKAGES=stress-ng rt-tests"], check=True)
    return out


NIGHTLY = "NIGHTLY" in os.environ

# Stressors that want what this kernel does not have, and call that a failure.
ABSENT = {
    "dccp": "that protocol", "get": "adjtime(3) steering the clock", "icmp-flood": "IP raw sockets",
    "netdev": "SIOCGIFCONF", "netlink-proc": "netlink", "netlink-task": "netlink", "physpage": "/proc/PID/pagemap", "pty": "/dev/ptmx",
    "rawpkt": "packet sockets", "rawsock": "IP raw sockets", "rawudp": "IP raw sockets", "sctp": "that protocol", "sem-sysv": "System V IPC",
    "smi": "reading MSRs", "sockdiag": "netlink", "swap": "swapping", "tee": "splice", "udp-flood": "AF_PACKET",
    "cpu-online": "pulling CPUs out",
    "watchdog": "a watchdog device", "iomix": "an fallocate that is done before its alarm: Linux's tmpfs says EINTR as well",
}


@pytest.fixture(scope="module", params=[4, 1, 2, 8] if NIGHTLY else [4])
def m(request, image):
    with Machine("bios", iso=image, memory="1G", args=["-smp", str(request.param)]) as machine:
        yield machine.boot()


def used_kib(m):
    return int(re.search(r"^Mem:\s+\d+\s+(\d+)", m.run("free"), re.M)[1])


def expect_as_before(m, before):
    """Grandchildren may end after their parents, and the dead are buried by a thread of their own."""
    m.wait_for(lambda: len(re.findall(r"^ *\d+ ", m.run("ps"), re.M)) == 3, 30, "end of all but init, the shell and ps")
    m.wait_for(lambda: used_kib(m) < before + MEBI, 30, f"memory back to {before} KiB")
    assert not re.search(r"watchdog|warning|BUG|leak", m.run("dmesg"))


def run(m, line, seconds):
    before = used_kib(m)
    out = m.run(f"{line}; echo status $?", seconds)
    assert "status 0" in out, out
    expect_as_before(m, before)
    return out


@pytest.mark.parametrize("mode", ["", "-T", "-p", "-p -T"])
def test_hackbench(m, mode):
    assert re.search(r"^Time: \d+", run(m, f"hackbench -l 20 {mode}", 120), re.M)


def test_cyclictest(m):
    """Every thread wakes as often as it asked. How soon is the host's affair as much as the kernel's."""
    out = run(m, "cyclictest -t 2 -p 80 -i 1000 -l 300 -m -q", 120)
    first = re.search(r"T: 0 .*C: +(\d+) Min: +(\d+) .*Avg: +(\d+)", out)
    assert int(first[1]) == 300 and int(first[2]) < 10_000
    assert re.search(r"T: 1 .*C: +[1-9]", out)


def test_handing_over(m):
    """Wake-ups by mutex and by signal between threads of rising priority; priorities lent to owners of locks; single
    steps by a debugger."""
    assert len(re.findall(r"Cycles +[1-9]", run(m, "ptsematest -t 2 -p 80 -i 200 -l 100 -q", 120))) == 2
    assert len(re.findall(r"Cycles +[1-9]", run(m, "sigwaittest -t 2 -p 80 -i 200 -l 100 -q", 120))) == 2
    assert re.search("inversion performed: [1-9]", run(m, "pi_stress --duration=1 --groups=1 --quiet", 120))
    assert "All tests PASSED" in run(m, "ssdd -f 2 -i 50", 120)


@pytest.mark.parametrize("mix", MIXES)
def test_stress_ng(m, mix):
    m.run("mkdir -p /tmp/s && cd /tmp/s")
    try:
        out = run(m, f"stress-ng --verify --log-brief --timeout {SECONDS} {MIXES[mix]}", 240)
    finally:
        m.run("cd /")
    assert not [line for line in out.splitlines() if re.search(r"\bfail:|stressor failed|WARNING", line)], out


@pytest.mark.skipif(not NIGHTLY, reason="takes a quarter of an hour: set NIGHTLY=1")
def test_each_stressor(image):
    """Exit status 3 and 4: stress-ng found no resource, or nothing to do here, and says so."""
    with Machine("bios", iso=image, memory="1G", args=["-smp", "4"]) as m:
        m.boot()
        m.run("mkdir -p /tmp/s && cd /tmp/s")
        wrong = {}
        for name in re.findall(r"[a-z][a-z0-9-]+", m.run("stress-ng --stressors")):
            out = "" if name in ABSENT else m.run(f"stress-ng --verify --log-brief --timeout 2 --{name} 2; echo status $?; rm -rf /tmp/s/*", 240)
            if out and not re.search(r"status [034]\b|--pathological", out):
                wrong[name] = out
        assert not wrong, "\n".join(wrong.values())
        assert not re.search(r"watchdog:|BUG|leak", m.run("dmesg"))
