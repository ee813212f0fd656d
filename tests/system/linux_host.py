"""Running a program on this machine's Linux as the guest's shell runs it: with a terminal of its own."""
import fcntl
import os
import pty
import subprocess
import termios

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAMS = os.path.join(ROOT, "build", "user", "tests")


def programs():
    return sorted(f[:-2] for f in os.listdir(os.path.join(ROOT, "tests", "system")) if f.endswith(".c"))


def run(command, seconds=120, **options):
    """(standard output, exit status); its terminal is a new pty and its session a new one."""
    master, slave = pty.openpty()

    def take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.umask(0o22)

    try:
        done = subprocess.run(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                              start_new_session=True, preexec_fn=take_terminal, **options)
        return done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode("utf-8", "replace") + "\n(no end)", -1
    finally:
        os.close(slave)
        os.close(master)
