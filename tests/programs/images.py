"""The image that the scenarios (tests/programs/*.sh, *.py) run in: Debian's packages that they name, unmodified, and
the scenarios in /t. The same tree is the guest's initrd and a chroot on this machine's Linux."""
import fcntl
import hashlib
import os
import pty
import re
import shutil
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
PLACE = os.path.join(ROOT, "build", "programs")
BASE = os.path.join(PLACE, "base")  # the packages, unpacked
TREE = os.path.join(PLACE, "tree")  # the whole initrd, unpacked
INITRD = os.path.join(PLACE, "initrd.tar")
USER = os.path.join(ROOT, "build", "user")
ROOTFS = os.path.join(ROOT, "src", "user", "rootfs")


def scenarios():
    return sorted(f.rsplit(".", 1)[0] for f in os.listdir(HERE) if re.search(r"^# Packages:", open(os.path.join(HERE, f)).read(400), re.M))


def packages():
    names = set()
    for f in os.listdir(HERE):
        for line in re.findall(r"^# Packages: (.*)", open(os.path.join(HERE, f)).read(400), re.M):
            names.update(line.split())
    return sorted(names)


def unpack_packages():
    """Once for a list of packages: downloading takes a minute, unpacking half of one."""
    wanted = hashlib.sha256(" ".join(packages()).encode() + open(os.path.join(ROOT, "tools", "packages"), "rb").read()).hexdigest()
    stamp = os.path.join(PLACE, "base.stamp")
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return
    shutil.rmtree(BASE, ignore_errors=True)
    os.makedirs(BASE)
    subprocess.run([os.path.join(ROOT, "tools", "packages"), BASE, *packages()], check=True)
    with open(stamp, "w") as f:
        f.write(wanted)


def state():
    """Of all that the image is made of, beside the packages: built again only when one of them is newer."""
    parts = [os.path.join(ROOT, "tools", "mkinitrd"), os.path.join(PLACE, "base.stamp"), os.path.join(ROOT, "build", "rustica.elf")]
    for folder in (HERE, USER, ROOTFS):
        parts += [os.path.join(at, f) for at, _, files in os.walk(folder) for f in files if "__pycache__" not in at]
    return hashlib.sha256(repr([(f, os.lstat(f).st_size, os.lstat(f).st_mtime_ns) for f in sorted(parts)]).encode()).hexdigest()


def make_initrd_and_tree():
    extra = os.path.join(PLACE, "extra")
    for folder in (extra, TREE):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    shutil.copytree(HERE, os.path.join(extra, "t"), ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([os.path.join(ROOT, "tools", "mkinitrd"), INITRD, USER, ROOTFS, "/bin/busybox", BASE, extra], check=True)
    subprocess.run(["tar", "-C", TREE, "-xpf", INITRD], check=True)


def make(to_iso):
    """The ISO's path: what to_iso() returns for the initrd, from the programs as they are built now. Workers take turns;
    the second one finds it made."""
    os.makedirs(PLACE, exist_ok=True)
    with open(os.path.join(PLACE, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unpack_packages()
        made = os.path.join(PLACE, "made")
        if not os.path.exists(made) or open(made).read().split("\n")[0] != state():
            make_initrd_and_tree()
            iso = to_iso(INITRD)
            with open(made, "w") as f:
                f.write(f"{state()}\n{iso}")
        return open(made).read().split("\n")[1]


def may_have_namespaces():
    """Not in every container; without them Linux has nothing to be compared with."""
    return subprocess.run(in_namespaces() + ["mount", "-t", "tmpfs", "tmpfs", "/mnt"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def in_namespaces():
    return ["unshare", "--ipc", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount", "--pid", "--fork", "--kill-child", "--net"]


def own_devices(dev):
    """Shell: a /dev of the tree's own, with what the guest's has and nothing of this machine beside."""
    return f"""mount -t tmpfs -o mode=755 tmpfs {dev} && mkdir {dev}/pts {dev}/shm {dev}/mqueue
for d in null zero full random urandom tty; do : >{dev}/$d; mount --bind /dev/$d {dev}/$d; done
mount -t devpts -o newinstance,ptmxmode=666 devpts {dev}/pts; mount -t tmpfs -o mode=1777 tmpfs {dev}/shm; mount -t mqueue mqueue {dev}/mqueue
ln -s pts/ptmx {dev}/ptmx; ln -s /proc/self/fd {dev}/fd; for n in 0/stdin 1/stdout 2/stderr; do ln -s /proc/self/fd/${{n%/*}} {dev}/${{n#*/}}; done
"""


def default_signals():
    """A program started with & in a script ignores these, and so would all that it starts."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def on_linux(name, seconds=300):
    """What the scenario prints on this Linux, in a root, terminal, process numbers and network of its own."""
    enter = own_devices(f"{TREE}/dev") + f"""mount -t tmpfs tmpfs {TREE}/tmp && mount -t proc proc {TREE}/proc && /bin/busybox ip link set lo up
exec setsid --ctty chroot {TREE} /bin/sh -c '/t/run {name} >/tmp/out 2>&1; echo status $? >>/tmp/out; exec cat /tmp/out'"""
    master, slave = pty.openpty()
    try:
        done = subprocess.run([*in_namespaces(), "sh", "-c", enter], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                              preexec_fn=default_signals)
    finally:
        os.close(slave)
        os.close(master)
    return plain(done.stdout.decode("utf-8", "replace"))


def plain(text):
    """Without what cannot be the same: process numbers in the shells' and strace's messages."""
    text = re.sub(r"(line \d+:) +\d+ ", r"\1 PID ", text.replace("\r", ""))
    return re.sub(r"(Process|\[pid) +\d+", r"\1 PID", text)
